"""Parameters that somebody has set: values with effective dates, changed in the console without deployment (X-58)."""

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

if TYPE_CHECKING:
    from services.chassis.work import Work

Name = Annotated[str, Field(max_length=60)]
Reason = Annotated[str, Field(max_length=500)]


class ParameterValue(Record):
    """A figure and from when it counts; the latest that is in force wins, earlier ones stay for the record."""

    __tablename__ = "parameter"

    parameter: Mapped[Name]
    value: Mapped[Decimal]
    valid_from: Mapped[datetime]
    reason: Mapped[Reason]


parameters = Process(
    ParameterValue, readers=[Role.ADMINISTRATOR, Role.AUDITOR], title="parameter", filters=["parameter"]
)


@parameters.create("set", by=[Role.ADMINISTRATOR])
def establish(parameter: Name, value: Decimal, valid_from: datetime, reason: Reason, work: Work) -> ParameterValue:
    """Set a figure from a moment on (Appendix A); what ran before keeps the figure that it started with."""
    if parameter not in work.service.parameters:
        raise ValidationFailed.of("parameter", "choice")
    most = work.service.parameters[parameter].most
    if not 0 <= value <= most:
        raise ValidationFailed.of("value", "number_range", min=0, max=most)
    return ParameterValue(parameter=parameter, value=value, valid_from=valid_from, reason=reason)
