"""How a question comes in and is put to the answerer (C-04, C-26, C-116)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import structlog

from services.chassis.beforehand import beforehand
from services.chassis.parameters import Parameter
from services.chassis.places import place_or_group
from services.chassis.work import Work
from services.complaints.enquiries import missed
from services.complaints.enquiries.answering.engines import answerer
from services.complaints.enquiries.answering.port import Answer, Escalation, Match, Scope
from services.complaints.enquiries.answering.words import language_of
from services.complaints.enquiries.enquiry import DOOR, Enquiry, enquiries, say
from services.complaints.enquiries.handling import BOT, CUSTOMER, answer_by_bot, escalate
from services.complaints.enquiries.knowledge import in_force
from services.complaints.high_value import tier_of
from services.complaints.keywords import words_in_force
from services.complaints.phrases import occurs
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.common import (
    ContactChannel,
    CustomerUid,
    HomeId,
    Language,
    LongText,
    Moment,
    PersonName,
    Phone,
    ProjectId,
    Seconds,
)
from services.contracts.vocabulary.enquiries import EnquiryTopic, EscalationCause, KeywordKind

COVERAGE = Parameter("enquiry.answer_coverage", Decimal("0.55"), "share", "C-116")
MARGIN = Parameter("enquiry.answer_margin", Decimal("1.15"), "times", "C-116")
PARAMETERS = [COVERAGE, MARGIN]
ANSWER_LENGTH = 4000

log = structlog.get_logger()


@enquiries.create("received", by=DOOR)
def receive(
    channel: ContactChannel,
    question: LongText,
    work: Work,
    project_id: ProjectId | None = None,
    home_id: HomeId | None = None,
    uid: CustomerUid | None = None,
    name: PersonName | None = None,
    phone: Phone | None = None,
    language: Language | None = None,
    received_at: Moment | None = None,
    queue_seconds: Seconds | None = None,
) -> Enquiry:
    """Enter a question; the bot answers at once or hands it to a human (C-26, C-117)."""
    if uid is not None:
        work.need_replica("leads/customer", uid, field="uid")
    if received_at is not None and received_at > work.now:
        raise ValidationFailed.of("received_at", "in_the_future")
    tier, adviser = tier_of(work, uid or "")
    place, language = place_or_group(work, home_id, project_id), Language(language or language_of(question))
    outcome = work.foreknown or consult(work, question, language, place["project_id"])()
    enquiry = Enquiry(
        channel=channel,
        topic=EnquiryTopic.OTHER,
        question=question,
        language=language,
        uid=uid,
        name=name,
        phone=phone,
        home_id=home_id,
        receiver=work.actor.user,
        received_at=received_at or work.now,
        asked_at=received_at or work.now,
        queue_seconds=queue_seconds,
        is_silent=False,
        purchase_interest=False,
        tier=tier,
        adviser=adviser,
        **place,
    )
    say(enquiry, CUSTOMER, question, work)
    work.begin_life(enquiries, enquiry, "received")
    work.session.flush()
    _follow(work, enquiry, question, outcome)
    missed.count(work, enquiry, enquiry.received_at, answered=True, queue_seconds=queue_seconds)
    return enquiry


@enquiries.change(("answered_by_bot", "escalated"), by=DOOR)
def ask_again(enquiry: Enquiry, question: LongText, work: Work) -> None:
    """The customer asks on: the bot answers again, unless a human has it already (C-26)."""
    say(enquiry, CUSTOMER, question, work)
    if enquiry.state == "answered_by_bot":
        enquiry.asked_at = work.now
        _follow(work, enquiry, question, work.foreknown or _again(enquiry, question, work)())


def consult(work: Work, question: str, language: Language, project_id: str | None) -> Callable[[], Answer | Escalation]:
    """The question for the engine, with all that it may answer from. Whatever goes wrong there, a human answers."""
    coverage, margin = work.parameter(COVERAGE), work.parameter(MARGIN)
    scope = Scope(in_force(work, project_id), words_in_force(work), float(coverage), float(margin))
    moment = work.now

    def put() -> Answer | Escalation:
        try:
            outcome = answerer().answer(question, language, scope, moment)
            _refuse_unfit(outcome)
        except Exception as failed:
            log.warning("answerer_failed", fault=type(failed).__name__)
            return Escalation(EscalationCause.ANSWERER_FAILED)
        return outcome

    return put


@beforehand(receive)
def _before_receiving(record: None, given: Mapping[str, Any], work: Work) -> Callable[[], Answer | Escalation]:
    """The engine is asked before anything is kept: nobody who writes waits for it (C-26)."""
    place = place_or_group(work, given["home_id"], given["project_id"])
    language = Language(given["language"] or language_of(given["question"]))
    return consult(work, given["question"], language, place["project_id"])


@beforehand(ask_again)
def _before_asking_again(enquiry: Enquiry, given: Mapping[str, Any], work: Work) -> Callable[[], Any]:
    waits_for_bot = enquiry.state == "answered_by_bot"
    return _again(enquiry, given["question"], work) if waits_for_bot else lambda: None


def _again(enquiry: Enquiry, question: str, work: Work) -> Callable[[], Answer | Escalation]:
    return consult(work, question, Language(enquiry.language), enquiry.project_id)


def _follow(work: Work, enquiry: Enquiry, question: str, outcome: Answer | Escalation) -> None:
    buying = words_in_force(work)[KeywordKind.PURCHASE]
    enquiry.purchase_interest = enquiry.purchase_interest or occurs(buying, question)
    if isinstance(outcome, Answer):
        best = outcome.matches[0] if outcome.matches else Match("", 0.0)
        found: dict[str, Any] = {"entry_id": best.id or None, "score": _share(best.score)}
        work.perform(answer_by_bot, enquiry, answer=outcome.text, topic=outcome.topic, **found)
        return
    if outcome.matches:
        near = [{"entry": match.id, "score": str(_share(match.score))} for match in outcome.matches]
        say(enquiry, BOT, "", work, nearest=near)
    work.perform(escalate, enquiry, cause=outcome.cause, topic=outcome.topic)


def _refuse_unfit(outcome: Any) -> None:
    if isinstance(outcome, Escalation):
        return
    if not isinstance(outcome, Answer) or not 0 < len(outcome.text.strip()) <= ANSWER_LENGTH:
        raise TypeError("the answerer gave neither an answer nor an escalation")


def _share(score: float) -> Decimal:
    return Decimal(str(round(min(max(score, 0.0), 1.0), 4)))
