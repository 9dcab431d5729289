"""Evidence: files that were uploaded here, with hash and time; compulsory once compensation is discussed (C-11)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from services.complaints.cases.case import HANDLING, OPEN, SUPERVISING, Case, cases
from services.complaints.cases.intake import DESK
from services.contracts.errors import ValidationFailed
from services.contracts.files import uploaded
from services.contracts.vocabulary.common import Files


@cases.change(OPEN, by=[*DESK, *HANDLING, *SUPERVISING])
def add_evidence(case: Case, evidence: Files) -> None:
    """Add photos, recordings or documents to the case; what is there already stays (C-11)."""
    if not evidence:
        raise ValidationFailed.of("evidence", "required")
    collect(case, evidence)


def collect(case: Case, evidence: Iterable[str] | None) -> None:
    """Add files to those of the case, each once."""
    if evidence:
        case.evidence = list(dict.fromkeys([*(case.evidence or []), *evidence]))


def of_case(case: Case) -> list[str]:
    """Every file of the case, those of further reports among them."""
    reported = [address for one in case.further_reports or [] for address in one.get("evidence", [])]
    return list(dict.fromkeys([*(case.evidence or []), *reported]))


def need(evidence: Iterable[str], amount: Decimal | None) -> None:
    """Refuse an amount that no uploaded file bears out; an address somewhere else can change unseen (C-11)."""
    if amount and not any(uploaded(address) for address in evidence):
        raise ValidationFailed.of("evidence", "evidence_needed")
