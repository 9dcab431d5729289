"""What the registers say about a customer in a project, as the rules take it (L-23, X-47)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from services.chassis.registers import standing
from services.chassis.work import Work
from services.leads.ownership.records import OwnershipException, SplitDecision
from services.leads.ownership.rules import Contact, Transfer
from services.leads.reception.entries import CallEntry, VisitEntry

E = TypeVar("E", bound=CallEntry | VisitEntry)


@dataclass(frozen=True)
class History:
    """The contacts and transfers, and the entry that now stands for each contact."""

    contacts: list[Contact]
    transfers: list[Transfer]
    entries: Mapping[str, CallEntry | VisitEntry]

    @property
    def latest(self) -> Contact | None:
        """The last time that the customer called or came."""
        return max(self.contacts, key=lambda one: one.place, default=None)


def take_turns(work: Work, uid: str, project_id: str) -> None:
    """Until this transaction ends nobody else writes about whose customer this is in the project."""
    work.alone("ownership", uid, project_id)


def history_of(work: Work, uid: str, project_id: str) -> History:
    """Calls that an agent took and visits, with their corrections applied, and the transfers that were approved."""
    of_customer = {"uid": uid, "project_id": project_id}
    taken = work.all(CallEntry, standing(CallEntry), CallEntry.agent.is_not(None), **of_customer)
    calls = {first_of(work, one).id: one for one in taken}
    visits = {first_of(work, one).id: one for one in work.all(VisitEntry, standing(VisitEntry), **of_customer)}
    contacts = [Contact(entry=root, at=one.at, is_visit=False, agent=str(one.agent)) for root, one in calls.items()]
    contacts += [
        Contact(entry=root, at=one.at, is_visit=True, agent=one.agent, deputy=one.deputy, named=one.named_agent)
        for root, one in visits.items()
    ]
    return History(contacts, _transfers(work, uid, project_id), {**calls, **visits})


def first_of(work: Work, entry: E) -> E:
    """The first entry of a chain of corrections: what an entry is, whatever it says."""
    while entry.corrects_id is not None:
        entry = work.get(type(entry), entry.corrects_id)
    return entry


def _transfers(work: Work, uid: str, project_id: str) -> list[Transfer]:
    granted = work.all(
        OwnershipException,
        OwnershipException.project_id == project_id,
        OwnershipException.granted_at.is_not(None),
        sa.or_(OwnershipException.uid.is_(None), OwnershipException.uid == uid),
    )
    return [Transfer(at=one.granted_at, giver=one.giver, taker=one.taker) for one in granted if one.granted_at]


def deals_of(work: Work, uid: str, project_id: str) -> list[SplitDecision]:
    """The decisions that stand about the customer's deals in the project."""
    decided = SplitDecision.uid == uid, SplitDecision.project_id == project_id
    return work.all(SplitDecision, *decided, SplitDecision.state.in_(("payable", "held")))
