"""How a customer gets a record, and that nobody gets two (L-01, L-03, L-05)."""

from __future__ import annotations

from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomerRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ContactChannel,
    CustomerKind,
    IdentityNumber,
    LifecycleStage,
    PersonName,
    Phone,
    ProjectId,
)
from services.contracts.vocabulary.sales import KeyKind, KeyValue
from services.leads.customers.customer import RESOURCE, Customer, CustomerStage, customers, stages
from services.leads.customers.duplicates import bring_up, look_for_others
from services.leads.customers.identity import (
    hold_key,
    holder_of,
    let_go,
    normalised,
    normalised_id_no,
    normalised_phone,
)
from services.leads.customers.lifecycle import begin, stage_of
from services.leads.projects import project_of

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
    work.begin_life(customers, customer, "registered")
    hold_key(work, customer, KeyKind.PHONE, customer.phone, field="phone")
    if customer.id_no:
        hold_key(work, customer, KeyKind.ID_NO, customer.id_no, field="id_no")
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
    work.among(RESOURCE)
    known = _exact_match(work, phone, id_no, kind, project_id)
    if known is None:
        given = {"kind": kind, "name": name, "phone": phone, "id_no": id_no, "source": source}
        try:
            with work.attempt():
                registered: Customer = work.perform(register, project_id=project_id, **given)
            return registered
        except ValidationFailed:
            known = _exact_match(work, phone, id_no, kind, project_id)
            if known is None:
                raise
    if stage_of(work, known.id, project_id) is None:
        work.perform(begin, uid=known.id, project_id=project_id)
    return known


def _exact_match(work: Work, phone: str, id_no: str | None, kind: CustomerKind, project_id: str) -> Customer | None:
    """Who is known by the telephone, else by the identity number; that these are two is a matter for the steward."""
    number = normalised_id_no(id_no, kind)
    by_phone = holder_of(work, KeyKind.PHONE, normalised_phone(phone))
    by_number = holder_of(work, KeyKind.ID_NO, number) if number else None
    if by_phone is not None and by_number is not None and by_phone.uid != by_number.uid:
        bring_up(work, by_phone.uid, by_number.uid, project_id)
    key = by_phone or by_number
    return work.get(Customer, key.uid) if key is not None else None


@customers.change("registered", by=DESKS)
def update(
    customer: Customer,
    work: Work,
    name: PersonName | None = None,
    phone: Phone | None = None,
    id_no: IdentityNumber | None = None,
) -> None:
    """Correct a name, a telephone or an identity number; what is not given stays (L-05)."""
    if phone is not None:
        phone = normalised_phone(phone)
        _exchange(work, customer, KeyKind.PHONE, customer.phone, phone, field="phone")
    if id_no is not None:
        id_no = normalised_id_no(id_no, customer.kind)
        _exchange(work, customer, KeyKind.ID_NO, customer.id_no, id_no, field="id_no")
        customer.id_no = id_no
    customer.name, customer.phone = name or customer.name, phone or customer.phone
    _look_everywhere(work, customer)


def _exchange(
    work: Work, customer: Customer, kind: KeyKind, before: str | None, after: str | None, *, field: str
) -> None:
    if before == after:
        return
    if before:
        let_go(work, customer, kind, before)
    if after:
        hold_key(work, customer, kind, after, field=field)


@customers.change("registered", by=DESKS)
def add_key(customer: Customer, key_kind: KeyKind, key: KeyValue, work: Work) -> None:
    """Another telephone, an identity document, a WeChat or an open id that the customer is known by (L-03)."""
    hold_key(work, customer, key_kind, normalised(key_kind, key, CustomerKind(customer.kind), field="key"), field="key")
    _look_everywhere(work, customer)


@customers.change("registered", by=[Role.CUSTOMER_AFFAIRS, Role.DATA_STEWARD])
def drop_key(customer: Customer, key_kind: KeyKind, key: KeyValue, work: Work) -> None:
    """The customer is not known by this any more; the telephone and identity number of the record are corrected."""
    plain = normalised(key_kind, key, CustomerKind(customer.kind), field="key")
    if plain in (customer.phone, customer.id_no):
        raise ValidationFailed.of("key", "key_of_the_record")
    if not let_go(work, customer, key_kind, plain):
        raise ValidationFailed.of("key", "key_not_held")


@customers.move("registered", "merged", by=[Role.SYSTEM])
def absorb(customer: Customer) -> None:
    """The UID is an alias from now on; it is never used again (L-01, L-04)."""


@customers.move("merged", "registered", by=[Role.SYSTEM])
def restore(customer: Customer) -> None:
    """A customer of its own again."""


@stages.followed("begin")
def on_begun(stage: CustomerStage, work: Work) -> None:
    """By whatever way a customer came to a project: who is there already may be the same person (L-03)."""
    look_for_others(work, work.get(Customer, stage.uid), str(stage.project_id))


def _look_everywhere(work: Work, customer: Customer) -> None:
    for stage in work.all(CustomerStage, CustomerStage.uid == customer.id):
        look_for_others(work, customer, str(stage.project_id))
