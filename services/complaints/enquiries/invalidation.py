"""Facts that leads changes, and the entries that are wrong from then on (C-115).

Leads tells the same fact once for every home; what was told is kept, so that an entry which its owner has corrected
meanwhile is not silenced again by the same news.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import ZONE
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.enquiries.knowledge import KnowledgeEntry, invalidate
from services.contracts.events.leads import HandoverAnnounced, ProjectSalesClosed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CompanyId, Moment, ProjectId, ShortText
from services.contracts.vocabulary.enquiries import EnquiryTopic

#: What nobody can buy any more has no price, and nobody borrows for it.
OF_THE_SALE = (EnquiryTopic.PRICE, EnquiryTopic.LOAN, EnquiryTopic.PURCHASE)


class ProjectFact(Record):
    """What leads told about a project and a topic."""

    __table_args__ = (sa.UniqueConstraint("project_id", "topic", "fact"),)

    topic: Mapped[EnquiryTopic]
    fact: Mapped[ShortText]
    told_at: Mapped[Moment]


facts = Process(ProjectFact, readers=["*"], title="fact", filters=["project_id", "topic"])


@facts.create("known", by=[Role.SYSTEM])
def learn(
    topic: EnquiryTopic, fact: ShortText, project_id: ProjectId, company_id: CompanyId, work: Work
) -> ProjectFact:
    """Leads has told something for the first time (C-115)."""
    return ProjectFact(topic=topic, fact=fact, told_at=work.now, project_id=project_id, company_id=company_id)


@facts.reacts(ProjectSalesClosed)
def on_project_sales_closed(event: ProjectSalesClosed, work: Work) -> None:
    """Nothing is for sale in the project: its entries about prices, loans and buying are wrong now (C-115)."""
    for topic in OF_THE_SALE:
        note(work, event.project_id, topic, event.at.astimezone(ZONE).date().isoformat())


@facts.reacts(HandoverAnnounced)
def on_handover_announced(event: HandoverAnnounced, work: Work) -> None:
    """The dates of a handover are told: what its project's entries say of it has to be looked at (C-115)."""
    home = work.replica("leads/home", event.home_id)
    if home is not None:
        window = f"{event.window_from.isoformat()} – {event.window_to.isoformat()}"
        note(work, home["project_id"], EnquiryTopic.HANDOVER, window)


def note(work: Work, project_id: str, topic: EnquiryTopic, fact: str) -> None:
    """Keep a fact; the project's entries on the topic are invalidated by one that was not known (C-115)."""
    about = ProjectFact.project_id == project_id, ProjectFact.topic == topic
    if work.first(ProjectFact, *about, ProjectFact.fact == fact) is not None:
        return
    work.perform(learn, topic=topic, fact=fact, **place_of(work, None, project_id))
    of_the_topic = KnowledgeEntry.project_id == project_id, KnowledgeEntry.topic == topic
    for entry in work.all(KnowledgeEntry, *of_the_topic, KnowledgeEntry.state == "published"):
        work.perform(invalidate, entry, reason=fact)
