"""An agent who tried to change a call or visit entry: the violation is opened at once (X-47, L-37)."""

from __future__ import annotations

from services.chassis.tampering import RefusedChange, refused_changes
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.sales import ViolationKind
from services.leads.penalties import Violation
from services.leads.reception.calls import call_entries
from services.leads.reception.visits import visit_entries
from services.leads.violations import record, violations

__all__ = ["violations"]

FLOOR_REGISTERS = (call_entries.name, visit_entries.name)


@refused_changes.followed("note")
def open_violation(refused: RefusedChange, work: Work) -> None:
    """A proposal that the sales director decides, one for an agent and day; whoever else tried it is a matter of the
    alert."""
    if refused.resource not in FLOOR_REGISTERS or refused.project_id is None:
        return
    if Role.SALES_AGENT not in (refused.roles or "").split():
        return
    found = {"agent": refused.user, "kind": ViolationKind.REGISTER_ALTERATION, "occurred_on": work.today}
    if work.first(Violation, project_id=refused.project_id, **found) is None:
        evidence = f"{refused.record_number}: {refused.attempted} ({refused.door})"
        work.perform(record, project_id=refused.project_id, evidence=evidence, **found)
