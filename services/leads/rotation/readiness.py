"""What an agent has verified before receiving anybody: the daily readiness check (L-29)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Day, ProjectId, Reason, User
from services.contracts.vocabulary.rotation import SlotState
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.rotation.ring import cancel
from services.leads.rotation.roster import SITE, Roster, RotationSlot, held, may_act_for, own_only, ring_of

UNREADY = "readiness_unchecked"


class ReadinessCheck(Record):
    """One agent's check of one day: dress and grooming, props and material, and the sales information, in its three
    parts: sales-control status, sales facts, data changes (L-29)."""

    __table_args__ = (sa.UniqueConstraint("project_id", "day", "agent"),)

    day: Mapped[Day]
    agent: Mapped[User]
    dress: Mapped[bool]
    props: Mapped[bool]
    sales_control: Mapped[bool]
    sales_facts: Mapped[bool]
    data_changes: Mapped[bool]
    reason: Mapped[Reason | None]


readiness_checks = Process(
    ReadinessCheck,
    readers=FLOOR_READERS,
    title="agent",
    listed=["agent", "day", "project_id", "dress", "props", "sales_control", "sales_facts", "data_changes", "reason"],
    filters=["project_id", "agent", "day"],
    life={"incomplete": ()},
)


@readiness_checks.create("passed", by=SITE)
def declare(
    project_id: ProjectId,
    dress: bool,
    props: bool,
    sales_control: bool,
    sales_facts: bool,
    data_changes: bool,
    work: Work,
    agent: User | None = None,
) -> ReadinessCheck:
    """Say what has been verified today; the site sales lead may do it for an agent. What is left open blocks the turn
    (L-29)."""
    project = project_of(work, project_id)
    agent = agent or work.actor.user
    if not may_act_for(work, agent, project):
        raise ValidationFailed.of("agent", "only_yourself")
    if work.first(ReadinessCheck, project_id=project.id, day=work.today, agent=agent) is not None:
        raise ValidationFailed.of("agent", "checked_already")
    check = ReadinessCheck(
        day=work.today, agent=agent, dress=dress, props=props, project_id=project.id, company_id=project.company_id
    )
    check.sales_control, check.sales_facts, check.data_changes = sales_control, sales_facts, data_changes
    check.state = "passed" if all((dress, props, sales_control, sales_facts, data_changes)) else "incomplete"
    if check.state == "passed":
        _settled(work, check)
    return check


@readiness_checks.move("incomplete", "passed", by=SITE, guard=own_only)
def complete(check: ReadinessCheck, work: Work) -> None:
    """What was open has been done; all of it is verified now (L-29)."""
    _pass(check, work)


@readiness_checks.move(("passed", "incomplete"), "failed", by=[Role.SITE_SALES_LEAD])
def fail(check: ReadinessCheck, reason: Reason, work: Work) -> None:
    """Not as it should be: the turn is blocked, and whoever is up loses this round (L-25, L-29)."""
    check.reason = reason
    ours = _roster_of(work, check)
    if ours is None or ours.state != "open":
        return
    roster = held(work, ours.id)
    slot = next((one for one in ring_of(work, roster) if one.agent == check.agent), None)
    if slot is not None and slot.state == SlotState.UP:
        cancel(work, roster, slot, reason)


@readiness_checks.move("failed", "passed", by=[Role.SITE_SALES_LEAD])
def recheck(check: ReadinessCheck, work: Work) -> None:
    """The site sales lead has looked again: everything is in order (L-29)."""
    _pass(check, work)


def _pass(check: ReadinessCheck, work: Work) -> None:
    check.dress = check.props = check.sales_control = check.sales_facts = check.data_changes = True
    check.reason = None
    _settled(work, check)


def checks_of(work: Work, project_id: str, day: date) -> dict[User, ReadinessCheck]:
    """The checks of a day by agent; whose has passed may receive as far as readiness goes."""
    return {check.agent: check for check in work.all(ReadinessCheck, project_id=project_id, day=day)}


def tell_unready(work: Work, slot: RotationSlot) -> None:
    """It was the agent's turn and nothing was verified: agent and site sales lead are told (L-29)."""
    if work.alert(UNREADY, slot, role=Role.SALES_AGENT, user=slot.agent) is not None:
        work.task(UNREADY, slot, role=Role.SITE_SALES_LEAD)


def _settled(work: Work, check: ReadinessCheck) -> None:
    """What was missed has been made up for."""
    roster = _roster_of(work, check)
    slot = work.first(RotationSlot, roster_id=roster.id, agent=check.agent) if roster is not None else None
    if slot is not None:
        work.settle_alerts("rotation_slot", slot.id, UNREADY)
        work.end_tasks(slot, "dropped", subject=UNREADY)


def _roster_of(work: Work, check: ReadinessCheck) -> Roster | None:
    return work.first(Roster, project_id=check.project_id, day=check.day)
