"""Members of the owners' club, from the invitation to their leaving (B-04, B-05)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import HandoverCompleted
from services.contracts.events.membership import MemberJoined, MemberLeft
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContactChannel, CustomerUid, HomeId, Moment, Number, ProjectId, Reason
from services.membership.places import READERS

DESK = [Role.CLUB_OFFICER, Role.CUSTOMER_MANAGER]


class Member(Record):
    """A customer in the club; the number is the member's own from the invitation on (B-04)."""

    __table_args__ = (
        sa.Index(
            "uq_member_live",
            "uid",
            unique=True,
            sqlite_where=sa.text("state <> 'left'"),
            postgresql_where=sa.text("state <> 'left'"),
        ),
    )

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    invited_at: Mapped[Moment]
    joined_at: Mapped[Moment | None]
    channel: Mapped[ContactChannel | None]
    reason: Mapped[Reason | None]

    @property
    def member_number(self) -> str:
        """As `member_joined` names it."""
        return self.number


members = Process(
    Member,
    numbered="MB",
    readers=READERS,
    listed=["number", "uid", "home_id", "invited_at", "joined_at", "channel"],
    filters=["uid", "home_id", "project_id", "joined_at", "channel"],
    search=["number", "uid"],
)


@members.create("invited", by=[Role.CLUB_OFFICER])
def invite(uid: CustomerUid, project_id: ProjectId, work: Work, home_id: HomeId | None = None) -> Member:
    """Invite an owner, a prospective owner or a friend into the club (B-04)."""
    work.need_replica("leads/customer", uid, field="uid")
    if any(member.state != "left" for member in _memberships(work, uid)):
        raise ValidationFailed.of("uid", "taken")
    place = place_of(work, home_id, project_id)
    return Member(uid=uid, home_id=home_id, invited_at=work.now, **place)


@members.move("invited", "joined", by=DESK, emits=[MemberJoined])
def join(member: Member, channel: ContactChannel, work: Work) -> None:
    """The customer accepts, through which channel (B-05)."""
    member.channel, member.joined_at = channel, work.now


@members.move("joined", "active", by=DESK)
def activate(member: Member) -> None:
    """The member takes part for the first time (B-05)."""


@members.move("active", "lapsed", by=[Role.CLUB_OFFICER])
def lapse(member: Member, reason: Reason) -> None:
    """The member has not taken part for long (B-05)."""
    member.reason = reason


@members.move(("joined", "active", "lapsed"), "left", by=DESK, emits=[MemberLeft])
def leave(member: Member, reason: Reason) -> None:
    """The member leaves, at once from wherever they are (B-05)."""
    member.reason = reason


@members.reacts(HandoverCompleted)
def on_handover_completed(event: HandoverCompleted, work: Work) -> None:
    """Invite the new owner, once per customer, whatever became of an earlier invitation (B-04, L-117)."""
    if not _memberships(work, event.uid):
        work.perform(invite, uid=event.uid, project_id=event.project_id, home_id=event.home_id)


def _memberships(work: Work, uid: str) -> list[Member]:
    return work.all(Member, Member.uid == uid)
