"""What changed between two texts, word by word; in Chinese character by character."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

WORDS = re.compile(r"[^\W_\u2e80-\u9fff]+(?:[.,:][^\W_\u2e80-\u9fff]+)*|\s+|.", re.DOTALL)
#: Texts that have less in common are shown as a whole each: marks between single characters help nobody.
ALIKE = 0.4
LONGEST = 4_000

Pieces = tuple[tuple[bool, str], ...]


def pieces(before: str, now: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces, each with whether it is in that text only."""
    if before == now:
        return ((False, before),), ((False, now),)
    old, new = WORDS.findall(before[:LONGEST]), WORDS.findall(now[:LONGEST])
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if not old or not new or matcher.ratio() < ALIKE or max(len(before), len(now)) > LONGEST:
        return _whole(before), _whole(now)
    was: list[tuple[bool, str]] = []
    becomes: list[tuple[bool, str]] = []
    for kind, begin, end, from_, to in matcher.get_opcodes():
        changed = kind != "equal"
        if begin < end:
            was.append((changed, "".join(old[begin:end])))
        if from_ < to:
            becomes.append((changed, "".join(new[from_:to])))
    return tuple(was), tuple(becomes)


def _whole(text: str) -> Pieces:
    return ((True, text),) if text else ()
