"""The doors of membership."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.membership import follow_ups, lessons, wake_ups
from services.membership.care import DECORATION_GUIDE
from services.membership.customer_managers import households, roster
from services.membership.forum import posts
from services.membership.members import members
from services.membership.profiles import HIGH_VALUE, profiles
from services.membership.project_holds import project_holds

SERVICE = Service(
    "membership",
    [profiles, members, roster, households, wake_ups.care_tasks, lessons.follow_ups, project_holds, posts],
    replicates=["leads/project", "leads/home", "leads/customer", "complaints/sensitive_point"],
    parameters=[DECORATION_GUIDE, HIGH_VALUE, *follow_ups.PARAMETERS],
)


class Membership(Doors):
    """The owners' club, customer managers, care and follow-up."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Membership
