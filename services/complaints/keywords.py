"""Words that tell how serious a complaint is (C-31) and what an enquiry is (C-111); built-in ones can be taken out."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.phrases import occurs
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field
from services.contracts.roles import Role
from services.contracts.vocabulary.enquiries import KeywordKind

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
    KeywordKind.RIGHTS_CLAIM: (
        *("维权", "索赔", "赔偿", "违约金", "起诉", "律师", "法院", "仲裁"),
        *("退房", "退款", "退钱", "虚假宣传", "欺诈", "骗"),
        *("compensation", "compensate", "damages", "penalty", "refund", "my rights", "breach of contract"),
        *("sue", "lawsuit", "lawyer", "to court", "misleading", "fraud", "false advertising"),
    ),
    KeywordKind.CUSTOM_DECORATION: (
        *("定制装修", "装修方案", "个性化装修", "定制方案", "改户型", "拆墙", "砸墙", "设计方案"),
        *("custom decoration", "customised decoration", "customized decoration", "decoration plan"),
        *("change the layout", "knock down", "remove a wall", "interior design", "bespoke"),
    ),
    KeywordKind.GRIEVANCE: (
        *("投诉", "举报", "太差", "没人管", "不作为", "态度恶劣", "忍无可忍"),
        *("complain", "complaint", "unacceptable", "rude"),
    ),
    KeywordKind.DEFECT: (
        *("漏水", "渗水", "渗漏", "空鼓", "开裂", "裂缝", "跳闸", "停水", "停电", "堵塞", "坏了", "脱落", "发霉"),
        *("leak", "leaks", "leaking", "crack", "cracks", "mould", "broken", "blocked", "no power", "no water"),
    ),
    KeywordKind.PURCHASE: (
        *("想买", "买房", "购房意向", "看房", "订房", "有房源", "还有房", "样板房"),
        *("buy a home", "buy a flat", "buy an apartment", "book a viewing", "viewing", "interested in buying"),
    ),
    KeywordKind.PERSON_WANTED: (
        *("转人工", "人工客服", "找人工", "真人"),
        *("human", "real person", "speak to somebody", "speak to someone", "talk to a person"),
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
    """Let a word count: it raises the level of a complaint, or tells what an enquiry is about (C-31, C-111)."""
    return _new(work, word, kind)


@keywords.create("excluded", by=KEEPERS)
def exclude(word: Word, kind: KeywordKind, work: Work) -> LevelKeyword:
    """Take a built-in word out; it no longer counts (C-31, C-111)."""
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
    said = "\n".join(text for text in texts if text)
    counted = words_in_force(work) if said else {}
    return {kind for kind, words in counted.items() if occurs(words, said)}


def words_in_force(work: Work) -> dict[KeywordKind, frozenset[str]]:
    """The words that count now, by what they point to."""
    counted = {(word, kind) for kind, words in BUILT_IN.items() for word in words}
    for keyword in work.all(LevelKeyword):
        pair = (keyword.word, KeywordKind(keyword.kind))
        counted.add(pair) if keyword.state == "in_force" else counted.discard(pair)
    return {kind: frozenset(word for word, its in counted if its == kind) for kind in KeywordKind}
