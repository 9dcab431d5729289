"""Cases of complaint and dispute, from reception to the removed cause (C-05 to C-62)."""

# In the order of a case's life, which is the order in which its states are listed.
# isort: off
from services.complaints.cases.case import Case, cases
from services.complaints.cases import levels, supervision, limits, intake, evidence, inquiry, planning, negotiation
from services.complaints.cases import repairs as repair_orders, actions as corrective_actions, execution, ending
from services.complaints.cases.actions import CorrectiveAction, actions
from services.complaints.cases.appeals import Appeal, appeals
from services.complaints.cases.compensation import Compensation, compensations
from services.complaints.cases.plans import Plan, plans
from services.complaints.cases.repairs import CaseRepair, repairs
from services.complaints.cases import figures, rejections, foresight, satisfaction, quality, closure, paper

PARAMETERS = [*levels.PARAMETERS, *limits.PARAMETERS, intake.DUPLICATE_PERIOD, *ending.PARAMETERS]
PARAMETERS += [corrective_actions.ESCALATION, satisfaction.LOW]

__all__ = [
    "PARAMETERS",
    "Appeal",
    "Case",
    "CaseRepair",
    "Compensation",
    "CorrectiveAction",
    "Plan",
    "actions",
    "appeals",
    "cases",
    "closure",
    "compensations",
    "ending",
    "evidence",
    "execution",
    "figures",
    "foresight",
    "inquiry",
    "intake",
    "negotiation",
    "paper",
    "planning",
    "plans",
    "quality",
    "rejections",
    "repair_orders",
    "repairs",
    "satisfaction",
    "supervision",
]
