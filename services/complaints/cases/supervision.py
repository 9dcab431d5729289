"""What supervisors decide about a case, and what time and other services change about it (C-29 to C-34)."""

from __future__ import annotations

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, REGISTERS, SUPERVISING, Case, cases
from services.complaints.cases.levels import BREACHES, HIGHEST, lift, supervise, warn
from services.complaints.high_value import HighValueCustomer, confirm, designate, revoke
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import ProjectSalesClosed
from services.contracts.events.membership import HighValueCustomerDesignated, HighValueCustomerRevoked
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import LongText, Money, PersonName, Reason, RoleKey, User
from services.contracts.vocabulary.complaints import CaseKind, CaseLevel, LevelTrigger, ServiceTier


@cases.change(OPEN, by=[*SUPERVISING, Role.GROUP_CENTRE])
def raise_level(case: Case, level: CaseLevel, reason: Reason, work: Work) -> None:
    """Give the case a higher level and with it a stronger supervisor (C-31)."""
    if level <= case.level:
        raise ValidationFailed.of("level", "level_not_higher", level=case.level)
    lift(work, case, level, LevelTrigger.DECISION)


@cases.change(OPEN, by=[*HANDLING, *SUPERVISING, Role.GROUP_CENTRE, Role.HOTLINE_OPERATOR])
def declare_crisis(case: Case, reason: Reason, work: Work, instruction: LongText | None = None) -> None:
    """Warn of a crisis at once: highest level, company manager, group centre and public relations (C-33)."""
    warn(work, case, instruction)
    lift(work, case, HIGHEST, LevelTrigger.CRISIS)


@cases.change(OPEN, by=SUPERVISING)
def assign(case: Case, handler: User) -> None:
    """Name who handles the case; limits and their alerts go to this person."""
    case.handler = handler


@cases.change(OPEN, by=[*HANDLING, *SUPERVISING])
def accompany(case: Case, accompanied_to: Role, reason: Reason, work: Work) -> None:
    """Go with the customer to the right department or level; the case stays here until it is settled (C-61)."""
    case.accompanied_to = accompanied_to
    work.task("accompany_customer", case, role=str(accompanied_to))


def _only_complaint(case: Case, work: Work) -> Obstacle | None:
    return None if case.kind == CaseKind.COMPLAINT else Obstacle("already_dispute", {"number": case.number})


@cases.change(OPEN, by=[*HANDLING, *SUPERVISING], guard=_only_complaint, takes=[REGISTERS[CaseKind.DISPUTE]])
def make_dispute(
    case: Case,
    counterpart: PersonName,
    reason: Reason,
    work: Work,
    legal_basis: LongText | None = None,
    amount_claimed: Money | None = None,
    lawyer: PersonName | None = None,
) -> None:
    """Enter the complaint into the dispute register as well; there is no way back (C-07, C-60)."""
    case.kind = CaseKind.DISPUTE
    case.dispute_number = work.next_number(REGISTERS[CaseKind.DISPUTE], case.project_id)
    case.counterpart, case.legal_basis, case.lawyer = counterpart, legal_basis, lawyer
    case.amount_claimed = amount_claimed if amount_claimed is not None else case.amount_claimed


@cases.change(OPEN, by=[Role.SYSTEM])
def note_breach(case: Case, work: Work) -> None:
    """A limit was missed, of ours or of the repair; a repeated breach raises the level (C-31)."""
    case.breaches += 1
    if case.breaches >= int(work.parameter(BREACHES)):
        lift(work, case, case.level + 1, LevelTrigger.REPEATED_BREACH)


@cases.change(OPEN, by=[Role.SYSTEM])
def miss_response(case: Case, work: Work) -> None:
    """Nobody contacted the customer in time; the supervisor of the level is told as well (C-20, C-22)."""
    work.task("complaint_not_responded", case, role=case.supervisor_role)
    note_breach(case, work)


@cases.change(OPEN, by=[Role.SYSTEM])
def miss_solution(case: Case, work: Work) -> None:
    """No solution was put to the customer in time; the supervisor of the level is told as well (C-21)."""
    work.task("solution_not_fed_back", case, role=case.supervisor_role)
    note_breach(case, work)


@cases.change((*OPEN, "closed"), by=[Role.SYSTEM])
def note_repeat_fault(case: Case, work: Work) -> None:
    """The fault came back at the home: a level check; a closed case may be opened again for it (C-31, C-59)."""
    case.repeat_fault_at = work.now
    if case.state == "closed":
        work.task("repeat_fault", case, role=case.supervisor_role)
    else:
        note_breach(case, work)


@cases.change(OPEN, by=[Role.SYSTEM])
def set_tier(case: Case, tier: ServiceTier, adviser: User | None = None) -> None:
    """The customer's value level has changed: the limits are measured again from the same start (C-29, X-51)."""
    case.tier, case.adviser = tier, adviser


@cases.change(OPEN, by=[Role.SYSTEM])
def move_to_department(case: Case, department: RoleKey, work: Work) -> None:
    """The project's sales are closed: the case moves to the other department and keeps its history (C-10, X-41)."""
    case.department = department
    if case.level == 2:
        supervise(work, case)


@cases.reacts(ProjectSalesClosed)
def on_project_sales_closed(event: ProjectSalesClosed, work: Work) -> None:
    """Every open case of the project moves with it (C-10)."""
    for case in work.all(Case, Case.project_id == event.project_id, Case.state.in_(OPEN)):
        if case.department != COMPETENT_DEPARTMENT.after:
            work.perform(move_to_department, case, department=str(COMPETENT_DEPARTMENT.after))


@cases.reacts(HighValueCustomerDesignated)
def on_high_value_customer_designated(event: HighValueCustomerDesignated, work: Work) -> None:
    """From now on, and for what is open, the customer's requests are of the one-hour tier (C-20, C-29)."""
    known = work.session.get(HighValueCustomer, event.uid)
    if known is None:
        work.perform(designate, uid=event.uid, reason=event.reason, adviser=event.adviser)
    else:
        work.perform(confirm, known, reason=event.reason, adviser=event.adviser)
    _measure_again(work, event.uid, ServiceTier.HIGH_VALUE, event.adviser)


@cases.reacts(HighValueCustomerRevoked)
def on_high_value_customer_revoked(event: HighValueCustomerRevoked, work: Work) -> None:
    """Back to the ordinary tier (C-29)."""
    known = work.session.get(HighValueCustomer, event.uid)
    if known is not None and known.state == "designated":
        work.perform(revoke, known, reason=event.reason)
        _measure_again(work, event.uid, ServiceTier.ORDINARY, None)


def _measure_again(work: Work, uid: str, tier: ServiceTier, adviser: str | None) -> None:
    for case in work.all(Case, Case.uid == uid, Case.state.in_(OPEN)):
        work.perform(set_tier, case, tier=tier, adviser=adviser)
