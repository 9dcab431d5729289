"""How a customer gets a record, and that nobody gets two (L-01, L-03, L-05)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.chassis.beforehand import beforehand
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
    ASKING,
    asked_after,
    hold_key,
    holder_of,
    keys_of,
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
    wechat: KeyValue | None = None,
    open_id: KeyValue | None = None,
) -> Customer:
    """Register a customer once, with the project of the first contact (L-01, L-03)."""
    keys = keys_of({"phone": phone, "id_no": id_no, "wechat": wechat, "open_id": open_id}, kind)
    project = project_of(work, project_id)
    if not work.actor.covers(DESKS, project.company_id, project.id):
        raise ValidationFailed.of("project_id", "outside_scope")
    customer = Customer(
        kind=kind,
        name=name,
        phone=keys[KeyKind.PHONE],
        id_no=keys.get(KeyKind.ID_NO),
        source=source,
        lifecycle_stage=LifecycleStage.REGISTERED,
    )
    work.begin_life(customers, customer, "registered")
    for key_kind, key in keys.items():
        hold_key(work, customer, key_kind, key, field=key_kind)
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
    wechat: str | None = None,
    open_id: str | None = None,
) -> Customer:
    """The customer whom this telephone, identity number, WeChat or open id belongs to, or a new one (L-02, L-03).

    An exact match leaves the record as it is and begins its stage in the project where there is none. Two that register
    the same customer at once end with one record.
    """
    work.among(RESOURCE)
    given = {"phone": phone, "id_no": id_no, "wechat": wechat, "open_id": open_id}
    keys = keys_of(given, kind)
    known = _exact_match(work, keys, project_id) or _exact_match(work, keys, project_id, to_hold=True)
    if known is None:
        known = work.perform(register, kind=kind, name=name, source=source, project_id=project_id, **given)
    elif stage_of(work, known.id, project_id) is None:
        work.perform(begin, uid=known.id, project_id=project_id)
    work.session.flush()
    return known


def _exact_match(work: Work, keys: Mapping[KeyKind, str], project_id: str, *, to_hold: bool = False) -> Customer | None:
    """Who is known by the first of the keys that somebody is known by; that there are others is for the steward."""
    holders = [holder_of(work, kind, value, to_hold=to_hold) for kind, value in keys.items()]
    uids = list(dict.fromkeys(key.uid for key in holders if key is not None))
    for other in uids[1:]:
        bring_up(work, uids[0], other, project_id)
    return work.get(Customer, uids[0]) if uids else None


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


@beforehand(register)
@beforehand(update)
@beforehand(add_key)
def look_up(customer: Customer | None, given: Mapping[str, Any], work: Work) -> Callable[[], Any]:
    """Whoever writes a number down learns whether a customer is known by it: that is a look-up, kept also where the
    command is refused. Those who keep the records may see them all (L-03, X-65)."""
    service, actor = work.service, work.actor
    kind = CustomerKind(customer.kind if customer is not None else given["kind"])
    named = {given["key_kind"]: given["key"]} if "key" in given else given
    keys = {} if actor.scopes([role for role in DESKS if role not in ASKING]) else keys_of(named, kind)
    own = (customer.phone, customer.id_no) if customer is not None else ()

    def ask() -> None:
        for key_kind, key in keys.items():
            if key not in own:
                with service.begin(actor, command="look_up_customer") as asking:
                    asked_after(asking, key_kind, key)

    return ask


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
