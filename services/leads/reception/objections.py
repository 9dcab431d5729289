"""What speaks against buying, told to marketing in real time, and what its scripts make of it (L-33, L-163)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import ObjectionRecorded
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, LongText, Number, ProjectId, Reason, User
from services.contracts.vocabulary.sales import ConcernTopic, Strength, VisitEntryId
from services.leads.authorship import of_known_customers
from services.leads.customers import Customer
from services.leads.customers.customer import of_known
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception.entries import VisitEntry

FOR_SCRIPTS = "objection_for_scripts"
READERS = [*FLOOR_READERS, Role.MARKETING]


class Objection(Record):
    """One objection of a customer; `script` is what sales say to it from now on."""

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    visit_id: Mapped[VisitEntryId | None]
    topic: Mapped[ConcernTopic]
    strength: Mapped[Strength]
    content: Mapped[LongText]
    agent: Mapped[User]
    script: Mapped[LongText | None]
    reason: Mapped[Reason | None]


objections = Process(
    Objection,
    numbered="OB",
    readers=READERS,
    listed=["number", "uid", "topic", "strength", "content", "agent"],
    filters=["project_id", "uid", "topic", "strength", "agent", "created_at"],
    search=["number", "content"],
    own=of_known(Objection, READERS),
)


@objections.create(
    "recorded",
    by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD],
    emits=[ObjectionRecorded],
    admits=of_known_customers("agent"),
)
def record(
    uid: CustomerUid,
    project_id: ProjectId,
    topic: ConcernTopic,
    content: LongText,
    work: Work,
    strength: Strength = Strength.MEDIUM,
    visit_id: VisitEntryId | None = None,
    agent: User | None = None,
) -> Objection:
    """Write down what a customer whom you know objects to, at a visit or after it; marketing hears of it at once (L-33,
    X-393)."""
    project = project_of(work, project_id)
    work.get(Customer, uid, field="uid")
    if visit_id is not None and work.get(VisitEntry, visit_id, field="visit_id").uid != uid:
        raise ValidationFailed.of("visit_id", "another_customers_visit")
    objection = Objection(
        uid=uid,
        visit_id=visit_id,
        topic=topic,
        strength=strength,
        content=content,
        agent=agent or work.actor.user,
        project_id=project.id,
        company_id=project.company_id,
    )
    work.begin_life(objections, objection, "recorded")
    work.task(FOR_SCRIPTS, objection, role=Role.MARKETING)
    return objection


@objections.move("recorded", "script_revised", by=[Role.MARKETING])
def revise_script(objection: Objection, script: LongText, work: Work) -> None:
    """Sales say something else to it from now on (L-33, L-163)."""
    objection.script = script
    work.end_tasks(objection, "dropped")


@objections.move("recorded", "noted", by=[Role.MARKETING])
def note(objection: Objection, reason: Reason, work: Work) -> None:
    """The scripts stay as they are, and why."""
    objection.reason = reason
    work.end_tasks(objection, "dropped")
