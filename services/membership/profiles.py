"""What the club knows of a customer: who is of high value, in which segment they are, and who may turn to them (B-82,
B-83, X-73)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis import joining
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import ContractSigned, CustomerRegistered, CustomersMerged
from services.contracts.events.membership import (
    HighValueCustomerDesignated,
    HighValueCustomerRevoked,
    ReferralWillingnessChanged,
    SegmentChanged,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, CustomerUid, Details, Moment, Money, Percent, Reason, User
from services.contracts.vocabulary.segments import Segment
from services.membership.places import READERS

HIGH_VALUE = Parameter("high_value.intention", 10_000_000, "yuan", "B-82")
DESK = [Role.CUSTOMER_AFFAIRS, Role.CUSTOMER_CENTRE, Role.CLUB_OFFICER]
#: The states of a customer's profile that is kept up.
KEPT = ("ordinary", "high_value")


class Profile(Record):
    """A customer as membership sees them; the id is the UID.

    The segment, its figures and the referral-willingness index are those of the last night; `brought_by` is on whose
    word the customer came to us, `contact_rights` the agents who have or had the customer's protection.
    """

    uid: Mapped[CustomerUid]
    segment: Mapped[Segment | None]
    monetary: Mapped[Money | None]
    frequency: Mapped[Count | None]
    referral_index: Mapped[Percent | None]
    brought_by: Mapped[CustomerUid | None]
    contact_rights: Mapped[list[Details]]
    reason: Mapped[Reason | None]
    adviser: Mapped[User | None]
    changed_at: Mapped[Moment | None]
    last_contact_at: Mapped[Moment | None]


profiles = Process(
    Profile,
    readers=READERS,
    title="uid",
    listed=["uid", "segment", "monetary", "frequency", "last_contact_at", "referral_index", "adviser"],
    filters=["uid", "segment", "referral_index", "adviser"],
    announces=[SegmentChanged, ReferralWillingnessChanged],
)


@profiles.create("ordinary", by=DESK)
def start(uid: CustomerUid, work: Work) -> Profile:
    """Open the profile of a customer (X-73)."""
    if work.session.get(Profile, uid) is not None:
        raise ValidationFailed.of("uid", "taken")
    return Profile(id=uid, uid=uid)


@profiles.move("ordinary", "high_value", by=DESK, emits=[HighValueCustomerDesignated])
def designate(profile: Profile, reason: Reason, work: Work, adviser: User | None = None) -> None:
    """Designate a high-value customer, with the reason and an adviser: requests get the one-hour tier (B-82, B-81)."""
    profile.reason, profile.adviser, profile.changed_at = reason, adviser, work.now


@profiles.change("high_value", by=DESK)
def advise(profile: Profile, adviser: User) -> None:
    """Give the customer another dedicated adviser (B-81)."""
    profile.adviser = adviser


@profiles.move("high_value", "ordinary", by=DESK, emits=[HighValueCustomerRevoked])
def revoke(profile: Profile, reason: Reason, work: Work) -> None:
    """No longer of high value, with the reason (B-82)."""
    profile.reason, profile.adviser, profile.changed_at = reason, None, work.now


@profiles.change(KEPT, by=[Role.SYSTEM])
def note_contact(profile: Profile, last_contact_at: Moment, brought_by: CustomerUid | None = None) -> None:
    """The customer took part in a contact; what is told late does not turn the clock back (X-55, C-117). Who sent them
    first has brought them (B-56)."""
    profile.last_contact_at = max(profile.last_contact_at or last_contact_at, last_contact_at)
    profile.brought_by = profile.brought_by or brought_by


@profiles.change(KEPT, by=[Role.SYSTEM])
def take_back_contact(profile: Profile, last_contact_at: Moment | None, brought_by: CustomerUid | None) -> None:
    """A contact was not this customer's, or was another one: what is known without it (X-47)."""
    profile.last_contact_at, profile.brought_by = last_contact_at, brought_by


@profiles.reacts(CustomerRegistered)
def on_customer_registered(event: CustomerRegistered, work: Work) -> None:
    """Every customer has a profile (X-73)."""
    profile_of(work, event.uid)


@profiles.reacts(ContractSigned)
def on_contract_signed(event: ContractSigned, work: Work) -> None:
    """Who buys in the ten-million-yuan class is of high value (B-82)."""
    profile = profile_of(work, event.uid)
    if profile.state == "ordinary" and event.amount >= work.parameter(HIGH_VALUE):
        work.perform(designate, profile, reason=f"{event.number} · ¥ {event.amount:,.2f}")


@profiles.reacts(CustomersMerged)
def on_customers_merged(event: CustomersMerged, work: Work) -> None:
    """The survivor is of as high value, and was met as late, as the merged customers (X-407, B-82)."""
    (survivor,) = joining.current(work, "leads/customer", [event.surviving_uid]).values()
    for uid in event.merged_uids:
        theirs, ours = work.session.get(Profile, uid), profile_of(work, survivor)
        if theirs is None:
            continue
        if theirs.state == "high_value" and ours.state == "ordinary":
            work.perform(designate, ours, reason=theirs.reason, adviser=theirs.adviser)
        if theirs.last_contact_at is not None:
            work.perform(note_contact, ours, last_contact_at=theirs.last_contact_at)


def profile_of(work: Work, uid: str) -> Profile:
    """The customer's profile, to be changed; opened where there is none yet.

    It is locked: what is heard of the customer meanwhile does not refuse what somebody does. Messages that are taken
    together lock nothing; where another transaction was faster they are taken again, one by one.
    """
    profile = work.session.get(Profile, uid, with_for_update=None if work.ahead else True)
    if profile is None:
        opened: Profile = work.perform(start, uid=uid)
        work.session.flush()
        return opened
    return profile
