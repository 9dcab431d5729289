"""Entries of the call and visit registers: written once, the sole evidence for ownership (L-20 to L-23, X-47)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.parameters import Parameter
from services.chassis.registers import Register
from services.contracts.vocabulary.common import (
    ContactChannel,
    Count,
    CustomerUid,
    LongText,
    Minutes,
    Moment,
    Number,
    User,
)
from services.contracts.vocabulary.sales import ConcernTopic, HowNamed, Strength, VisitKind, VisitPlace

#: Within how many days after the call the caller has to be invited to the site (L-41).
CALL_WINDOW = Parameter("protection.call", 5, "days", "L-41")


class CallEntry(Register):
    """One incoming call (L-20). `agent` took it, and has the customer for a while; a call that the hotline took is
    nobody's. The caller's name and telephone are on the customer's record."""

    __table_args__ = (sa.Index(None, "uid", "project_id", "at"),)

    number: Mapped[Number]
    at: Mapped[Moment]
    uid: Mapped[CustomerUid]
    agent: Mapped[User | None]
    source: Mapped[ContactChannel]
    topic: Mapped[ConcernTopic | None]
    needs: Mapped[LongText | None]
    is_invited: Mapped[bool]
    appointment_at: Mapped[Moment | None]


class VisitEntry(Register):
    """One visit (L-21). `agent` is whose visit it is: whom the customer named at intake, or who received them by
    rotation; `deputy` received them in the agent's absence."""

    __table_args__ = (sa.Index(None, "uid", "project_id", "at"),)

    number: Mapped[Number]
    at: Mapped[Moment]
    kind: Mapped[VisitKind]
    place: Mapped[VisitPlace]
    uid: Mapped[CustomerUid]
    agent: Mapped[User]
    deputy: Mapped[User | None]
    named_agent: Mapped[User | None]
    how_named: Mapped[HowNamed | None]
    been_before: Mapped[bool]
    has_called: Mapped[bool]
    is_recommended: Mapped[bool]
    referrer_uid: Mapped[CustomerUid | None]
    party_size: Mapped[Count]
    needs: Mapped[LongText | None]
    objection_topic: Mapped[ConcernTopic | None]
    objection: Mapped[LongText | None]
    objection_strength: Mapped[Strength | None]
    duration: Mapped[Minutes | None]
    next_step: Mapped[LongText | None]
