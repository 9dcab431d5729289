"""The two paper registers of cases, complaint register and dispute register, in the paper's order (C-06, C-121)."""

from __future__ import annotations

from services.chassis.extracts import extract
from services.complaints.cases.case import cases
from services.complaints.cases.figures import READERS
from services.contracts.vocabulary.complaints import CaseKind

RECEPTION = (
    *("number", "received_at", "channel", "uid", "home_id", "project_id", "category", "level"),
    *("description", "evidence", "expectation", "receiver", "forwarded_by", "further_reports"),
)
DISPUTE = ("dispute_number", "counterpart", "legal_basis", "amount_claimed", "lawyer", "mediation_attempts")
#: What each later step writes into the entry, in the order of the steps (C-41 to C-59).
STEPS = (
    *("responded_at", "first_contact", "interim_answer", "next_answer_on"),
    *("investigator", "question_to", "question", "company_answer"),
    *("cause", "responsible_party", "developer_share", "responsibility_note"),
    *("plan_version", "plan", "amount_proposed", "consultation", "consultation_result", "approver"),
    *("minutes", "offers", "attendance", "differences"),
    *("agreement", "amount_agreed", "signed_by", "signed_on", "external_forum"),
    *("executor", "execute_by", "result", "check_note", "told", "opinion", "fed_back_at"),
    *("transfer_form", "transfer_document", "departments", "corrective_action", "no_action_reason"),
    *("outcome", "accepting_party", "closing_note", "satisfaction", "closed_at", "follow_up_score"),
    *("withdrawal_statement", "continues", "continued_as", "state"),
)

extract(
    cases,
    "complaint_register",
    columns=(*RECEPTION, "dispute_number", *STEPS),
    holding={"registered_as": CaseKind.COMPLAINT},
    by=READERS,
)
#: What became a dispute stands in both (C-07): here under its number in the dispute register, beside its first one.
extract(
    cases,
    "dispute_register",
    columns=(RECEPTION[0], DISPUTE[0], *RECEPTION[1:], *DISPUTE[1:], *STEPS),
    holding={"kind": CaseKind.DISPUTE},
    by=READERS,
)
