"""Columns of a record, made from the same field descriptions as everything else."""

from __future__ import annotations

import decimal
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import MappedColumn, mapped_column

from services.contracts.fields import Field


class Moment(sa.TypeDecorator[datetime]):
    """An aware UTC moment on both databases; SQLite, which has no time zones, keeps it naive in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its offset")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Decimal(sa.TypeDecorator[Any]):
    """An exact decimal with so many places; SQLite keeps it as text because its NUMERIC is a float."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__(18, places)
        self.places = places

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.Numeric(18, self.places) if dialect.name == "postgresql" else sa.String(40))

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else format(value, "f")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else decimal.Decimal(value)


JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def column_type(field: Field) -> Any:
    """The SQLAlchemy type of a field's values. Choices are stored as their values, never as their Python names."""
    if field.many or field.kind in ("json", "files"):
        return JSON
    return {
        "integer": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        "boolean": sa.Boolean(),
        "date": sa.Date(),
        "moment": Moment(),
        "decimal": Decimal(4),
        "money": Decimal(2),
    }.get(field.kind) or sa.String(field.max_length or 60)


def column_of(field: Field) -> MappedColumn[Any]:
    """The mapped column of a record's field; a reference is indexed because lists are filtered by it."""
    return mapped_column(column_type(field), nullable=not field.required, index=field.kind == "reference")
