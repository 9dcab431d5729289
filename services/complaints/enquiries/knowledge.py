"""The knowledge base: what the bot may say, where and when it holds, and who keeps it right (C-115, X-63)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import clocks
from services.chassis.clocks import Alarm, clock
from services.chassis.places import place_or_group
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.enquiries.answering.port import Knowledge
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Day,
    Language,
    LongText,
    Moment,
    Number,
    ProjectId,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.enquiries import EnquiryTopic

KEEPERS = [
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.COMPLAINT_SUPERVISOR,
    Role.CUSTOMER_AFFAIRS,
    Role.PROJECT_DEPARTMENT,
    Role.MARKETING,
]


class KnowledgeEntry(Record):
    """One question with its answer. Without a project it holds for the whole group (X-63)."""

    number: Mapped[Number]
    topic: Mapped[EnquiryTopic]
    question_zh: Mapped[ShortText]
    also_asked_zh: Mapped[list[ShortText]]
    answer_zh: Mapped[LongText]
    question_en: Mapped[ShortText | None]
    also_asked_en: Mapped[list[ShortText]]
    answer_en: Mapped[LongText | None]
    keywords: Mapped[list[ShortText]]
    owner: Mapped[User]
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    review_on: Mapped[Day]
    reviewed_at: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    invalidated_at: Mapped[Moment | None]
    reason: Mapped[Reason | None]


knowledge = Process(
    KnowledgeEntry,
    numbered="KB",
    readers=["*"],
    title="question_zh",
    listed=["number", "topic", "question_zh", "project_id", "owner", "valid_to", "review_on"],
    filters=["topic", "project_id", "owner", "review_on", "valid_to"],
    search=["number", "question_zh", "question_en", "answer_zh"],
)


@knowledge.create("draft", by=KEEPERS)
def draft(
    topic: EnquiryTopic,
    question_zh: ShortText,
    answer_zh: LongText,
    review_on: Day,
    work: Work,
    also_asked_zh: list[ShortText] | None = None,
    question_en: ShortText | None = None,
    also_asked_en: list[ShortText] | None = None,
    answer_en: LongText | None = None,
    keywords: list[ShortText] | None = None,
    project_id: ProjectId | None = None,
    owner: User | None = None,
    valid_from: Day | None = None,
    valid_to: Day | None = None,
) -> KnowledgeEntry:
    """Write an entry; nobody is answered with it before it is published (C-115)."""
    entry = KnowledgeEntry(
        topic=topic,
        question_zh=question_zh,
        also_asked_zh=also_asked_zh or [],
        answer_zh=answer_zh,
        question_en=question_en,
        also_asked_en=also_asked_en or [],
        answer_en=answer_en,
        keywords=keywords or [],
        owner=owner or work.actor.user,
        valid_from=valid_from or work.today,
        valid_to=valid_to,
        review_on=review_on,
        **place_or_group(work, None, project_id),
    )
    _check(entry, work)
    return entry


@knowledge.change("draft", by=KEEPERS)
def change(
    entry: KnowledgeEntry,
    work: Work,
    topic: EnquiryTopic | None = None,
    question_zh: ShortText | None = None,
    also_asked_zh: list[ShortText] | None = None,
    answer_zh: LongText | None = None,
    question_en: ShortText | None = None,
    also_asked_en: list[ShortText] | None = None,
    answer_en: LongText | None = None,
    keywords: list[ShortText] | None = None,
    owner: User | None = None,
    valid_from: Day | None = None,
    valid_to: Day | None = None,
    review_on: Day | None = None,
) -> None:
    """Correct a draft; what is not given stays."""
    given = {
        "topic": topic,
        "question_zh": question_zh,
        "also_asked_zh": also_asked_zh,
        "answer_zh": answer_zh,
        "question_en": question_en,
        "also_asked_en": also_asked_en,
        "answer_en": answer_en,
        "keywords": keywords,
        "owner": owner,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "review_on": review_on,
    }
    for name, value in given.items():
        if value is not None:
            setattr(entry, name, value)
    _check(entry, work)


@knowledge.move("draft", "published", by=KEEPERS)
def publish(entry: KnowledgeEntry, work: Work) -> None:
    """From now on the bot answers with it, within its dates (C-115)."""
    _check(entry, work)
    entry.published_at, entry.invalidated_at, entry.reason = work.now, None, None


@knowledge.change("published", by=KEEPERS)
def review(entry: KnowledgeEntry, review_on: Day, work: Work) -> None:
    """It is still right: look at it again on another date (C-115)."""
    if review_on <= work.today:
        raise ValidationFailed.of("review_on", "in_the_past")
    entry.review_on, entry.reviewed_at = review_on, work.now
    clocks.restart(work, knowledge, entry, "review")


@knowledge.move("published", "invalidated", by=[*KEEPERS, Role.SYSTEM])
def invalidate(entry: KnowledgeEntry, reason: Reason, work: Work) -> None:
    """The fact has changed: the bot is silent about it until the owner has corrected it (C-115)."""
    entry.invalidated_at, entry.reason = work.now, reason
    work.task("knowledge_invalidated", entry, role=Role.CUSTOMER_CENTRE, assignee=entry.owner)


@knowledge.move(("published", "invalidated"), "draft", by=KEEPERS)
def revise(entry: KnowledgeEntry) -> None:
    """Take it back to be corrected (C-115)."""


@knowledge.move(("draft", "published", "invalidated"), "retired", by=[*KEEPERS, Role.SYSTEM])
def retire(entry: KnowledgeEntry, reason: Reason = "") -> None:
    """Nobody needs it any more, or its last day is over (C-115)."""
    entry.reason = reason or entry.reason


def _check(entry: KnowledgeEntry, work: Work) -> None:
    if entry.review_on < work.today:
        raise ValidationFailed.of("review_on", "in_the_past")
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        raise ValidationFailed.of("valid_to", "range_order")
    if (entry.question_en is None) != (entry.answer_en is None):
        raise ValidationFailed.of("answer_en" if entry.question_en else "question_en", "required")


clock(
    knowledge,
    "review",
    until="review_on",
    starts="published",
    stops=("invalidated", "draft"),
    alarm=Alarm(
        "knowledge_review_due",
        "C-115",
        to=lambda entry: Role.CUSTOMER_CENTRE,
        user=lambda entry: entry.owner,
    ),
)
clock(knowledge, "validity", until="valid_to", starts="published", stops=("invalidated", "draft"), then=retire)


def in_force(work: Work, project_id: str | None) -> list[Knowledge]:
    """What may be said today about a project: its own entries and those of the whole group (C-115, X-63)."""
    entries = work.all(
        KnowledgeEntry,
        KnowledgeEntry.state == "published",
        KnowledgeEntry.valid_from <= work.today,
        sa.or_(KnowledgeEntry.valid_to.is_(None), KnowledgeEntry.valid_to >= work.today),
        sa.or_(KnowledgeEntry.project_id.is_(None), KnowledgeEntry.project_id == project_id),
    )
    return [_told(entry) for entry in entries]


def _told(entry: KnowledgeEntry) -> Knowledge:
    questions = {Language.ZH: (entry.question_zh, *entry.also_asked_zh)}
    answers = {Language.ZH: entry.answer_zh}
    if entry.question_en and entry.answer_en:
        questions[Language.EN] = (entry.question_en, *entry.also_asked_en)
        answers[Language.EN] = entry.answer_en
    return Knowledge(
        entry.id,
        EnquiryTopic(entry.topic),
        questions,
        answers,
        tuple(entry.keywords),
        is_local=entry.project_id is not None,
    )
