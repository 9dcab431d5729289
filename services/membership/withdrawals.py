"""Customers whose import was taken back: nobody of the club turns to them any more (L-02)."""

from __future__ import annotations

from services.chassis.work import Work
from services.contracts.events.leads import CustomerWithdrawn
from services.contracts.roles import Role
from services.membership import content_suggestions, wake_ups
from services.membership.content_suggestions import ContentSuggestion
from services.membership.follow_ups import OPEN, FollowUp
from services.membership.lessons import follow_ups
from services.membership.members import Member
from services.membership.profiles import KEPT, Profile, profiles
from services.membership.wake_ups import WakeUp

__all__ = ["follow_ups"]

STILL_MEMBER = "withdrawn_customer_is_member"


@profiles.move(KEPT, "withdrawn", by=[Role.SYSTEM])
def withdraw(profile: Profile) -> None:
    """The UID stands for nobody any more (L-02)."""


@follow_ups.move(OPEN, "called_off", by=[Role.SYSTEM])
def call_off(follow_up: FollowUp) -> None:
    """There is nobody to call (L-02)."""


@profiles.reacts(CustomerWithdrawn)
def on_customer_withdrawn(event: CustomerWithdrawn, work: Work) -> None:
    """End the profile and what was going to be done; somebody looks at a membership that remains (L-02)."""
    profile = work.session.get(Profile, event.uid)
    if profile is not None and profile.state in KEPT:
        work.perform(withdraw, profile)
    for call in work.all(FollowUp, FollowUp.uid == event.uid, FollowUp.state.in_(OPEN)):
        work.perform(call_off, call)
    for suggestion in work.all(ContentSuggestion, uid=event.uid, state="suggested"):
        work.perform(content_suggestions.drop, suggestion)
    for wake_up in work.all(WakeUp, uid=event.uid, state="open"):
        work.perform(wake_ups.drop, wake_up, reason="")
    for member in work.all(Member, Member.uid == event.uid, Member.state != "left"):
        work.task(STILL_MEMBER, member, role=Role.CLUB_OFFICER)
