"""What the rotation keeps of each customer who was received."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.records import Record
from services.contracts.vocabulary.common import CustomerUid, LongText, Moment, Number, User
from services.contracts.vocabulary.rotation import Assignment, RosterId, RotationSlotId, Why
from services.contracts.vocabulary.sales import VisitEntryId


class Reception(Record):
    """One customer received by one agent (L-25). `for_agent` is whose customer it is where `agent` deputises;
    `brought_by_uid` is the old customer who came along (D-03); `why` says how the rotation came to this."""

    number: Mapped[Number]
    roster_id: Mapped[RosterId]
    slot_id: Mapped[RotationSlotId]
    visit_id: Mapped[VisitEntryId]
    uid: Mapped[CustomerUid]
    agent: Mapped[User]
    for_agent: Mapped[User | None]
    brought_by_uid: Mapped[CustomerUid | None]
    assignment: Mapped[Assignment]
    turn_counted: Mapped[bool]
    why: Mapped[Why]
    started_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    summary: Mapped[LongText | None]
