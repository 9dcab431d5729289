"""Content that answers what speaks against buying: suggested for an objection, sent by a person (L-33, L-15)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.leads_sales import ObjectionRecorded
from services.contracts.events.membership import CareSent
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContactChannel, CustomerUid, LongText, ProjectId, Reason
from services.contracts.vocabulary.portrait import ContentTheme
from services.contracts.vocabulary.sales import ConcernTopic, ObjectionId, Strength
from services.membership.places import READERS
from services.membership.project_holds import silence

DESK = [Role.CLUB_OFFICER, Role.MARKETING]
#: The themes of marketing's content rules that speak to a concern (L-15); none does to the others.
ANSWERED_BY = {
    ConcernTopic.BUDGET: ContentTheme.LOAN_AND_PAYMENT,
    ConcernTopic.FACILITIES: ContentTheme.SCHOOL_CATCHMENT,
    ConcernTopic.PROPERTY_SERVICE: ContentTheme.COMMUNITY_LIFE,
    ConcernTopic.HOME_FEATURES: ContentTheme.IMPROVEMENT,
    ConcernTopic.VALUE_GROWTH: ContentTheme.INVESTMENT,
    ConcernTopic.MARKET_CHANGES: ContentTheme.INVESTMENT,
    ConcernTopic.DECORATION_DESIGN: ContentTheme.DECORATION,
    ConcernTopic.FURNITURE: ContentTheme.DECORATION,
    ConcernTopic.MOVE_IN: ContentTheme.COMMUNITY_LIFE,
}


class ContentSuggestion(Record):
    """What a customer objects to, and the theme of the content that answers it; `content` is what was sent."""

    __table_args__ = (
        sa.Index(
            "uq_content_suggestion_open",
            "uid",
            "topic",
            unique=True,
            sqlite_where=sa.text("state = 'suggested'"),
            postgresql_where=sa.text("state = 'suggested'"),
        ),
    )

    uid: Mapped[CustomerUid]
    objection_id: Mapped[ObjectionId]
    topic: Mapped[ConcernTopic]
    strength: Mapped[Strength]
    objection: Mapped[LongText]
    theme: Mapped[ContentTheme | None]
    content: Mapped[LongText | None]
    channel: Mapped[ContactChannel | None]
    reason: Mapped[Reason | None]

    @property
    def entry(self) -> str:
        """As `care_sent` names it."""
        return str(self.theme or self.topic)


content_suggestions = Process(
    ContentSuggestion,
    readers=[*READERS, Role.MARKETING],
    title="topic",
    listed=["topic", "uid", "strength", "objection", "theme", "content", "channel"],
    filters=["project_id", "uid", "topic", "theme", "strength"],
    search=["objection"],
)


@content_suggestions.create("suggested", by=[Role.SYSTEM])
def suggest(
    uid: CustomerUid,
    project_id: ProjectId,
    objection_id: ObjectionId,
    topic: ConcernTopic,
    strength: Strength,
    objection: LongText,
    work: Work,
) -> ContentSuggestion:
    """An objection of this customer can be answered with content, and of which theme (L-33, L-15)."""
    said = {"uid": uid, "objection_id": objection_id, "topic": topic, "strength": strength, "objection": objection}
    return ContentSuggestion(**said, theme=ANSWERED_BY.get(topic), **place_of(work, None, project_id))


@content_suggestions.move("suggested", "sent", by=DESK, emits=[CareSent], guard=silence)
def send(suggestion: ContentSuggestion, content: LongText, channel: ContactChannel) -> None:
    """The customer got content that answers the objection (L-15)."""
    suggestion.content, suggestion.channel = content, channel


@content_suggestions.move("suggested", "dropped", by=DESK)
def drop(suggestion: ContentSuggestion, reason: Reason = "") -> None:
    """Nothing is sent, and why."""
    suggestion.reason = reason or None


@content_suggestions.reacts(ObjectionRecorded)
def on_objection_recorded(event: ObjectionRecorded, work: Work) -> None:
    """Suggest content for it, once while the customer waits for an answer about the same topic (L-33)."""
    work.alone("content_suggestion", event.uid)
    if work.first(ContentSuggestion, uid=event.uid, topic=event.topic, state="suggested") is None:
        about = {"uid": event.uid, "project_id": event.project_id, "objection_id": event.objection_id}
        work.perform(suggest, **about, topic=event.topic, strength=event.strength, objection=event.content)
