"""Domain events: what each service announces, as typed declarations with a marshmallow schema and a version.

An event is a class in the module of its publisher, or in one called `<publisher>_<topic>` whose events that module
imports; its name on the wire is the class name in lower_snake. Changes
within a version are additive (a new optional field); anything else is a new version. The goldens hold it.
"""

from __future__ import annotations

import functools
import importlib
import typing
from dataclasses import MISSING, dataclass
from dataclasses import fields as dataclass_fields
from typing import Any, ClassVar, Self, dataclass_transform

import marshmallow as ma

from services.contracts.fields import Field, field_of, schema_of

PUBLISHERS = ("leads", "complaints", "maintenance", "membership", "property")


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event:
    """A fact that happened. `subject` is the field that names the aggregate, `snapshot_of` a resource told whole.

    `joins` names a resource whose records turned out to be one: the subject survives, the others that the event names
    are its aliases from now on. `separates` takes that back.
    """

    wire_name: ClassVar[str]
    publisher: ClassVar[str]
    dataversion: ClassVar[int] = 1
    subject: ClassVar[str]
    snapshot_of: ClassVar[str | None] = None
    joins: ClassVar[str | None] = None
    separates: ClassVar[str | None] = None

    def __init_subclass__(
        cls,
        subject: str,
        version: int = 1,
        snapshot_of: str | None = None,
        joins: str | None = None,
        separates: str | None = None,
    ) -> None:
        cls.wire_name = "".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")
        cls.publisher = cls.__module__.rsplit(".", 1)[-1].partition("_")[0]
        cls.subject, cls.dataversion, cls.snapshot_of = subject, version, snapshot_of
        cls.joins, cls.separates = joins, separates
        dataclass(frozen=True, kw_only=True)(cls)

    @classmethod
    @functools.cache
    def fields(cls) -> list[Field]:
        """The described fields, in order."""
        hints = typing.get_type_hints(cls, include_extras=True)
        defaults = {
            one.name: one.default if one.default_factory is MISSING else one.default_factory()
            for one in dataclass_fields(cls)  # type: ignore[arg-type]
        }
        return [
            field_of(name, hints[name], ... if default is MISSING else default) for name, default in defaults.items()
        ]

    @classmethod
    @functools.cache
    def schema(cls) -> ma.Schema:
        """Loads and dumps the data of this event; fields of later minor versions are left out, not refused."""
        return schema_of(cls.__name__, cls.fields(), unknown=ma.EXCLUDE)

    @classmethod
    def load(cls, data: Any) -> Self:
        """The event of this data; raises marshmallow's ValidationError with codes by field."""
        return cls(**cls.schema().load(data))

    def dump(self) -> dict[str, Any]:
        """The data on the wire: JSON scalars only."""
        dumped: dict[str, Any] = self.schema().dump(self)
        return dumped


@functools.cache
def published_by(publisher: str) -> dict[str, type[Event]]:
    """All events of a publisher by name."""
    module = importlib.import_module(f"services.contracts.events.{publisher}")
    return {
        one.wire_name: one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Event) and one is not Event
    }


@functools.cache
def joinable() -> dict[str, list[type[Event]]]:
    """The resources whose records may turn out to be one, and the events that join and separate them."""
    found: dict[str, list[type[Event]]] = {}
    for event in (event for publisher in PUBLISHERS for event in published_by(publisher).values()):
        if resource := event.joins or event.separates:
            found.setdefault(resource, []).append(event)
    return found
