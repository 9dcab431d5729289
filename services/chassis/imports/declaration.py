"""What a register says so that its records can be imported.

    class CustomerImport(Importable[Customer]):
        columns = {"name": PersonName, "phone": Phone, "id_no": IdentityNumber | None}
        given = {"project_id": ProjectId}
        ...

    SERVICE = Service("leads", [...], importables=[CustomerImport(customers, by=[Role.DATA_STEWARD])])

`columns` are the columns of the workbook, under the names that the glossary has for them; `given` is said once for the
whole batch. The rules of a row are those of the register's own commands, which `add` and `change` give.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import marshmallow as ma

from services.chassis.actors import Roles
from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field, field_of, schema_of

if TYPE_CHECKING:
    from services.chassis.work import Work

R = TypeVar("R", bound=Record)
Values = dict[str, Any]
Changes = dict[str, list[Any]]


@dataclass(frozen=True)
class Found:
    """What a row meets: the record that is known, and how it would change; or why the row cannot be taken."""

    record: Any = None
    changes: Changes = field(default_factory=dict)
    problem: ValidationFailed | None = None


class Importable(ABC, Generic[R]):
    """How the records of one register are imported: who may, from which columns, and what a row does.

    `overseen_by` sees the batches of others too: everybody else only their own.
    """

    columns: ClassVar[Mapping[str, Any]]
    given: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, process: Process[R], *, by: Roles, overseen_by: Roles = ()) -> None:
        self.process, self.by, self.overseen_by = process, list(by), list(overseen_by)

    @functools.cached_property
    def fields(self) -> list[Field]:
        """The columns."""
        return [field_of(name, annotation) for name, annotation in self.columns.items()]

    @functools.cached_property
    def given_fields(self) -> list[Field]:
        """What is said for the whole batch."""
        return [field_of(name, annotation) for name, annotation in self.given.items()]

    @functools.cached_property
    def schema(self) -> ma.Schema:
        """Loads a row."""
        return schema_of(f"import_{self.process.name}", self.fields)

    @functools.cached_property
    def given_schema(self) -> ma.Schema:
        """Loads what is said for the whole batch."""
        return schema_of(f"import_{self.process.name}_given", self.given_fields)

    @abstractmethod
    def place(self, work: Work, given: Values) -> dict[str, str | None]:
        """The `company_id` and `project_id` that the batch belongs to; raises ValidationFailed that names a field."""

    @abstractmethod
    def normalised(self, values: Values) -> Values:
        """A row in the form in which records are kept; raises ValidationFailed that names a field."""

    @abstractmethod
    def keys(self, values: Values) -> list[tuple[str, str]]:
        """The fields, with their values, of which one workbook has each only once."""

    @abstractmethod
    def found(self, work: Work, rows: Sequence[Values], given: Values) -> list[Found]:
        """What each of several normalised rows meets; asked of the database for all of them at once."""

    @abstractmethod
    def add(self, work: Work, values: Values, given: Values) -> R:
        """Make the record of a row that met none."""

    @abstractmethod
    def change(self, work: Work, record: R, changes: Changes, given: Values) -> None:
        """Bring these changes to the record that a row met."""

    @abstractmethod
    def withdraw(self, work: Work, record: R, given: Values) -> None:
        """Take back a record that the batch added and nobody has used."""

    @abstractmethod
    def put_back(self, work: Work, record: R, changes: Changes, given: Values) -> str | None:
        """Take back the changes to a record that nobody has changed since; returns the code of what has to stay."""

    @abstractmethod
    def label(self, values: Values) -> str:
        """What names a row to people, with nothing in it that is masked elsewhere."""
