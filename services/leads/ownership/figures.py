"""The figures of ownership (Appendix A), as they were in force at the moment that they are asked for."""

from __future__ import annotations

from datetime import datetime

from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.leads.ownership.rules import Figures, Shares
from services.leads.reception.entries import CALL_WINDOW

FIRST_VISIT = Parameter("protection.first_visit", 15, "days", "L-41")
RETURN_VISIT = Parameter("protection.return_visit", 7, "days", "L-41")
#: D-01: 0 each window lapses by its own figure (`own_window`); 1 the claim lapses with the longer figure after the
#: latest visit, and the shorter one is only by when the next visit is owed (`fifteen_days`).
LAPSE_MODE = Parameter("protection.lapse_mode", 0, "0/1", "L-43")
WARN_EARLY = Parameter("protection.warn_early", 3, "days", "L-46")
WARN_LATE = Parameter("protection.warn_late", 1, "days", "L-46")
ESCALATION = Parameter("protection.escalation", 24, "h", "L-46")
#: D-02: the protected agent's part of a deal that somebody else closed; the closing agent has the rest. Rows of the
#: register of parameters, so that a company can change them for its own projects.
VISIT_SPLIT = Parameter("commission.visit_split", 100, "%", "L-43", by_company=True)
CALL_SPLIT = Parameter("commission.call_split", 50, "%", "L-43", by_company=True)
#: What is the date of a deal: 0 the subscription agreement's, 1 the contract's (L-43).
DEAL_BY_CONTRACT = Parameter("commission.deal_by_contract", 0, "0/1", "L-43")

PARAMETERS = [
    FIRST_VISIT,
    RETURN_VISIT,
    LAPSE_MODE,
    WARN_EARLY,
    WARN_LATE,
    ESCALATION,
    VISIT_SPLIT,
    CALL_SPLIT,
    DEAL_BY_CONTRACT,
]


def figures_at(work: Work, moment: datetime) -> Figures:
    """The lengths of the windows that begin at a moment: a window keeps the figures that it began with."""
    return Figures(
        first_visit=int(work.parameter(FIRST_VISIT, at=moment)),
        return_visit=int(work.parameter(RETURN_VISIT, at=moment)),
        call=int(work.parameter(CALL_WINDOW, at=moment)),
        fifteen_days=bool(work.parameter(LAPSE_MODE, at=moment)),
    )


def shares_at(work: Work, moment: datetime, company_id: str | None) -> Shares:
    """How a deal of that moment is split in a company (D-02)."""
    visit, call = (int(work.parameter(one, at=moment, company_id=company_id)) for one in (VISIT_SPLIT, CALL_SPLIT))
    return Shares(visit=visit, call=call)
