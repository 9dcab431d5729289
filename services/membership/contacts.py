"""Contacts that count: what recency and frequency are made of (B-83, B-84, B-29).

What a service tells of a customer's part in a contact is counted once, and an entry that was corrected not at all.
Contacts are counted over some months only; older ones are forgotten.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.parameters import Parameter
from services.chassis.places import place_or_group
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.retention import Forgotten
from services.chassis.work import Work
from services.contracts.events.complaints import EnquiryAnswered
from services.contracts.events.leads import ContractSigned, HandoverCompleted
from services.contracts.events.leads_sales import CallRegistered, HomeReserved, VisitRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Moment, ProjectId, SourceRef
from services.contracts.vocabulary.segments import CountedKind
from services.membership.follow_ups import FollowUp, follow_ups
from services.membership.members import Member, members
from services.membership.places import READERS
from services.membership.profiles import KEPT, Profile, note_contact, profile_of, take_back_contact
from services.membership.purchases import when_signed
from services.membership.rfm import PERIOD

#: (ext) How long contacts are kept; never shorter than the period that they are counted over.
CONTACTS_KEPT = Parameter("rfm.contacts_kept", 400, "days", "B-84")


class CountedContact(Record):
    """One contact in which the customer took part, and `referrer_uid` if somebody had sent them. `cause` is the id of
    what it was, such as a visit, `corrects` that of the entry whose place it has taken."""

    __table_args__ = (sa.Index(None, "uid", "at"), sa.Index(None, "cause"), sa.Index(None, "corrects"))

    uid: Mapped[CustomerUid]
    kind: Mapped[CountedKind]
    at: Mapped[Moment]
    cause: Mapped[SourceRef]
    corrects: Mapped[SourceRef | None]
    referrer_uid: Mapped[CustomerUid | None]


counted_contacts = Process(
    CountedContact,
    readers=READERS,
    title="kind",
    listed=["uid", "kind", "at", "project_id"],
    filters=["uid", "project_id", "kind", "at"],
)
forgotten = Forgotten(counted_contacts, "at", CONTACTS_KEPT, at_least=PERIOD)


@counted_contacts.create("counted", by=[Role.SYSTEM])
def count(
    uid: CustomerUid,
    kind: CountedKind,
    at: Moment,
    cause: SourceRef,
    work: Work,
    project_id: ProjectId | None = None,
    corrects: SourceRef | None = None,
    referrer_uid: CustomerUid | None = None,
) -> CountedContact:
    """A contact counts for recency and frequency from now on (B-83)."""
    told = {"uid": uid, "kind": kind, "at": at, "cause": cause, "corrects": corrects, "referrer_uid": referrer_uid}
    return CountedContact(**told, **place_or_group(work, None, project_id))


@counted_contacts.move("counted", "corrected", by=[Role.SYSTEM])
def discount(contact: CountedContact) -> None:
    """A correction has taken its place (X-47)."""


def note(
    work: Work,
    uid: str,
    kind: CountedKind,
    at: Moment,
    cause: str,
    project_id: str | None = None,
    *,
    corrects: str | None = None,
    referrer_uid: str | None = None,
) -> None:
    """The profile knows the last contact, and who sent the customer; what it was counts once, however often it is told.
    What `corrects` an entry takes its place, whichever of the two is heard first (X-47)."""
    wrong = work.first(CountedContact, kind=kind, cause=corrects, state="counted") if corrects else None
    # In the order in which the night locks them.
    concerned = {one: profile_of(work, one) for one in sorted({uid, wrong.uid} if wrong else {uid})}
    if concerned[uid].state in KEPT:
        contact = work.first(CountedContact, uid=uid, kind=kind, cause=cause)
        if contact is None:
            told = {"uid": uid, "kind": kind, "at": at, "cause": cause, "project_id": project_id}
            contact = work.perform(count, **told, corrects=corrects, referrer_uid=referrer_uid)
            if work.first(CountedContact, kind=kind, corrects=cause) is not None:
                work.perform(discount, contact)
        if contact.state == "counted":
            work.perform(note_contact, concerned[uid], last_contact_at=at, brought_by=referrer_uid)
    if wrong is not None:
        _take_back(work, wrong, concerned[wrong.uid])


def _take_back(work: Work, wrong: CountedContact, profile: Profile) -> None:
    """What only an entry said that was wrong, those that still count say."""
    work.perform(discount, wrong)
    work.session.flush()
    if profile.state not in KEPT:
        return
    still = sorted(work.all(CountedContact, uid=wrong.uid, state="counted"), key=lambda one: one.at)
    last, sender = profile.last_contact_at, profile.brought_by
    if last == wrong.at:
        last = still[-1].at if still else None
    if sender == wrong.referrer_uid:
        sender = next((one.referrer_uid for one in still if one.referrer_uid), None)
    work.perform(take_back_contact, profile, last_contact_at=last, brought_by=sender)


@counted_contacts.reacts(EnquiryAnswered)
def on_enquiry_answered(event: EnquiryAnswered, work: Work) -> None:
    """Asking is a contact (C-117)."""
    if event.uid is not None:
        note(work, event.uid, CountedKind.ENQUIRY, event.at, event.enquiry_id, event.project_id)


@counted_contacts.reacts(CallRegistered)
def on_call_registered(event: CallRegistered, work: Work) -> None:
    """A call to the sales site (L-20)."""
    note(work, event.uid, CountedKind.CALL, event.at, event.call_id, event.project_id, corrects=event.corrects_id)


@counted_contacts.reacts(VisitRegistered)
def on_visit_registered(event: VisitRegistered, work: Work) -> None:
    """A visit (L-21), and the customer who recommended us to whoever came (B-56)."""
    told = {"corrects": event.corrects_id, "referrer_uid": event.referrer_uid}
    note(work, event.uid, CountedKind.VISIT, event.at, event.visit_id, event.project_id, **told)


@counted_contacts.reacts(HomeReserved)
def on_home_reserved(event: HomeReserved, work: Work) -> None:
    """A subscription agreement (L-66)."""
    note(work, event.uid, CountedKind.RESERVATION, event.signed_at, event.reservation_id, event.project_id)


@counted_contacts.reacts(ContractSigned)
def on_contract_signed(event: ContractSigned, work: Work) -> None:
    """A sale contract; one that is entered later counts for the day on which it was signed (L-76)."""
    note(work, event.uid, CountedKind.CONTRACT, when_signed(event, work), event.contract_id)


@counted_contacts.reacts(HandoverCompleted)
def on_handover_completed(event: HandoverCompleted, work: Work) -> None:
    """The owner took the home over (L-114)."""
    note(work, event.uid, CountedKind.HANDOVER, event.at, event.handover_id, event.project_id)


@follow_ups.followed("complete")
def on_follow_up(follow_up: FollowUp, work: Work) -> None:
    """A conversation with the customer (B-63)."""
    note(work, follow_up.uid, CountedKind.FOLLOW_UP, work.now, follow_up.id, follow_up.project_id)


@members.followed("join")
def on_joined(member: Member, work: Work) -> None:
    """The customer joined the club (B-05)."""
    note(work, member.uid, CountedKind.MEMBERSHIP, work.now, member.id, member.project_id)
