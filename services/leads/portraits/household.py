"""Who belongs to a customer: family, contact persons, referrer, employer (L-17)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.common import CustomerKind, CustomerUid, LongText, PersonName, Phone, Reason
from services.contracts.vocabulary.portrait import HouseholdRelation
from services.leads.customers.customer import REVEALING, is_known_to, known_customer
from services.leads.customers.identity import normalised_phone
from services.leads.portraits.noting import DESKS
from services.leads.portraits.quality import phone_is_valid
from services.leads.readers import PORTRAIT_READERS


class HouseholdLink(Record):
    """`other` is to `uid` what the relation says: a customer too, or somebody of whom only the name is known."""

    uid: Mapped[CustomerUid]
    relation: Mapped[HouseholdRelation]
    other_uid: Mapped[CustomerUid | None]
    other_name: Mapped[PersonName | None]
    other_phone: Mapped[Phone | None]
    note: Mapped[LongText | None]
    reason: Mapped[Reason | None]


household_links = Process(
    HouseholdLink,
    readers=PORTRAIT_READERS,
    title="relation",
    listed=["uid", "relation", "other_uid", "other_name", "other_phone"],
    filters=["uid", "other_uid", "relation"],
    search=["other_name"],
    own=lambda actor, now: is_known_to(actor, HouseholdLink.uid),
)
reveals(household_links, by=REVEALING)


@household_links.create("linked", by=DESKS)
def add(
    uid: CustomerUid,
    relation: HouseholdRelation,
    work: Work,
    other_uid: CustomerUid | None = None,
    other_name: PersonName | None = None,
    other_phone: Phone | None = None,
    note: LongText | None = None,
) -> HouseholdLink:
    """Write down who somebody is to the customer, as another customer or by name (L-17)."""
    known_customer(work, uid)
    if other_uid is None and other_name is None:
        raise ValidationFailed.of("other_uid", "customer_or_name")
    if other_uid == uid:
        raise ValidationFailed.of("other_uid", "linked_to_self")
    other = known_customer(work, other_uid, field="other_uid") if other_uid else None
    if other is not None and (relation == HouseholdRelation.EMPLOYER) != (other.kind == CustomerKind.COMPANY):
        raise ValidationFailed.of("relation", "relation_of_kind")
    same = {"uid": uid, "relation": relation, "other_uid": other_uid, "other_name": other_name}
    if work.first(HouseholdLink, HouseholdLink.state == "linked", **same) is not None:
        raise ValidationFailed.of("other_uid" if other_uid else "other_name", "taken")
    if other_phone and not phone_is_valid(other_phone):
        raise ValidationFailed.of("other_phone", "invalid_phone")
    return HouseholdLink(**same, other_phone=normalised_phone(other_phone) if other_phone else None, note=note)


@household_links.move("linked", "ended", by=DESKS)
def end(link: HouseholdLink, reason: Reason) -> None:
    """It holds no longer, or was wrong."""
    link.reason = reason
