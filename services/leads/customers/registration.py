"""How a customer gets a record, and that nobody gets two (L-01, L-03, L-05)."""

from __future__ import annotations

import re

import phonenumbers
import sqlalchemy as sa

from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomerRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary import (
    ContactChannel,
    CustomerKind,
    IdentityNumber,
    LifecycleStage,
    PersonName,
    Phone,
    ProjectId,
)
from services.leads.customers.customer import Customer, customers
from services.leads.customers.lifecycle import begin, stage_of
from services.leads.projects import project_of

REGION = "CN"
#: Weights and check characters of the resident identity number (GB 11643).
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
DESKS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.MARKETING,
    Role.HOTLINE_OPERATOR,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_CENTRE,
    Role.DATA_STEWARD,
]


@customers.create("registered", by=DESKS, emits=[CustomerRegistered])
def register(
    kind: CustomerKind,
    name: PersonName,
    phone: Phone,
    project_id: ProjectId,
    work: Work,
    id_no: IdentityNumber | None = None,
    source: ContactChannel | None = None,
) -> Customer:
    """Register a customer once, with the project of the first contact (L-01, L-03)."""
    project = project_of(work, project_id)
    if not work.actor.covers(DESKS, project.company_id, project.id):
        raise ValidationFailed.of("project_id", "outside_scope")
    customer = Customer(
        kind=kind,
        name=name,
        phone=normalised_phone(phone),
        id_no=normalised_id_no(id_no, kind),
        source=source,
        lifecycle_stage=LifecycleStage.REGISTERED,
    )
    try:
        with work.session.begin_nested():
            work.begin_life(customers, customer, "registered")
            work.session.flush()
    except sa.exc.IntegrityError as clash:
        raise ValidationFailed.of(_field_of(clash), "taken") from None
    work.perform(begin, uid=customer.id, project_id=project_id)
    return customer


def known_or_new(
    work: Work,
    *,
    name: str,
    phone: str,
    project_id: str,
    source: ContactChannel | None = None,
    kind: CustomerKind = CustomerKind.PERSON,
    id_no: str | None = None,
) -> Customer:
    """The customer whom this telephone or identity number belongs to, or a new one (L-02, L-03).

    An exact match leaves the record as it is and begins its stage in the project where there is none. Two that register
    the same customer at once end with one record.
    """
    known = _exact_match(work, phone, id_no, kind)
    if known is None:
        given = {"kind": kind, "name": name, "phone": phone, "id_no": id_no, "source": source}
        try:
            with work.attempt():
                registered: Customer = work.perform(register, project_id=project_id, **given)
            return registered
        except ValidationFailed:
            known = _exact_match(work, phone, id_no, kind)
            if known is None:
                raise
    if stage_of(work, known.id, project_id) is None:
        work.perform(begin, uid=known.id, project_id=project_id)
    return known


def _exact_match(work: Work, phone: str, id_no: str | None, kind: CustomerKind) -> Customer | None:
    by_phone = work.first(Customer, phone=normalised_phone(phone))
    number = normalised_id_no(id_no, kind)
    return by_phone or (work.first(Customer, id_no=number) if number else None)


@customers.change(by=DESKS)
def update(
    customer: Customer,
    work: Work,
    name: PersonName | None = None,
    phone: Phone | None = None,
    id_no: IdentityNumber | None = None,
) -> None:
    """Correct a name, a telephone or an identity number; what is not given stays (L-05)."""
    customer.name = name or customer.name
    if phone is not None:
        customer.phone = normalised_phone(phone)
    if id_no is not None:
        customer.id_no = normalised_id_no(id_no, customer.kind)
    try:
        work.session.flush()
    except sa.exc.IntegrityError as clash:
        raise ValidationFailed.of(_field_of(clash), "taken") from None


def normalised_phone(phone: str) -> str:
    """One form per telephone: the national digits in China, E.164 elsewhere. Raises ValidationFailed for no number."""
    try:
        parsed = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        raise ValidationFailed.of("phone", "invalid_phone") from None
    if not phonenumbers.is_valid_number(parsed):
        raise ValidationFailed.of("phone", "invalid_phone")
    if phonenumbers.region_code_for_number(parsed) != REGION:
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", national)


def normalised_id_no(id_no: str | None, kind: str) -> str | None:
    """In capitals, without blanks. Raises ValidationFailed for a resident's number with a wrong check digit (L-05)."""
    if not id_no:
        return None
    plain = re.sub(r"\s", "", id_no).upper()
    if kind == CustomerKind.PERSON and re.fullmatch(r"\d{17}[\dX]", plain):
        total = sum(int(digit) * weight for digit, weight in zip(plain, WEIGHTS, strict=False))
        if CHECKS[total % 11] != plain[17]:
            raise ValidationFailed.of("id_no", "invalid_id_no")
    return plain


def _field_of(clash: sa.exc.IntegrityError) -> str:
    """The field whose unique index refused the record; never what the other record holds."""
    return "id_no" if "id_no" in str(clash.orig) else "phone"
