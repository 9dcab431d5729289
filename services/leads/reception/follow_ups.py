"""What follows a visit, a call, a silence or a referral: somebody turns to the customer (L-34, L-47, L-55, L-57)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import VisitFollowUpOverdue
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ContactChannel,
    ContactDirection,
    CustomerUid,
    InteractionKind,
    LongText,
    Moment,
    Number,
    ProjectId,
    Reason,
    SourceRef,
    User,
)
from services.contracts.vocabulary.reception import ContactResult, FollowUpCause
from services.contracts.vocabulary.sales import ConcernTopic, Strength, VisitEntryId
from services.leads.authorship import of_known_customers
from services.leads.customers import Customer, CustomerStage, stages
from services.leads.customers.customer import of_known
from services.leads.customers.lifecycle import SALES
from services.leads.customers.own import given_to
from services.leads.interactions import Interaction, free_from, interactions, log
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception import objections

AFTER_VISIT = Parameter("followup.after_visit", 24, "h", "L-34")
AFTER_CALL = Parameter("followup.after_call", 24, "h", "L-55")
AGAIN = Parameter("followup.again", 24, "h", "L-55")
AFTER_SILENCE = Parameter("followup.after_silence", 24, "h", "L-57")
AFTER_REFERRAL = Parameter("followup.after_referral", 24, "h", "L-47")
LIMITS = {
    FollowUpCause.CALL: AFTER_CALL,
    FollowUpCause.NO_ANSWER: AGAIN,
    FollowUpCause.SILENCE: AFTER_SILENCE,
    FollowUpCause.REFERRAL: AFTER_REFERRAL,
}
PARAMETERS = [AFTER_VISIT, *LIMITS.values()]
COPY = "visit_follow_up_missed"
OVERDUE = ("no_follow_up_after_visit", "sales_follow_up_overdue")
#: What a follow-up is no longer needed for, once the customer has called or come again.
OVERTAKEN_BY = {
    FollowUpCause.VISIT: tuple(FollowUpCause),
    FollowUpCause.CALL: tuple(one for one in FollowUpCause if one != FollowUpCause.VISIT),
}


class SalesFollowUp(Record):
    """One contact that is due; `reference` is the number of the entry after which, `agent` who makes it: without one
    the site's lead finds somebody."""

    number: Mapped[Number]
    cause: Mapped[FollowUpCause]
    uid: Mapped[CustomerUid]
    agent: Mapped[User | None]
    visit_id: Mapped[VisitEntryId | None]
    reference: Mapped[SourceRef | None]
    counted_from: Mapped[Moment]
    channel: Mapped[ContactChannel | None]
    result: Mapped[ContactResult | None]
    note: Mapped[LongText | None]
    appointment_at: Mapped[Moment | None]
    done_by: Mapped[User | None]
    done_at: Mapped[Moment | None]
    reason: Mapped[Reason | None]


sales_follow_ups = Process(
    SalesFollowUp,
    numbered="SF",
    readers=FLOOR_READERS,
    listed=["number", "uid", "cause", "reference", "agent", "counted_from", "result", "done_at"],
    filters=["project_id", "uid", "cause", "agent", "reference", "result", "counted_from", "done_at"],
    search=["number", "reference"],
    own=of_known(SalesFollowUp, FLOOR_READERS),
)
given_to(lambda agent: sa.select(SalesFollowUp.uid).where(SalesFollowUp.agent == agent))


@sales_follow_ups.create("open", by=SALES, admits=of_known_customers())
def plan(
    uid: CustomerUid,
    project_id: ProjectId,
    cause: FollowUpCause,
    work: Work,
    agent: User | None = None,
    visit_id: VisitEntryId | None = None,
    reference: SourceRef | None = None,
    counted_from: Moment | None = None,
) -> SalesFollowUp:
    """Have somebody turn to a customer whom you know, after a visit, a call, a silence or a referral; whoever is given
    it knows them from then on (L-47, L-55, L-57, X-393)."""
    project = project_of(work, project_id)
    work.get(Customer, uid, field="uid")
    return SalesFollowUp(
        cause=cause,
        uid=uid,
        agent=agent,
        visit_id=visit_id,
        reference=reference,
        counted_from=counted_from or work.now,
        project_id=project.id,
        company_id=project.company_id,
    )


@sales_follow_ups.change("open", by=[Role.SITE_SALES_LEAD])
def assign(follow_up: SalesFollowUp, agent: User, work: Work) -> None:
    """Have an agent make the contact: what nobody of the site has, or somebody who is away. What was overdue with
    whoever had it is the agent's task (L-57, L-58)."""
    follow_up.agent = agent
    for rule in OVERDUE:
        if work.end_tasks(follow_up, "dropped", subject=rule):
            work.task(rule, follow_up, role=Role.SALES_AGENT, assignee=agent)


@sales_follow_ups.move("open", "done", by=SALES)
def record(
    follow_up: SalesFollowUp,
    channel: ContactChannel,
    result: ContactResult,
    work: Work,
    note: LongText | None = None,
    appointment_at: Moment | None = None,
    topic: ConcernTopic | None = None,
    strength: Strength = Strength.MEDIUM,
) -> None:
    """The customer was turned to, and what came of it; who did not answer is tried again (L-55)."""
    if result in (ContactResult.OTHER, ContactResult.OBJECTION) and not note:
        raise ValidationFailed.of("note", "required")
    follow_up.appointment_at = appointment_at
    who = {"uid": follow_up.uid, "project_id": follow_up.project_id}
    if result == ContactResult.OBJECTION:
        if topic is None:
            raise ValidationFailed.of("topic", "required")
        said: dict[str, Any] = {"topic": topic, "content": note, "strength": strength, "agent": work.actor.user}
        work.perform(objections.record, visit_id=follow_up.visit_id, **who, **said)
    work.perform(
        log,
        **who,
        channel=channel,
        direction=ContactDirection.OUTBOUND,
        kind=KINDS.get(channel, InteractionKind.MESSAGE),
        by=work.actor.user,
        content=note,
        reference=follow_up.number,
        result=result,
    )
    _note(follow_up, work, channel, result, note, by=work.actor.user, at=work.now)


@sales_follow_ups.move("open", "done", by=[Role.SYSTEM])
def fulfil(
    follow_up: SalesFollowUp,
    channel: ContactChannel,
    result: ContactResult,
    done_by: User,
    done_at: Moment,
    work: Work,
    note: LongText | None = None,
) -> None:
    """The contact that was due after a visit was written into the contact log by hand (L-34, X-55)."""
    _note(follow_up, work, channel, result, note, by=done_by, at=done_at)


def _note(
    follow_up: SalesFollowUp,
    work: Work,
    channel: ContactChannel,
    result: ContactResult,
    note: LongText | None,
    *,
    by: User,
    at: Moment,
) -> None:
    """Keep what came of it; who did not answer is tried again, as soon as that channel is free (L-55, L-60)."""
    follow_up.channel, follow_up.result, follow_up.note = channel, result, note
    follow_up.done_by, follow_up.done_at = by, at
    work.end_tasks(follow_up, "dropped")
    if result == ContactResult.NO_ANSWER:
        work.session.flush()  # this attempt fills the cap as well
        if _is_tried_again(work, follow_up):
            return
        same = ("uid", "project_id", "visit_id", "agent")
        again: dict[str, Any] = {name: getattr(follow_up, name) for name in same}
        free = free_from(work, follow_up.uid, channel, at)
        work.perform(plan, cause=FollowUpCause.NO_ANSWER, reference=follow_up.number, counted_from=free, **again)


def _is_tried_again(work: Work, follow_up: SalesFollowUp) -> bool:
    """One unanswered call can be what several follow-ups waited for: the customer is tried again once."""
    others = (one for one in _open_of(work, follow_up.uid, follow_up.project_id) if one is not follow_up)
    return any(one.cause == FollowUpCause.NO_ANSWER for one in others)


@sales_follow_ups.move("open", "dropped", by=SALES)
def drop(follow_up: SalesFollowUp, reason: Reason, work: Work) -> None:
    """No longer needed: the customer came or called again, has bought, or was entered by mistake."""
    follow_up.reason = reason or None
    work.end_tasks(follow_up, "dropped")


@sales_follow_ups.change("open", by=[Role.SYSTEM])
def miss(follow_up: SalesFollowUp, work: Work) -> None:
    """Nobody has followed the visit up in time: the site's lead is told as well (L-34)."""
    work.task(COPY, follow_up, role=Role.SITE_SALES_LEAD)


@interactions.followed("log")
def on_contact(contact: Interaction, work: Work) -> None:
    """Whoever had a follow-up to make after a visit and wrote the contact into the log has made it (L-34). A contact
    whose result is not told is one in which the customer took part, as everywhere (L-56)."""
    if contact.direction != ContactDirection.OUTBOUND:
        return
    made = {"channel": contact.channel, "note": contact.content, "done_by": contact.by, "done_at": contact.at}
    for due in work.all(SalesFollowUp, uid=contact.uid, cause=FollowUpCause.VISIT, state="open"):
        theirs = contact.by == due.agent or _leads(work, due)
        there = contact.project_id in (None, due.project_id) and contact.at >= due.counted_from
        if theirs and there and contact.reference != due.number:
            work.perform(fulfil, due, result=contact.result or ContactResult.REACHED, **made)


@stages.followed("reserve", "contract", "lose")
def end_follow_ups(stage: CustomerStage, work: Work) -> None:
    """Who buys is looked after otherwise, and who is lost is not called any more."""
    for due in _open_of(work, stage.uid, stage.project_id):
        work.perform(drop, due, reason="")


def _leads(work: Work, due: SalesFollowUp) -> bool:
    lead = work.actor.covers([Role.SITE_SALES_LEAD], due.company_id, due.project_id)
    return lead and not work.actor.is_system


KINDS = {
    ContactChannel.TELEPHONE: InteractionKind.CALL,
    ContactChannel.IN_PERSON: InteractionKind.VISIT,
    ContactChannel.HOME_VISIT: InteractionKind.VISIT,
}


#: Who has to make a contact; where nobody has the customer, the site's lead finds somebody (L-58).
HOLDER: dict[str, Any] = {
    "to": lambda follow_up: Role.SALES_AGENT if follow_up.agent else Role.SITE_SALES_LEAD,
    "user": lambda follow_up: follow_up.agent,
}


clock(
    sales_follow_ups,
    "after_visit",
    limit=lambda follow_up: AFTER_VISIT if follow_up.cause == FollowUpCause.VISIT else None,
    since="counted_from",
    starts="open",
    breach=VisitFollowUpOverdue,
    alarm=Alarm(OVERDUE[0], "L-34", **HOLDER),
    then=miss,
)
clock(
    sales_follow_ups,
    "follow_up",
    limit=lambda follow_up: LIMITS.get(follow_up.cause),
    since="counted_from",
    starts="open",
    alarm=Alarm(OVERDUE[1], "L-55", **HOLDER),
)


def follow(work: Work, entry: Any, cause: FollowUpCause, agent: str | None, visit_id: str | None = None) -> None:
    """The customer called or came: what was due before is overtaken, and the next contact is due (L-55)."""
    for earlier in _open_of(work, entry.uid, entry.project_id):
        if earlier.cause in OVERTAKEN_BY[cause]:
            work.perform(drop, earlier, reason=entry.number)
    due = {"cause": cause, "agent": agent, "visit_id": visit_id}
    about = {"uid": entry.uid, "project_id": entry.project_id, "reference": entry.number, "counted_from": entry.at}
    work.perform(plan, **due, **about)


def _open_of(work: Work, uid: str, project_id: str | None) -> list[SalesFollowUp]:
    return work.all(SalesFollowUp, uid=uid, project_id=project_id, state="open")
