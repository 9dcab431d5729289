"""Words of a question in Chinese or English, in one form: simplified, without case, plural or filler."""

from __future__ import annotations

import functools
import re
from typing import Any

from services.complaints.phrases import CHINESE, simplified
from services.contracts.vocabulary.common import Language

WORD = re.compile(r"[a-z0-9]+")
#: A text's words are asked for again and again while its entry stays the same.
REMEMBERED = 4096

#: Words that say nothing about the subject.
FILLERS_TEXT = """
的 了 吗 呢 吧 啊 呀 哦 嗯 么 嘛 请 请问 问 想问 问下 问问 一下 我 我们 我家 你 你们 您 咱 咱们 他 她 他们 本人 自己
是 有 在 和 与 跟 及 或 就 都 也 还 又 把 被 给 对 对于 关于 从 到 为 以 之 其 这 那 这个 那个 这些 那些 那边 那天 这边
什么 甚么 啥 怎么 怎么样 怎样 如何 咋 哪 哪里 哪儿 哪个 哪些 多少 几 几个 谁 何 是否 有没有 会不会 没 没有 不
可以 能 能否 能不能 可不可以 可否 要 要不要 想 需要 应该 得 会 行 知道 了解 告诉 咨询 说 说明 介绍 发 卖 成为
买 交 做 办 弄 你好 您好 谢谢 麻烦 大概 大约 现在 目前 最近 一般 具体 情况 到底 究竟 最低 最高 刚 已经 个 些 下
上 里 来 去 天 处 点 一 一个 一套 房 房子 买房 购房 远 近 不远 离
a an the of to in on at for from by with about and or if is are was were be been do does did can could will would shall
should may might must i me my we us our you your he she it its they them their this that these those there here what
where which who whom whose why how much many long often please hello hi thank thanks tell know want like need get have
has had any some so than then just also more not no still until receive become moment last near now possible id im whats
am very really around up let
"""
FILLERS = frozenset(FILLERS_TEXT.split())
#: Words of the field that a general dictionary takes apart.
FIELD_TEXT = """
产证 办证 交楼 收楼 交房 收房 验房 退订 网签 首套 二套 几成 按揭 商贷 组合贷 公积金贷款 契税 完税 公摊 得房率
维修基金 维修资金 物管费 物业费 样板房 样板间 售楼处 售楼部 销控 学区 小程序 客户会 质保 保修期 挂牌价 均价
"""


@functools.cache
def _segmenter() -> Any:
    # 33 MB with its dictionary: loaded by the first question and not by an idle service.
    import rjieba

    for word in FIELD_TEXT.split():
        rjieba.add_word(word, None, None)
    return rjieba


@functools.cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def language_of(text: str) -> Language:
    """The language in which somebody writes: Chinese where there is a Chinese character."""
    return Language.ZH if CHINESE.search(text) else Language.EN


@functools.lru_cache(REMEMBERED)
def words(text: str) -> tuple[tuple[str, ...], ...]:
    """The words that tell what a text is about, each with the shorter words in it: `(("地铁站", "地铁"),)`."""
    plain = simplified(text)
    found = _segmenter().cut(plain, hmm=False) if CHINESE.search(plain) else WORD.findall(plain.replace("'", ""))
    return tuple(_forms(piece) for piece in map(str.strip, found) if _tells(piece))


def _tells(piece: str) -> bool:
    return piece not in FILLERS and (CHINESE.search(piece) is not None or WORD.fullmatch(piece) is not None)


def _forms(word: str) -> tuple[str, ...]:
    if word.isascii():
        return (str(_stemmer().stemWord(word)),)
    shorter = _segmenter().cut_for_search(word, hmm=False) if len(word) > 2 else []
    return (word, *(part for part in shorter if part != word and _tells(part)))
