"""What a serious case leaves behind: a defect case, or the reason why there is none (C-104)."""

from __future__ import annotations

from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, SUPERVISING, Case, cases
from services.complaints.cases.levels import SERIOUS
from services.contracts.roles import COMPETENT_DEPARTMENT
from services.contracts.vocabulary.common import Reason

LESSON = "lesson"


def demand_lesson(work: Work, case: Case) -> None:
    """A serious case has been closed: it becomes a defect case, or somebody says why not (C-104)."""
    if case.level >= SERIOUS:
        work.alert("defect_case_missing", case, role=COMPETENT_DEPARTMENT, clock_name=LESSON)


def settle_lesson(work: Work, case: Case) -> None:
    """The case has become a defect case, or need not."""
    work.clear_alerts(cases.name, case.id, LESSON)


@cases.change("closed", by=[*HANDLING, *SUPERVISING])
def explain_no_defect(case: Case, no_defect_reason: Reason, work: Work) -> None:
    """Say why nothing can be learnt from a closed case that should become a defect case (C-104)."""
    case.no_defect_reason = no_defect_reason
    settle_lesson(work, case)
