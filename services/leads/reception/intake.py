"""What every entry of the reception has in common: whose it is, and what follows it (L-20, L-21, L-55, X-55)."""

from __future__ import annotations

from services.chassis.registers import standing
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContactChannel, ContactDirection, InteractionKind
from services.contracts.vocabulary.reception import FollowUpCause
from services.leads.customers import Customer, CustomerStage, stage_of
from services.leads.customers.customer import known_customer
from services.leads.customers.lifecycle import begin, visit
from services.leads.customers.registration import known_or_new
from services.leads.interactions import Interaction, interactions, log
from services.leads.ownership.history import first_of, history_of, take_turns
from services.leads.ownership.protections import open_protections, reconcile
from services.leads.ownership.rules import Contact
from services.leads.reception.entries import CallEntry, VisitEntry
from services.leads.reception.follow_ups import SalesFollowUp, drop, follow

CAME = "protected_customer_came"
Entry = CallEntry | VisitEntry


def customer_of(
    work: Work,
    project_id: str,
    *,
    uid: str | None,
    name: str | None,
    phone: str | None,
    wechat: str | None = None,
    source: ContactChannel | None = None,
) -> Customer:
    """Whom an entry is about: a customer who was picked, or a name and a telephone, known or new (L-02, L-27).

    Only who may know of a customer picks them; whoever has the telephone writes it down (X-393).
    """
    if uid is not None:
        for field, value in (("name", name), ("phone", phone), ("wechat", wechat)):
            if value:
                raise ValidationFailed.of(field, "customer_or_contact")
        return _alone_with(work, known_customer(work, uid), project_id)
    missing = {
        field: [{"code": "required", "params": {}}] for field, value in (("phone", phone), ("name", name)) if not value
    }
    if missing:
        raise ValidationFailed(errors=missing)
    known = known_or_new(work, name=str(name), phone=str(phone), wechat=wechat, project_id=project_id, source=source)
    return _alone_with(work, known, project_id)


def _alone_with(work: Work, customer: Customer, project_id: str) -> Customer:
    """The customer as they are once everybody else's entries about them are written."""
    take_turns(work, customer.id, project_id)
    if not work.is_new(customer):
        work.session.flush()
        work.session.refresh(customer)
    return customer


def alone_with_both(entry: Entry, work: Work) -> None:
    """A correction locks as an entry does: whom it is about, and was about, before the register's next number."""
    wrong = work.get(type(entry), str(entry.corrects_id))
    for uid in sorted({wrong.uid, entry.uid}):
        take_turns(work, uid, str(entry.project_id))


def follows(work: Work, entry: Entry) -> None:
    """A new entry is a contact on the timeline, brings the customer's stage along, and is followed up."""
    _tell_who_protects(work, entry)
    _place(work, entry)
    work.perform(
        log,
        uid=entry.uid,
        at=entry.at,
        by=received_by(work, entry),
        content=entry.needs,
        reference=entry.number,
        project_id=entry.project_id,
        direction=ContactDirection.INBOUND,
        **_contact(entry),
    )
    _follow_up(work, entry, entry.agent)
    reconcile(work, entry.uid, str(entry.project_id))


def follows_correction(entry: Entry, work: Work) -> None:
    """What followed the entry that was wrong is put right as well; what was wrong stays visible everywhere (X-47)."""
    wrong = work.get(type(entry), str(entry.corrects_id))
    _place(work, entry)
    _take_back(work, wrong)
    for uid in sorted({wrong.uid, entry.uid}):
        reconcile(work, uid, str(entry.project_id))
    said = {"uid": entry.uid, "at": entry.at, "by": received_by(work, entry), "content": entry.needs}
    for contact in work.all(Interaction, standing(Interaction), reference=wrong.number):
        told = {"corrects_id": contact.id, "correction_reason": entry.correction_reason, "reference": entry.number}
        work.perform(interactions.moves["correct"].function, **told, **said)
    if (wrong.uid, wrong.agent, wrong.at) == (entry.uid, entry.agent, entry.at):
        return
    for due in work.all(SalesFollowUp, SalesFollowUp.reference == wrong.number, SalesFollowUp.state == "open"):
        work.perform(drop, due, reason=entry.number)
        work.session.flush()
        _follow_up(work, entry, due.agent if due.agent != wrong.agent else entry.agent)


def _tell_who_protects(work: Work, entry: Entry) -> None:
    """Somebody else's customer has called or come: that agent and the site's lead hear of it, and nothing else changes
    (L-28)."""
    holders = {one.agent for one in open_protections(work, entry.uid, entry.project_id)} - {str(entry.agent)}
    for holder in sorted(holders):
        work.task(CAME, entry, role=Role.SALES_AGENT, assignee=holder)
    if holders:
        work.task(CAME, entry, role=Role.SITE_SALES_LEAD)


def _place(work: Work, entry: Entry) -> None:
    """The customer's stage in the project, and who received them last: a late entry is not the last."""
    stage = stage_of(work, entry.uid, entry.project_id)
    if stage is None:
        stage = work.perform(begin, uid=entry.uid, project_id=entry.project_id)
    latest = _latest(work, stage)
    if latest is not None and latest.entry == first_of(work, entry).id:
        stage.agent = latest.agent
    if isinstance(entry, VisitEntry):
        if stage.state in ("registered", "dormant", "lost"):
            work.perform(visit, stage)
    elif stage.source is None:
        stage.source = entry.source
    work.session.flush()


def _take_back(work: Work, wrong: Entry) -> None:
    """An entry that was wrong does not say any more who received its customer last."""
    stage = stage_of(work, wrong.uid, wrong.project_id)
    if stage is not None and stage.agent == wrong.agent:
        latest = _latest(work, stage)
        stage.agent = latest.agent if latest is not None else None
        work.session.flush()


def _latest(work: Work, stage: CustomerStage) -> Contact | None:
    work.session.flush()
    return history_of(work, stage.uid, str(stage.project_id)).latest


def _follow_up(work: Work, entry: Entry, agent: str | None) -> None:
    if isinstance(entry, VisitEntry):
        follow(work, entry, FollowUpCause.VISIT, agent, entry.id)
    else:
        follow(work, entry, FollowUpCause.CALL, agent)


def received_by(work: Work, entry: Entry) -> str:
    """Who spoke with the customer: of a call that is nobody's, whoever wrote it down."""
    deputy = entry.deputy if isinstance(entry, VisitEntry) else None
    return deputy or entry.agent or first_of(work, entry).created_by


def _contact(entry: Entry) -> dict[str, object]:
    if isinstance(entry, VisitEntry):
        return {"channel": ContactChannel.IN_PERSON, "kind": InteractionKind.VISIT}
    return {"channel": ContactChannel.TELEPHONE, "kind": InteractionKind.CALL}
