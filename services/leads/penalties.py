"""What a violation is and costs: the record, the figures of the table, and what it withholds of a deal (L-37, L-45)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.parameters import Parameter
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.vocabulary.common import (
    Day,
    Files,
    HomeId,
    LongText,
    Money,
    Number,
    Percent,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.rotation import ReceptionId
from services.contracts.vocabulary.sales import Sanction, ViolationKind

SNATCH_FINE = Parameter("penalty.snatch_fine", 500, "yuan", "L-37")
SNATCH_COMMISSION = Parameter("penalty.snatch_commission", 100, "%", "L-37")
PARAMETERS = [SNATCH_FINE, SNATCH_COMMISSION]


class Violation(Record):
    """One finding about one agent. `deal_id` is the number of the deal that it is about; `fine` and `commission_share`,
    the part of the agent's commission for the home that is withheld, are what the sanction that is proposed or decided
    costs (L-37)."""

    __table_args__ = (sa.Index(None, "agent", "created_at"),)

    number: Mapped[Number]
    occurred_on: Mapped[Day]
    agent: Mapped[User]
    kind: Mapped[ViolationKind]
    is_serious: Mapped[bool]
    evidence: Mapped[LongText]
    files: Mapped[Files]
    home_id: Mapped[HomeId | None]
    deal_id: Mapped[ShortText | None]
    reception_id: Mapped[ReceptionId | None]
    proposal: Mapped[Sanction]
    decided: Mapped[Sanction | None]
    fine: Mapped[Money | None]
    commission_share: Mapped[Percent | None]
    reason: Mapped[Reason | None]


def withheld(work: Work, home_id: str) -> list[tuple[str, int]]:
    """Which agents lose how many per cent of what they would have of a home: by each confirmed finding about it (L-45).

    It holds for every sale of the home, whoever buys it.
    """
    costs = Violation.home_id == home_id, Violation.state == "confirmed", Violation.commission_share > 0
    return [(one.agent, one.commission_share or 0) for one in work.all(Violation, *costs)]
