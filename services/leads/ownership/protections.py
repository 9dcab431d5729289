"""Protections of agents, worked out anew from the registers whenever these say something new (L-40 to L-42, L-46)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from services.chassis import clocks
from services.chassis.clocks import Alarm, clock
from services.chassis.process import Process
from services.chassis.work import Work
from services.contracts.events.leads_sales import OwnershipAssigned, OwnershipExpired, OwnershipExpiring
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Day, LifecycleStage, Moment, ProjectId, ShortText, User
from services.contracts.vocabulary.sales import CallEntryId, OwnershipBasis, VisitEntryId
from services.leads.customers.lifecycle import stage_of
from services.leads.ownership import rules
from services.leads.ownership.figures import ESCALATION, WARN_EARLY, WARN_LATE, figures_at
from services.leads.ownership.history import History, deals_of, history_of, take_turns
from services.leads.ownership.readers import of_agent
from services.leads.ownership.records import Protection
from services.leads.ownership.rules import Fate, Run
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS

ENDED = ("consumed", "expired", "ceded", "transferred")

protections = Process(
    Protection,
    key="protection_id",
    numbered="OP",
    readers=FLOOR_READERS,
    listed=["number", "uid", "agent", "basis", "due_on", "ends_on", "last_contact_at", "stage"],
    filters=["project_id", "uid", "agent", "basis", "stage", "starts_on", "ends_on", "due_on"],
    announces=[OwnershipAssigned, OwnershipExpired],
    own=of_agent(Protection, FLOOR_READERS, "agent"),
)


@protections.create("open", by=[Role.SYSTEM])
def assign(
    uid: CustomerUid,
    project_id: ProjectId,
    agent: User,
    basis: OwnershipBasis,
    starts_on: Day,
    ends_on: Day,
    due_on: Day,
    held_since: Moment,
    last_contact_at: Moment,
    entries: list[ShortText],
    work: Work,
    opened_by_call: CallEntryId | None = None,
    opened_by_visit: VisitEntryId | None = None,
) -> Protection:
    """The customer is this agent's until the end of the window (L-40)."""
    project, stage = project_of(work, project_id), stage_of(work, uid, project_id)
    return Protection(
        uid=uid,
        agent=agent,
        basis=basis,
        starts_on=starts_on,
        ends_on=ends_on,
        due_on=due_on,
        held_since=held_since,
        last_contact_at=last_contact_at,
        entries=entries,
        opened_by_call=opened_by_call,
        opened_by_visit=opened_by_visit,
        stage=LifecycleStage(stage.state) if stage is not None else None,
        project_id=project.id,
        company_id=project.company_id,
    )


@protections.move("open", "open", by=[Role.SYSTEM])
def go_on(
    protection: Protection,
    basis: OwnershipBasis,
    starts_on: Day,
    ends_on: Day,
    due_on: Day,
    held_since: Moment,
    last_contact_at: Moment,
    entries: list[ShortText],
    work: Work,
    opened_by_call: CallEntryId | None = None,
    opened_by_visit: VisitEntryId | None = None,
) -> None:
    """The next visit opens the next window, or an entry was corrected (L-42, X-47)."""
    protection.basis, protection.starts_on, protection.ends_on = basis, starts_on, ends_on
    protection.due_on, protection.held_since, protection.last_contact_at = due_on, held_since, last_contact_at
    protection.entries, protection.successor = entries, None
    protection.opened_by_call, protection.opened_by_visit = opened_by_call, opened_by_visit
    for rule in protections.clocks:
        clocks.restart(work, protections, protection, rule.name)


@protections.move("open", "expired", by=[Role.SYSTEM])
def expire(protection: Protection, work: Work) -> None:
    """The days are exceeded: the customer is free, and whoever closes will own the deal (L-42)."""
    work.emit(OwnershipExpired, protection, former_agent=protection.agent)


@protections.move("open", "consumed", by=[Role.SYSTEM])
def consume(protection: Protection) -> None:
    """A deal inside the window; its split is decided (L-42)."""


@protections.move("open", "ceded", by=[Role.SYSTEM])
def cede(protection: Protection, successor: User | None = None) -> None:
    """The customer went back to the agent whom they identified at intake (L-42)."""
    protection.successor = successor


@protections.move("open", "transferred", by=[Role.SYSTEM])
def hand_on(protection: Protection, successor: User | None = None) -> None:
    """The agent left or was reassigned, and the sales director agreed (L-42, X-36.11)."""
    protection.successor = successor


@protections.move(ENDED, "open", by=[Role.SYSTEM])
def reinstate(protection: Protection) -> None:
    """A late entry, a correction or a cancelled deal: by the registers it had not ended (L-23)."""


@protections.change("open", by=[Role.SYSTEM])
def note_contact(protection: Protection, last_contact_at: Moment) -> None:
    """Somebody had a contact with the customer that is in no register of the floor (L-48)."""
    protection.last_contact_at = max(protection.last_contact_at, last_contact_at)


def _window(name: str, rule: str, until: str) -> None:
    """A window's limit: the agent is warned twice and told at the end, the lead a while after it (L-46)."""
    clock(
        protections,
        name,
        until=until,
        starts="open",
        stops=ENDED,
        warn=(WARN_EARLY, WARN_LATE),
        soon=OwnershipExpiring,
        then=expire,
        alarm=Alarm(
            rule,
            "L-46",
            to=lambda protection: Role.SALES_AGENT,
            user=lambda protection: protection.agent,
            ladder=lambda protection, step: Role.SITE_SALES_LEAD if step == 1 else None,
            every=lambda protection: ESCALATION,
        ),
    )


_window("call_window", "call_window_ended", "call_ends_on")
_window("visit_window", "visit_window_ended", "visit_ends_on")

#: What makes a window what it is; a contact beside it opens no other.
WINDOW = ("basis", "starts_on", "ends_on", "due_on", "held_since", "entries", "opened_by_call", "opened_by_visit")
END_BY: dict[Fate, Callable[..., None]] = {
    Fate.EXPIRED: expire,
    Fate.CONSUMED: consume,
    Fate.CEDED: cede,
    Fate.TRANSFERRED: hand_on,
}


def reconcile(work: Work, uid: str, project_id: str) -> None:
    """Bring the protections of a customer in a project to what the registers say; one after the other (L-42).

    What is written does not depend on what came first: a claim, an expiry and a visit of one moment end in one truth.
    """
    take_turns(work, uid, project_id)
    work.session.flush()
    known = history_of(work, uid, project_id)
    found = rules.windows(known.contacts, known.transfers, partial(figures_at, work))
    deals = [one.deal_at for one in deals_of(work, uid, project_id)]
    wanted = rules.runs(found, deals, work.now)
    rows = _rows(work, uid, project_id)
    for run, row in _matched(wanted, rows):
        _follow(work, run, row, known, uid, project_id)
    holder = next((one.last.agent for one in reversed(wanted) if one.state == Fate.OPEN), None)
    for row in rows:
        if row.state == "open":
            # The entries that opened it are another agent's, or another customer's, since they were corrected.
            work.perform(cede, row, successor=holder)


def _rows(work: Work, uid: str, project_id: str) -> list[Protection]:
    of_customer = Protection.uid == uid, Protection.project_id == project_id
    found = sa.select(Protection).where(*of_customer).order_by(Protection.created_at, Protection.id)
    return list(work.session.scalars(found.with_for_update(), execution_options={"populate_existing": True}))


def _matched(wanted: Sequence[Run], rows: list[Protection]) -> list[tuple[Run, Protection | None]]:
    """The record of each row of windows: the one with the same latest entry, or else with any; taken out of `rows`."""
    found: dict[int, Protection] = {}

    def take(fits: Any) -> None:
        for number, run in enumerate(wanted):
            one = next((row for row in rows if row.agent == run.last.agent and fits(row, run)), None)
            if number not in found and one is not None:
                found[number] = one
                rows.remove(one)

    take(lambda row, run: row.entries[-1] == run.entries[-1])
    take(lambda row, run: not set(row.entries).isdisjoint(run.entries))
    return [(run, found.get(number)) for number, run in enumerate(wanted)]


def _follow(work: Work, run: Run, row: Protection | None, known: History, uid: str, project_id: str) -> None:
    """Make one record say what its windows say, and tell of a window that it had not."""
    values = _values(run, known)
    if row is None:
        row = work.perform(assign, uid=uid, project_id=project_id, agent=run.last.agent, **values)
    elif row.state == run.state and all(getattr(row, name) == values[name] for name in WINDOW):
        _note(work, row, values["last_contact_at"])
        return
    else:
        if row.state != "open":
            work.perform(reinstate, row)
        values["last_contact_at"] = max(values["last_contact_at"], row.last_contact_at)
        work.perform(go_on, row, **values)
    if run.state == Fate.OPEN:
        work.emit(OwnershipAssigned, row)
    elif run.last.successor is not None:
        work.perform(END_BY[run.state], row, successor=run.last.successor)
    else:
        work.perform(END_BY[run.state], row)


def _note(work: Work, row: Protection, at: Moment) -> None:
    if row.state == "open" and row.last_contact_at < at:
        work.perform(note_contact, row, last_contact_at=at)


def _values(run: Run, known: History) -> dict[str, Any]:
    last = run.last
    opener = known.entries[last.contact.entry].id
    return {
        "basis": last.basis,
        "starts_on": last.starts_on,
        "ends_on": last.ends_on,
        "due_on": last.due_on,
        "held_since": run.windows[0].opened_at,
        "last_contact_at": max(one.at for one in known.contacts),
        "entries": run.entries,
        "opened_by_call": None if last.contact.is_visit else opener,
        "opened_by_visit": opener if last.contact.is_visit else None,
    }


def open_protections(work: Work, uid: str, project_id: str | None = None) -> list[Protection]:
    """The protections of a customer that are open, the one that decides first."""
    place = [Protection.project_id == project_id] if project_id else []
    found = work.all(Protection, Protection.uid == uid, Protection.state == "open", *place)
    return sorted(found, key=lambda one: (one.basis == OwnershipBasis.CALL, one.held_since))


def touch(work: Work, uid: str, last_contact_at: Moment) -> None:
    """The customer was spoken with: their agents see it in their list (L-48)."""
    for one in open_protections(work, uid):
        _note(work, one, last_contact_at)
