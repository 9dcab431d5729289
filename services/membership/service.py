"""The doors of membership."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.membership import (
    contacts,
    explanation,
    follow_ups,
    referral_news,
    rfm,
    segments,
    sensitive_points,
    withdrawals,
)
from services.membership.care import DECORATION_GUIDE
from services.membership.content_suggestions import content_suggestions
from services.membership.customer_managers import households, roster
from services.membership.forum import posts
from services.membership.members import members
from services.membership.profiles import HIGH_VALUE
from services.membership.project_holds import project_holds
from services.membership.purchases import purchases
from services.membership.referrals import REWARD_FEE
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
        withdrawals.follow_ups,
        project_holds,
        posts,
        referral_news.referrals,
        content_suggestions,
    ],
    replicates=["leads/project", "leads/home", "leads/customer", "complaints/sensitive_point"],
    parameters=[
        DECORATION_GUIDE,
        HIGH_VALUE,
        REWARD_FEE,
        *follow_ups.PARAMETERS,
        *rfm.PARAMETERS,
        *segments.PARAMETERS,
    ],
    founding=[segments.found],
    forgets=[contacts.forgotten],
)


class Membership(Doors):
    """The owners' club, customer managers, care and follow-up."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Membership
