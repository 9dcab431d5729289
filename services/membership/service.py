"""The doors of membership."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.membership import contacts, explanation, follow_ups, lessons, rfm, segments, sensitive_points
from services.membership.care import DECORATION_GUIDE
from services.membership.customer_managers import households, roster
from services.membership.forum import posts
from services.membership.members import members
from services.membership.profiles import HIGH_VALUE
from services.membership.project_holds import project_holds
from services.membership.purchases import purchases
from services.membership.wake_ups import wake_ups

SERVICE = Service(
    "membership",
    [
        explanation.profiles,
        contacts.counted_contacts,
        purchases,
        segments.segment_runs,
        members,
        roster,
        households,
        sensitive_points.care_tasks,
        wake_ups,
        lessons.follow_ups,
        project_holds,
        posts,
    ],
    replicates=["leads/project", "leads/home", "leads/customer", "complaints/sensitive_point"],
    parameters=[DECORATION_GUIDE, HIGH_VALUE, *follow_ups.PARAMETERS, *rfm.PARAMETERS, *segments.PARAMETERS],
    founding=[segments.found],
    forgets=[contacts.forgotten],
)


class Membership(Doors):
    """The owners' club, customer managers, care and follow-up."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Membership
