"""Records: the mapped classes that processes own.

A record declares its fields as `Mapped[<named type>]` and nothing technical. Every record has an id, a version for
optimistic locking, a state, its place in the organisation (X-40), and who created it when.
"""

from __future__ import annotations

import enum
import typing
import uuid
from datetime import datetime
from typing import Any, ClassVar

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from services.chassis.columns import Moment, column_of
from services.contracts.fields import PERSON, Field, field_of, schema_of

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of all services; `Service.tables` says which of them one service has."""

    metadata = sa.MetaData(naming_convention=NAMING)


def new_id() -> str:
    """An id for a new record or message."""
    return str(uuid.uuid4())


def snake(name: str) -> str:
    """`WorkOrder` as `work_order`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


class Record(Base):
    """Something with a life of its own. Subclasses declare their fields; `__fields__` describes them in order.

    `__historic__` names fields that keep the id which was written, even when its record is joined with another one.
    """

    __abstract__ = True
    __historic__: ClassVar[tuple[str, ...]] = ()
    __fields__: ClassVar[dict[str, Field]] = {}
    __common_fields__: ClassVar[dict[str, Field]] = {}

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    state: Mapped[str] = mapped_column(sa.String(40), nullable=False)
    company_id: Mapped[str | None] = mapped_column(sa.String(40))
    project_id: Mapped[str | None] = mapped_column(sa.String(40))
    created_at: Mapped[datetime] = mapped_column(Moment, nullable=False, index=True)
    created_by: Mapped[str] = mapped_column(sa.String(80), nullable=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "__abstract__" not in cls.__dict__:
            _declare_columns(cls)
        super().__init_subclass__(**kwargs)
        if "__abstract__" not in cls.__dict__:
            _declare_indexes(cls)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def __init__(self, **values: Any) -> None:
        for name, field in type(self).__fields__.items():
            if name not in values and field.many:
                values[name] = []
            elif name not in values and field.default is not None:
                values[name] = field.default
        super().__init__(**values)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.state}>"


def _declare_columns(cls: type[Record]) -> None:
    """Give each `name: Mapped[T]` of the class body its column before SQLAlchemy maps the class."""
    if "__tablename__" not in cls.__dict__:
        cls.__tablename__ = snake(cls.__name__)
    hints = typing.get_type_hints(cls, include_extras=True, localns={"Mapped": Mapped})
    described: dict[str, Field] = {}
    for name in cls.__annotations__:
        annotation = hints[name]
        if typing.get_origin(annotation) is not Mapped:
            continue
        (inner,) = typing.get_args(annotation)
        given = cls.__dict__.get(name, ...)
        setattr(cls, name, column_of(field_of(name, inner)))
        described[name] = field_of(name, inner, given)
    cls.__fields__ = described | cls.__common_fields__


def _declare_indexes(cls: type[Record]) -> None:
    """What lists ask of every register: how many there are per state, the newest first, and the record of a number."""
    columns = sa.inspect(cls).columns
    sa.Index(None, columns["state"], columns["created_at"])
    if "number" in cls.__fields__:
        sa.Index(None, columns["number"])


#: What every resource shows beside its own fields.
COMMON = [
    Field("text", "id", read_only=True, max_length=40),
    Field("integer", "version", read_only=True),
    Field("text", "state", read_only=True, max_length=40),
    Field("text", "company_id", required=False, read_only=True, max_length=40),
    Field("reference", "project_id", required=False, read_only=True, max_length=40, to="leads/project"),
    Field("moment", "created_at", read_only=True),
    Field("text", "created_by", read_only=True, max_length=80, to=PERSON),
]


def plain(value: Any) -> Any:
    """A choice as its value, anything else as it is: what a String column stores."""
    return value.value if isinstance(value, enum.Enum) else value


_SCHEMAS: dict[str, Any] = {}


def schema_for(cls: type[Record]) -> Any:
    """The marshmallow schema that dumps a record, made once a class."""
    if cls.__tablename__ not in _SCHEMAS:
        _SCHEMAS[cls.__tablename__] = schema_of(cls.__name__, [*COMMON, *cls.__fields__.values()])
    return _SCHEMAS[cls.__tablename__]


_DUMPED: dict[str, list[tuple[str, Any, bool]]] = {}


def dump(record: Record) -> dict[str, Any]:
    """What the schema dumps. Most values are texts and stay as they are, so that a list is not slow for its width."""
    name = type(record).__tablename__
    if name not in _DUMPED:
        fields = schema_for(type(record)).fields.items()
        _DUMPED[name] = [(key, field, isinstance(field, ma.fields.String)) for key, field in fields]
    dumped = {}
    for key, field, is_text in _DUMPED[name]:
        value = getattr(record, key)
        plain_text = is_text and (value is None or type(value) is str)
        dumped[key] = value if plain_text else field._serialize(value, key, record)
    return dumped
