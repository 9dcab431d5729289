"""Whether a phrase of a word list stands in what somebody wrote, in Chinese or English, however it is written."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

CHINESE = re.compile(r"[㐀-鿿]")
TRADITIONAL_TO_SIMPLIFIED = "t2s"
#: The phrases of the word lists are asked for again and again.
REMEMBERED = 1024


@functools.cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC(TRADITIONAL_TO_SIMPLIFIED)


def simplified(text: str) -> str:
    """One form of what may be written in several: half width, lower case, simplified characters."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return str(_converter().convert(plain)) if CHINESE.search(plain) else plain


def occurs(phrases: Iterable[str], text: str) -> bool:
    """Whether one of the phrases stands in the text: Chinese anywhere, English as whole words with their endings."""
    said = simplified(text)
    return any(_pattern(phrase).search(said) is not None for phrase in phrases)


@functools.lru_cache(REMEMBERED)
def _pattern(phrase: str) -> re.Pattern[str]:
    plain = simplified(phrase)
    if not plain.isascii():
        return re.compile(re.escape(plain))
    stem, endings = (plain[:-1], "(?:e|es|ed|ing)") if plain.endswith("e") else (plain, "(?:s|es|ed|ing)?")
    return re.compile(rf"(?<![a-z0-9]){re.escape(stem)}{endings}(?![a-z0-9])")
