"""Customers from a workbook: outreach sheets, site registers, after-sales ledgers in one register (L-02, L-03)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.imports import Found, Importable
from services.chassis.imports.declaration import Changes, Values
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomerWithdrawn
from services.contracts.masks import mask
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ContactChannel,
    CustomerKind,
    IdentityNumber,
    PersonName,
    Phone,
    ProjectId,
)
from services.contracts.vocabulary.sales import KeyKind
from services.leads.customers.customer import RESOURCE, Customer, CustomerStage, customers
from services.leads.customers.duplicates import drop, open_of
from services.leads.customers.identity import HELD, CustomerKey, let_go, normalised_id_no, normalised_phone
from services.leads.customers.lifecycle import begin, end, stage_of
from services.leads.customers.registration import register, update
from services.leads.projects import project_of


@customers.move("registered", "withdrawn", by=[Role.SYSTEM], emits=[CustomerWithdrawn])
def withdraw(customer: Customer) -> None:
    """The import that registered this customer is taken back; the UID is not used again (L-01, L-02)."""


class CustomerImport(Importable[Customer]):
    """Whom a telephone or an identity number names already is brought up to date; everybody else is registered."""

    columns = {  # noqa: RUF012
        "name": PersonName,
        "phone": Phone,
        "kind": CustomerKind | None,
        "id_no": IdentityNumber | None,
    }
    given = {"project_id": ProjectId, "source": ContactChannel | None}  # noqa: RUF012

    def place(self, work: Work, given: Values) -> dict[str, str | None]:
        project = project_of(work, given["project_id"])
        return {"company_id": project.company_id, "project_id": project.id}

    def normalised(self, values: Values) -> Values:
        kind = values.get("kind") or CustomerKind.PERSON
        wrong: dict[str, Any] = {}
        found = {**values, "kind": values.get("kind")}
        for name, rule in (("phone", normalised_phone), ("id_no", lambda number: normalised_id_no(number, kind))):
            try:
                found[name] = rule(values[name]) if values.get(name) else None
            except ValidationFailed as refused:
                wrong |= refused.errors
        if wrong:
            raise ValidationFailed(errors=wrong)
        return found

    def keys(self, values: Values) -> list[tuple[str, str]]:
        return [(name, values[name]) for name in ("phone", "id_no") if values.get(name)]

    def found(self, work: Work, rows: Sequence[Values], given: Values) -> list[Found]:
        work.among(RESOURCE)
        by_phone = _known_by(work, KeyKind.PHONE, (row["phone"] for row in rows))
        by_number = _known_by(work, KeyKind.ID_NO, (row["id_no"] for row in rows))
        known = {one.id for one in [*by_phone.values(), *by_number.values()]}
        seen = sa.select(Customer.id).where(Customer.id.in_(known), *views.seen(work, customers))
        visible = set(work.session.scalars(seen))
        here = sa.select(CustomerStage.uid).where(
            CustomerStage.uid.in_(known), CustomerStage.project_id == given["project_id"]
        )
        begun = set(work.session.scalars(here))
        by_field = {"phone": by_phone, "id_no": by_number}
        answers = []
        for row in rows:
            record = by_phone.get(row["phone"]) or by_number.get(row["id_no"])
            other = by_number.get(row["id_no"])
            if record is None:
                answers.append(Found())
            elif other is not None and other is not record:
                answers.append(Found(problem=ValidationFailed.of("id_no", "taken")))
            elif row["kind"] is not None and record.id in visible and row["kind"] != record.kind:
                answers.append(Found(problem=ValidationFailed.of("kind", "not_changeable")))
            else:
                own = {name for name, by_key in by_field.items() if by_key.get(row[name]) is record}
                changes = _differences(record, row, own) if record.id in visible else {}
                if record.id not in begun:
                    changes["project_id"] = [None, given["project_id"]]
                answers.append(Found(record, changes))
        return answers

    def add(self, work: Work, values: Values, given: Values) -> Customer:
        kind = values["kind"] or CustomerKind.PERSON
        registered: Customer = work.perform(register, **{**values, **given, "kind": kind})
        return registered

    def change(self, work: Work, record: Customer, changes: Changes, given: Values) -> None:
        if fields := {name: after for name, (_, after) in changes.items() if name != "project_id"}:
            work.perform(update, record, **fields)
        if "project_id" in changes:
            work.perform(begin, uid=record.id, project_id=given["project_id"])

    def withdraw(self, work: Work, record: Customer, given: Values) -> None:
        stage = stage_of(work, record.id, given["project_id"])
        if stage is not None:
            work.perform(end, stage)
        for key in work.all(CustomerKey, CustomerKey.uid == record.id):
            if key.state == "held":
                let_go(work, record, KeyKind(key.kind), key.value)
        for candidate in open_of(work, record.id):
            work.perform(drop, candidate)
        work.perform(withdraw, record)

    def put_back(self, work: Work, record: Customer, changes: Changes, given: Values) -> str | None:
        fields = {name: before for name, (before, _) in changes.items() if name != "project_id" and before}
        if fields:
            work.perform(update, record, **fields)
        if "id_no" in changes and not changes["id_no"][0] and record.id_no:
            let_go(work, record, KeyKind.ID_NO, record.id_no)
            record.id_no = None
        return "import_stage_stays" if "project_id" in changes else None

    def label(self, values: Values) -> str:
        parts = values.get("name"), mask("phone", values.get("phone"))
        return " ".join(str(one) for one in parts if one)


def _known_by(work: Work, kind: KeyKind, wanted: Iterable[str | None]) -> dict[str | None, Customer]:
    """The customers who are known by these keys, by the key."""
    values = {one for one in wanted if one}
    held = sa.select(CustomerKey.value, Customer).join(Customer, Customer.id == CustomerKey.uid)
    # Key by key: for a list of values SQLite would read all that are held.
    each = (sa.and_(CustomerKey.kind == kind, CustomerKey.value == value, HELD) for value in sorted(values))
    return dict(work.session.execute(held.where(sa.or_(sa.false(), *each))).all())


def _differences(record: Customer, row: Values, own: set[str]) -> Changes:
    """What the row says otherwise. What it leaves out stays, and so does what the customer is known by already: a
    second telephone does not take the place of the first."""
    named = ((name, row[name]) for name in ("name", "phone", "id_no") if name not in own)
    return {name: [getattr(record, name), value] for name, value in named if value and value != getattr(record, name)}


customer_import = CustomerImport(
    customers,
    by=[Role.DATA_STEWARD, Role.MARKETING, Role.CUSTOMER_AFFAIRS],
    overseen_by=[Role.DATA_STEWARD],
)
