"""docs/detectors.md: every trap that is put back, and the tests that see it."""

from __future__ import annotations

from deploy.detectors.catalogue import CATALOGUE, catalogue
from deploy.documents.text import table
from services.chassis import settings

INTRODUCTION = """# Detectors

A suite that has never failed proves nothing. `./anju detectors` copies the code, puts back one known trap at a time
and runs the tests that must see it. Each of them has to fail by an assertion of its own; others must still pass, so
that what fails is the trap and not a program that no longer runs; without a trap all of them pass. The traps are edits
in [{catalogue}](../{catalogue}). An edit that no longer fits the code exactly once fails `./anju test detectors`, which
also runs the two quickest for real.

    ./anju detectors                         # all, about twenty minutes
    ./anju detectors T6 "no inbox receipt"   # some
    ./anju detectors --commit HEAD~3         # the code and the tests of a commit

"""


def page() -> str:
    """The whole page."""
    name = CATALOGUE.relative_to(settings.ROOT)
    rows = [(f"**{one.name}**", one.back, "<br>".join(_named(test) for test in one.fails)) for one in catalogue()]
    return INTRODUCTION.format(catalogue=name) + table(["trap", "put back", "seen by"], rows)


def _named(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[`{name}`](../{path})"
