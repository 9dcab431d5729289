"""Which content suits a customer, and which they must never be sent (L-15, X-05)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.reports import Row, report
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, CustomerUid, LongText, Title
from services.contracts.vocabulary.portrait import ContentTheme, ContentVerdict, TagCondition
from services.leads.customers.customer import known_customer
from services.leads.portraits.conditions import checked, condition_of
from services.leads.readers import PORTRAIT_READERS

KEEPERS = [Role.MARKETING]


class ContentRule(Record):
    """Where all conditions are true of a customer, content of the theme suits them, or is never sent to them."""

    title: Mapped[Title]
    verdict: Mapped[ContentVerdict]
    theme: Mapped[ContentTheme]
    conditions: Mapped[list[TagCondition]]
    content: Mapped[LongText | None]


content_rules = Process(
    ContentRule,
    readers=PORTRAIT_READERS,
    title="title",
    listed=["title", "verdict", "theme", "conditions", "content"],
    filters=["verdict", "theme"],
    search=["title", "content"],
)


@content_rules.create("in_force", by=KEEPERS)
def add(
    title: Title,
    verdict: ContentVerdict,
    theme: ContentTheme,
    conditions: list[TagCondition],
    work: Work,
    content: LongText | None = None,
) -> ContentRule:
    """Let tags decide about a theme; content that suits is named, an exclusion needs none (L-15)."""
    if verdict == ContentVerdict.SUITS and not content:
        raise ValidationFailed.of("content", "required")
    if not conditions:
        raise ValidationFailed.of("conditions", "required")
    kept = checked(work, conditions, field="conditions")
    return ContentRule(title=title, verdict=verdict, theme=theme, conditions=kept, content=content)


@content_rules.move("in_force", "ended", by=KEEPERS)
def end(rule: ContentRule) -> None:
    """The rule does not count any more."""


@content_rules.move("ended", "in_force", by=KEEPERS)
def renew(rule: ContentRule) -> None:
    """It counts again."""


@dataclass(frozen=True)
class Fit:
    """One theme for one customer: what suits, and the exclusions that speak against it."""

    theme: ContentTheme
    suits: list[ContentRule]
    excluded: list[ContentRule]

    @property
    def verdict(self) -> ContentVerdict:
        """An exclusion goes before everything that suits (L-15)."""
        return ContentVerdict.EXCLUDED if self.excluded else ContentVerdict.SUITS


def fits(rules: Iterable[ContentRule], holds: Mapping[str, Any]) -> list[Fit]:
    """The themes about which the rules say something for somebody with these tags: what may be sent first, and of
    that what is most closely aimed."""
    by_theme: dict[str, Fit] = {}
    for rule in rules:
        if all(condition_of(one).fits(holds) for one in rule.conditions):
            fit = by_theme.setdefault(rule.theme, Fit(ContentTheme(rule.theme), [], []))
            (fit.excluded if rule.verdict == ContentVerdict.EXCLUDED else fit.suits).append(rule)
    return sorted(by_theme.values(), key=lambda fit: (bool(fit.excluded), -aim(fit), fit.theme))


def aim(fit: Fit) -> int:
    """How many conditions the closest of its rules has."""
    return max(len(rule.conditions) for rule in (fit.excluded or fit.suits))


@dataclass(frozen=True, kw_only=True)
class ContentAdvice(Row):
    """One theme for one customer."""

    theme: ContentTheme
    verdict: ContentVerdict
    content: LongText | None
    because: LongText
    aim: Count


@report(content_rules, ContentAdvice, by=PORTRAIT_READERS, along="theme", counts=(), figures=("aim",))
def content_for_customer(work: Work, uid: CustomerUid | None = None) -> Iterator[ContentAdvice]:
    """What suits a customer and what must not be sent to them (L-15)."""
    if uid is None:
        return
    holds = known_customer(work, uid).tags or {}
    for fit in fits(work.all(ContentRule, ContentRule.state == "in_force"), holds):
        rules = fit.excluded or fit.suits
        yield ContentAdvice(
            theme=fit.theme,
            verdict=fit.verdict,
            content=None if fit.excluded else "\n".join(str(rule.content) for rule in rules),
            because="\n".join(rule.title for rule in rules),
            aim=aim(fit),
        )
