"""Words that tell how serious a complaint is: safety and the media (C-31). The built-in ones can be taken out."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field
from services.contracts.roles import Role
from services.contracts.vocabulary import KeywordKind

Word = Annotated[str, Field(max_length=40)]
KEEPERS = [Role.ADMINISTRATOR, Role.COMPLAINT_SUPERVISOR]

#: (ext) No seed lists the words; these are the beginning of a list that each company keeps itself.
BUILT_IN = {
    KeywordKind.SAFETY: (
        *("坍塌", "倒塌", "坠落", "高空坠物", "起火", "火灾", "燃气泄漏", "漏电", "触电", "受伤", "伤亡", "困在电梯"),
        *("collapse", "on fire", "gas leak", "electric shock", "injured"),
    ),
    KeywordKind.MEDIA: (
        *("记者", "媒体", "曝光", "电视台", "微博", "抖音", "热搜", "上访"),
        *("journalist", "newspaper", "the media", "go viral"),
    ),
}


class LevelKeyword(Record):
    """A word that counts, or a built-in one that does not count here."""

    __table_args__ = (sa.UniqueConstraint("word", "kind"),)

    word: Mapped[Word]
    kind: Mapped[KeywordKind]


keywords = Process(LevelKeyword, readers=["*"], title="word", filters=["kind"])


@keywords.create("in_force", by=KEEPERS)
def add(word: Word, kind: KeywordKind, work: Work) -> LevelKeyword:
    """Let a word raise the level of every complaint in which it occurs (C-31)."""
    return _new(work, word, kind)


@keywords.create("excluded", by=KEEPERS)
def exclude(word: Word, kind: KeywordKind, work: Work) -> LevelKeyword:
    """Take a built-in word out; it no longer raises the level (C-31)."""
    if word not in BUILT_IN[KeywordKind(kind)]:
        raise ValidationFailed.of("word", "unknown_reference", id=word)
    return _new(work, word, kind)


@keywords.move("in_force", "excluded", by=KEEPERS)
def drop(keyword: LevelKeyword) -> None:
    """The word does not count any more."""


@keywords.move("excluded", "in_force", by=KEEPERS)
def restore(keyword: LevelKeyword) -> None:
    """The word counts again."""


def _new(work: Work, word: str, kind: KeywordKind) -> LevelKeyword:
    if work.first(LevelKeyword, LevelKeyword.word == word, LevelKeyword.kind == kind) is not None:
        raise ValidationFailed.of("word", "taken")
    return LevelKeyword(word=word, kind=kind)


def kinds_in(work: Work, *texts: str | None) -> set[KeywordKind]:
    """What the words in these texts point to."""
    said = "\n".join(text for text in texts if text).casefold()
    counted = {(word, kind) for kind, words in BUILT_IN.items() for word in words}
    for keyword in work.all(LevelKeyword) if said else []:
        pair = (keyword.word, KeywordKind(keyword.kind))
        counted.add(pair) if keyword.state == "in_force" else counted.discard(pair)
    return {kind for word, kind in counted if word.casefold() in said}
