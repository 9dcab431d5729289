"""The port between enquiries and whatever answers them (C-116): a question in, an answer or an escalation out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.contracts.vocabulary.common import Language
from services.contracts.vocabulary.enquiries import EnquiryTopic, EscalationCause, KeywordKind


@dataclass(frozen=True)
class Knowledge:
    """One entry that may be answered with: its forms of the question and its answer, by language (C-115)."""

    id: str
    topic: EnquiryTopic
    questions: Mapping[Language, tuple[str, ...]]
    answers: Mapping[Language, str]
    keywords: tuple[str, ...] = ()
    is_local: bool = False


@dataclass(frozen=True)
class Scope:
    """What an answer may come from: the entries that hold here and now, the words that count, and the thresholds.

    `coverage` is the share of a question's words that the answered entry has to know, 0 to 1; `margin` how many times
    better than the next it has to fit.
    """

    knowledge: Sequence[Knowledge]
    words: Mapping[KeywordKind, frozenset[str]] = field(default_factory=dict)
    coverage: float = 0.6
    margin: float = 1.2


@dataclass(frozen=True)
class Match:
    """An entry that came near, with the share of the question that it knows."""

    id: str
    score: float


@dataclass(frozen=True)
class Answer:
    """What the customer is told, word for word, and the entry it comes from."""

    text: str
    topic: EnquiryTopic
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True)
class Escalation:
    """A human has to answer: why, and what it seems to be about."""

    cause: EscalationCause
    topic: EnquiryTopic = EnquiryTopic.OTHER
    matches: tuple[Match, ...] = ()


class Answerer(Protocol):
    """Answers one question, or hands it to a human.

    It is called before the transaction that keeps the enquiry, so it holds nobody up but the customer who waits.
    Whatever it raises, and whatever it returns that is neither an answer nor an escalation, becomes an escalation.
    """

    def answer(self, question: str, language: Language, scope: Scope, moment: datetime) -> Answer | Escalation: ...
