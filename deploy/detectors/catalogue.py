"""The catalogue of mutations: what is put back, where exactly, and which tests must see it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("mutations")


class MutationInvalid(ValueError):
    """A mutation that is not there, or that no longer fits the code."""


@dataclass(frozen=True)
class Edit:
    """One replacement in one file; the old text is there exactly once."""

    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The text with the replacement."""
        if text.count(self.old) != 1:
            raise MutationInvalid(f"{self.file}: this is there {text.count(self.old)} times, not once: {self.old!r}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Mutation:
    """One trap. With it `fails` must fail, every one, and `holds` must pass: the code still runs, only wrongly."""

    name: str
    back: str
    edits: tuple[Edit, ...]
    fails: tuple[str, ...]
    holds: tuple[str, ...]

    def applied(self, root: Path) -> dict[Path, str]:
        """The changed files below a root with their new text; the old text of another edit may be changed before."""
        changed: dict[Path, str] = {}
        for edit in self.edits:
            path = root / edit.file
            changed[path] = edit.applied(changed.get(path) or path.read_text(encoding="utf-8"))
        return changed


@cache
def catalogue() -> tuple[Mutation, ...]:
    """Every mutation, by the number of its trap; those without a number last."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.toml"))]
    found = [_mutation(one) for text in texts for one in tomllib.loads(text)["mutation"]]
    return tuple(sorted(found, key=_order))


def _order(mutation: Mutation) -> tuple[bool, int, str]:
    number = re.match(r"T(\d+)", mutation.name)
    return number is None, int(number[1]) if number else 0, mutation.name


def _mutation(one: dict[str, Any]) -> Mutation:
    edits = tuple(Edit(**edit) for edit in one["edits"])
    return Mutation(one["name"], one["back"], edits, tuple(one["fails"]), tuple(one["holds"]))


def chosen(names: Sequence[str]) -> list[Mutation]:
    """The named mutations, or all; `T1` names also `T1 in the consumer`."""
    for name in names:
        if not any(_is_called(one, name) for one in catalogue()):
            raise MutationInvalid(f"trap: must be one of {', '.join(one.name for one in catalogue())}, got {name!r}")
    return [one for one in catalogue() if not names or any(_is_called(one, name) for name in names)]


def _is_called(mutation: Mutation, name: str) -> bool:
    return mutation.name == name or mutation.name.startswith(f"{name} ")
