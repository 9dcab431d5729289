"""Names of the records that a page or a workbook refers to, within what this person may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from admin.actors import actor, roles
from admin.catalogues import catalogues
from admin.described import Resource
from admin.page import ask_each
from admin.texts import language
from services.contracts.errors import AnjuError

T = TypeVar("T")
#: Records of one question; a service takes no more.
MOST = 100
#: Questions that are asked together.
TOGETHER = 8


def names_of(asked: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """`{(register, id): name}` of the records that can be named; by register the ids that are asked for."""
    found = {path: catalogues().at(path) for path in asked}
    questions = [
        (register, _question(register, some))
        for path, register in found.items()
        if register and register.readable_by(roles())
        for some in _parts(sorted(set(asked[path])), MOST)
    ]
    names: dict[tuple[str, str], str] = {}
    for part in _parts(questions, TOGETHER):
        answers = ask_each(*(call for _, call in part))
        for (register, _), answered in zip(part, answers, strict=True):
            if not isinstance(answered, AnjuError):
                for row in answered["result"]:
                    names[register.path, row["id"]] = str(row.get(register.title_in(language())) or row["id"])
    return names


def _parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (whole[begin : begin + size] for begin in range(0, len(whole), size))


def _question(register: Resource, ids: Sequence[str]) -> tuple[Any, ...]:
    params = {"filters": {"id": list(ids)}, "page": 0, "page_size": MOST}
    return ("search", register.service, register.name, params, actor())
