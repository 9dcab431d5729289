"""The answerer that needs nobody: it recognises what is complex, finds the entry that fits, and never invents (C-116).

An entry is answered with when it fits best by BM25, clearly better than the next, and knows most of what the question
is about. A word that no entry knows weighs as much as the rarest one, so that a strange subject is not answered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from services.complaints.enquiries.answering.port import Answer, Escalation, Knowledge, Match, Scope
from services.complaints.enquiries.answering.words import language_of, words
from services.complaints.phrases import occurs
from services.contracts.vocabulary.common import Language
from services.contracts.vocabulary.enquiries import EnquiryTopic, EscalationCause, KeywordKind

#: The usual figures of Okapi BM25: how soon a repeated word stops to count, how much a long entry is discounted.
SATURATION, LENGTH_DISCOUNT = 1.2, 0.75
#: What a shorter word counts of the longer one in which it stands: 地铁 of 地铁站.
SHORTER = 0.6
SHOWN = 3
#: What no entry of the base may answer, in the order in which it counts, and what it is about (C-111).
COMPLEX = {
    KeywordKind.SAFETY: EnquiryTopic.SAFETY,
    KeywordKind.RIGHTS_CLAIM: EnquiryTopic.RIGHTS_CLAIM,
    KeywordKind.MEDIA: EnquiryTopic.RIGHTS_CLAIM,
    KeywordKind.GRIEVANCE: EnquiryTopic.GRIEVANCE,
    KeywordKind.CUSTOM_DECORATION: EnquiryTopic.CUSTOM_DECORATION,
    KeywordKind.DEFECT: EnquiryTopic.REPAIR,
}


class RuleBased:
    """The default engine."""

    def answer(self, question: str, language: Language, scope: Scope, moment: datetime) -> Answer | Escalation:
        """The answer of the entry that fits, or why a human has to answer."""
        for kind, topic in COMPLEX.items():
            if occurs(scope.words.get(kind, ()), question):
                return Escalation(EscalationCause.COMPLEX_TOPIC, topic)
        ranked = rank(question, scope.knowledge)
        matches = tuple(Match(entry.id, round(coverage, 4)) for entry, _, coverage in ranked[:SHOWN])
        nearest = ranked[0][0].topic if ranked else EnquiryTopic.OTHER
        if occurs(scope.words.get(KeywordKind.PERSON_WANTED, ()), question):
            return Escalation(EscalationCause.PERSON_WANTED, nearest, matches)
        buying = occurs(scope.words.get(KeywordKind.PURCHASE, ()), question)
        if not ranked or ranked[0][2] < scope.coverage:
            unknown = EnquiryTopic.PURCHASE if buying else EnquiryTopic.OTHER
            return Escalation(EscalationCause.NOT_KNOWN, unknown, matches)
        best, score, _ = ranked[0]
        if len(ranked) > 1 and score < scope.margin * ranked[1][1]:
            return Escalation(EscalationCause.AMBIGUOUS, nearest, matches)
        if language not in best.answers:
            return Escalation(EscalationCause.LANGUAGE_MISSING, nearest, matches)
        return Answer(best.answers[language], best.topic, matches)


def rank(question: str, knowledge: Sequence[Knowledge]) -> list[tuple[Knowledge, float, float]]:
    """The entries that know a word of the question, best first: entry, BM25 score, share of the question known."""
    asked, language = set(words(question)), language_of(question)
    bags = [(entry, Counter(_bag(entry, language))) for entry in knowledge]
    bags = [(entry, bag) for entry, bag in bags if bag]
    if not asked or not bags:
        return []
    usual = sum(bag.total() for _, bag in bags) / len(bags)
    holders = Counter(form for _, bag in bags for form in bag)
    weights = {forms: _rarity(_holders(forms, holders), len(bags)) for forms in asked}
    whole = sum(weights.values())
    found = []
    for entry, bag in bags:
        known = {forms: weights[forms] * part for forms in asked if (part := _part_known(forms, bag))}
        if known:
            discount = SATURATION * (1 - LENGTH_DISCOUNT + LENGTH_DISCOUNT * bag.total() / usual)
            times = {forms: max(bag[form] for form in forms) for forms in known}
            score = sum(known[forms] * n * (SATURATION + 1) / (n + discount) for forms, n in times.items())
            found.append((entry, score, sum(known.values()) / whole))
    return sorted(_without_overruled(found), key=lambda one: (-one[1], one[0].id))


def _bag(entry: Knowledge, language: Language) -> list[str]:
    keywords = [keyword for keyword in entry.keywords if language_of(keyword) == language]
    texts = (*entry.questions.get(language, ()), *keywords)
    return [form for text in texts for forms in words(text) for form in forms]


def _part_known(forms: tuple[str, ...], bag: Counter[str]) -> float:
    """1 for a word that the entry has, less where it only has a shorter word in it."""
    if forms[0] in bag:
        return 1.0
    return SHORTER if any(form in bag for form in forms) else 0.0


def _holders(forms: tuple[str, ...], holders: Counter[str]) -> int:
    """How many entries know a word, or a part of it; a word that nobody knows counts as if one did."""
    return max([1, *(holders[form] for form in forms)])


def _rarity(holders: int, entries: int) -> float:
    return math.log(1 + (entries - holders + 0.5) / (holders + 0.5))


def _without_overruled(found: list[tuple[Knowledge, float, float]]) -> list[tuple[Knowledge, float, float]]:
    """An entry of the project overrules the general ones that ask the very same."""
    local = {questions for entry, _, _ in found if entry.is_local for questions in _asked(entry)}
    return [one for one in found if one[0].is_local or not local.intersection(_asked(one[0]))]


def _asked(entry: Knowledge) -> set[frozenset[tuple[str, ...]]]:
    return {frozenset(words(text)) for texts in entry.questions.values() for text in texts}
