"""Parameters that somebody has set: values with effective dates, changed in the console without deployment (X-58).

Some figures a company may have for itself (`Parameter.by_company`): the record's company is whom the value is for.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CompanyId

if TYPE_CHECKING:
    from services.chassis.work import Work

Name = Annotated[str, Field(max_length=60)]
Reason = Annotated[str, Field(max_length=500)]


class ParameterValue(Record):
    """A figure and from when it counts, for all or for one company: a company's own comes before that of all, and the
    latest that is in force before earlier ones, which stay for the record."""

    __tablename__ = "parameter"

    parameter: Mapped[Name]
    value: Mapped[Decimal]
    valid_from: Mapped[datetime]
    reason: Mapped[Reason]


parameters = Process(
    ParameterValue,
    readers=[Role.ADMINISTRATOR, Role.AUDITOR],
    title="parameter",
    listed=["parameter", "company_id", "value", "valid_from", "reason"],
    filters=["parameter", "company_id"],
)


@parameters.create("set", by=[Role.ADMINISTRATOR])
def establish(
    parameter: Name,
    value: Decimal,
    valid_from: datetime,
    reason: Reason,
    work: Work,
    company_id: CompanyId | None = None,
) -> ParameterValue:
    """Set a figure from a moment on, for all or for one company (Appendix A); what ran before keeps the figure that it
    started with."""
    declared = work.service.parameters.get(parameter)
    if declared is None:
        raise ValidationFailed.of("parameter", "choice")
    if company_id is not None and not declared.by_company:
        raise ValidationFailed.of("company_id", "same_for_all_companies")
    most = declared.most
    if not 0 <= value <= most:
        raise ValidationFailed.of("value", "number_range", min=0, max=most)
    return ParameterValue(parameter=parameter, value=value, valid_from=valid_from, reason=reason, company_id=company_id)
