"""Several records that are one customer: the steward proposes, customer affairs confirms (L-04, X-36.15)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import joining, views
from services.chassis.authority import ApprovalRule
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomersMerged, CustomerStageChanged, CustomersUnmerged
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Details, Moment, Number, Reason, User
from services.leads.customers.customer import RESOURCE, Customer, CustomerStage, customers, known_customer, stages
from services.leads.customers.duplicates import (
    STEWARDSHIP,
    DuplicateCandidate,
    ask_steward,
    candidates,
    open_between,
    suspect,
)
from services.leads.customers.lifecycle import ORDER, furthest
from services.leads.customers.lifecycle import merge as merge_stage
from services.leads.customers.registration import absorb, restore
from services.leads.ownership.protections import reconcile
from services.leads.portraits.portrait import portrait_of

#: (ext) Records that are merged into one at once.
AT_ONCE = Parameter("merge.most", 5, "customers", "L-04")


class CustomerMerge(Record):
    """A decision that several records are one customer; `conflicts` are records that stayed under the merged UID."""

    __historic__ = ("survivor_uid", "merged_uids")

    number: Mapped[Number]
    survivor_uid: Mapped[CustomerUid]
    merged_uids: Mapped[list[CustomerUid]]
    reason: Mapped[Reason]
    decided_by: Mapped[User | None]
    decided_at: Mapped[Moment | None]
    conflicts: Mapped[list[Details]]
    reversal_reason: Mapped[Reason | None]


merges = Process(
    CustomerMerge,
    numbered="CM",
    readers=[*STEWARDSHIP, Role.AUDITOR],
    listed=["number", "survivor_uid", "reason", "decided_by", "decided_at"],
    filters=["project_id", "survivor_uid", "decided_by", "decided_at"],
    announces=[CustomersMerged, CustomersUnmerged],
)

consent = ApprovalRule("customer_merge", "X-36.15", Role.CUSTOMER_AFFAIRS, ("survivor_uid", "merged_uids", "reason"))


@merges.create("proposed", by=[Role.DATA_STEWARD], submits=consent)
def propose(survivor_uid: CustomerUid, merged_uids: list[CustomerUid], reason: Reason, work: Work) -> CustomerMerge:
    """Propose that customers are one: which record survives, which become its aliases, and why (L-04)."""
    merged, most = list(dict.fromkeys(merged_uids)), int(work.parameter(AT_ONCE))
    if not 0 < len(merged) <= most:
        raise ValidationFailed.of("merged_uids", "merged_count", most=most)
    if survivor_uid in merged:
        raise ValidationFailed.of("merged_uids", "same_customer")
    work.alone("customer_merge")
    for field, uid in [("survivor_uid", survivor_uid), *(("merged_uids", uid) for uid in merged)]:
        if known_customer(work, uid, field=field).state != "registered" or _is_proposed(work, uid):
            raise ValidationFailed.of(field, "merge_open", id=uid)
    merge = CustomerMerge(survivor_uid=survivor_uid, merged_uids=merged, reason=reason, **_place(work, merged))
    work.begin_life(merges, merge, "proposed")
    for uid in merged:
        pair = open_between(work, [survivor_uid, uid])
        candidate = pair[0] if pair else _found_by_hand(work, survivor_uid, uid)
        if candidate is not None:
            work.perform(note_proposal, candidate)
    return merge


@candidates.change("suspected", by=[Role.DATA_STEWARD])
def propose_merge(candidate: DuplicateCandidate, survivor_uid: CustomerUid, reason: Reason, work: Work) -> None:
    """They are one customer: propose which of the two records survives (L-03, L-04)."""
    pair = list(joining.current(work, RESOURCE, [candidate.uid, candidate.other_uid]).values())
    if survivor_uid not in pair:
        raise ValidationFailed.of("survivor_uid", "none_of_the_pair")
    work.perform(
        propose, survivor_uid=survivor_uid, merged_uids=[uid for uid in pair if uid != survivor_uid], reason=reason
    )


@candidates.move("suspected", "merge_proposed", by=[Role.SYSTEM])
def note_proposal(candidate: DuplicateCandidate, work: Work) -> None:
    """The steward has proposed to merge them."""
    work.end_tasks(candidate, "done")


@candidates.move("merge_proposed", "suspected", by=[Role.SYSTEM])
def note_refusal(candidate: DuplicateCandidate, work: Work) -> None:
    """The merge was not confirmed: the steward looks again."""
    ask_steward(work, candidate)


@candidates.move("merge_proposed", "merged", by=[Role.SYSTEM])
def note_merge(candidate: DuplicateCandidate) -> None:
    """They are one customer."""


@candidates.move("merged", "dismissed", by=[Role.SYSTEM])
def note_reversal(candidate: DuplicateCandidate, reason: Reason) -> None:
    """The merge was a mistake."""
    candidate.reason = reason


def _all_known(merge: CustomerMerge, work: Work) -> Obstacle | None:
    """Nobody decides about a customer of whom they may not know (X-393)."""
    of_merge = Customer.id.in_([merge.survivor_uid, *merge.merged_uids])
    known = work.session.scalar(sa.select(sa.func.count()).where(of_merge, *views.seen(work, customers))) or 0
    return None if known > len(merge.merged_uids) else Obstacle("merge_of_others")


@merges.move("proposed", "merged", approves=consent, guard=_all_known)
def approve(merge: CustomerMerge, work: Work, comment: Reason = "") -> None:
    """Confirm: every child record follows the survivor, here and in every service (L-04, X-36.15, X-407)."""
    left = joining.join(work, RESOURCE, merge.survivor_uid, merge.merged_uids)
    merge.conflicts = [_described(record) for record, _ in left]
    for record, _ in left:
        if isinstance(record, CustomerStage):
            _settle_stage(work, merge, record)
    merge.decided_by, merge.decided_at = work.actor.user, work.now
    for uid in sorted(merge.merged_uids):
        work.perform(absorb, work.get(Customer, uid, lock=True))
    _see_anew(work, merge.survivor_uid)
    for candidate in _candidates_of(work, merge, "merge_proposed"):
        work.perform(note_merge, candidate)
    _tell(work, CustomersMerged, merge)


@merges.move("proposed", "rejected", rejects=consent)
def reject(merge: CustomerMerge, reason: Reason, work: Work) -> None:
    """They stay customers of their own; why (L-04)."""
    merge.decided_by, merge.decided_at = work.actor.user, work.now
    for candidate in _candidates_of(work, merge, "merge_proposed"):
        work.perform(note_refusal, candidate)


@merges.move("proposed", "withdrawn", by=[Role.DATA_STEWARD])
def withdraw(merge: CustomerMerge, reason: Reason, work: Work) -> None:
    """The steward thinks better of it."""
    for candidate in _candidates_of(work, merge, "merge_proposed"):
        work.perform(note_refusal, candidate)


def _stands_last(merge: CustomerMerge, work: Work) -> Obstacle | None:
    """Merges that build on each other are taken back in turn, the latest first."""
    survivor = work.get(Customer, merge.survivor_uid)
    return Obstacle("merged_onward") if survivor.state == "merged" else None


@merges.move("merged", "reversed", by=[Role.CUSTOMER_AFFAIRS], guard=_stands_last)
def reverse(merge: CustomerMerge, reason: Reason, work: Work) -> None:
    """Take a merge back by what it recorded; what was written since stays with the survivor (L-04)."""
    merge.reversal_reason = reason
    uids = [merge.survivor_uid, *merge.merged_uids]
    before = {stage.id: stage.state for stage in work.all(CustomerStage, CustomerStage.uid.in_(uids))}
    joining.part(work, RESOURCE, merge.survivor_uid, merge.merged_uids)
    for stage in work.all(CustomerStage, CustomerStage.uid.in_(uids)):
        if stage.state != before[stage.id]:
            _go_back(work, stage, before[stage.id], reason)
    for uid in sorted(merge.merged_uids):
        work.perform(restore, work.get(Customer, uid, lock=True))
    for uid in uids:
        _see_anew(work, uid)
    for candidate in _candidates_of(work, merge, "merged"):
        work.perform(note_reversal, candidate, reason=reason)
    _tell(work, CustomersUnmerged, merge, reason=reason)


def _tell(work: Work, event: Any, merge: CustomerMerge, **more: Any) -> None:
    facts = {"surviving_uid": merge.survivor_uid, "decided_by": work.actor.user, "at": work.now, **more}
    work.emit(event, merge, merged_uids=merge.merged_uids, **facts)


def _is_proposed(work: Work, uid: str) -> bool:
    """Whether another open proposal names the customer."""
    waiting = work.all(CustomerMerge, CustomerMerge.state == "proposed")
    return any(uid in (one.survivor_uid, *one.merged_uids) for one in waiting)


def _place(work: Work, uids: list[str]) -> dict[str, str | None]:
    """The project of the first record that is merged; a customer's first contact was in one."""
    stage = work.first(CustomerStage, CustomerStage.uid == uids[0])
    return {"project_id": stage.project_id, "company_id": stage.company_id} if stage is not None else {}


def _found_by_hand(work: Work, survivor: str, uid: str) -> DuplicateCandidate | None:
    """The steward has seen what the search has not: every merge has its item."""
    place = _place(work, [uid])
    if not place:
        return None
    found: DuplicateCandidate = work.perform(suspect, uid=survivor, other_uid=uid, project_id=place["project_id"])
    return found


def _candidates_of(work: Work, merge: CustomerMerge, state: str) -> list[DuplicateCandidate]:
    pairs = [sorted((merge.survivor_uid, uid)) for uid in merge.merged_uids]
    return [
        one for first, second in pairs for one in work.all(DuplicateCandidate, uid=first, other_uid=second, state=state)
    ]


def _settle_stage(work: Work, merge: CustomerMerge, theirs: CustomerStage) -> None:
    """Both have been in the project: the survivor has come as far as either of them, and one stage counts (X-72)."""
    ours = work.first(CustomerStage, uid=merge.survivor_uid, project_id=theirs.project_id)
    if ours is not None and ORDER.index(ours.state) < ORDER.index(theirs.state):
        was = ours.state
        joining.note(work, RESOURCE, theirs.uid, ours, "state", theirs.state)
        work.enter(stages, ours, theirs.state)
        ours.since, ours.reason = theirs.since, theirs.reason
        work.emit(CustomerStageChanged, ours, from_stage=was, to_stage=theirs.state, at=work.now)
    joining.note(work, RESOURCE, theirs.uid, theirs, "state", "merged")
    work.perform(merge_stage, theirs)


def _go_back(work: Work, stage: CustomerStage, was: str, reason: str) -> None:
    """A stage is again what it was before the merge: its limits run, and the survivor's is told to go back (X-72)."""
    work.enter(stages, stage, stage.state)
    if was != "merged":
        stage.since, stage.reason = work.now, reason
        work.emit(CustomerStageChanged, stage, from_stage=was, to_stage=stage.state, at=work.now)


def _see_anew(work: Work, uid: str) -> None:
    """The stage overall, the protections by the registers, and the portrait by what is said, which is no fresher for
    it (X-72, L-42, L-13)."""
    stages_now = work.all(CustomerStage, CustomerStage.uid == uid)
    for stage in stages_now:
        reconcile(work, uid, str(stage.project_id))
    portrait = portrait_of(work, uid)
    portrait.customer.lifecycle_stage = furthest([stage.state for stage in stages_now])
    portrait.follow()


def _described(record: Record) -> dict[str, Any]:
    return {"register": record.__tablename__, "id": record.id, "state": record.state, "project_id": record.project_id}
