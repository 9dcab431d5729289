"""A check of the tests themselves: known traps are put back into a copy of the code, and tests must fail for each.

`mutations/` is the catalogue, `./anju detectors` the run, docs/detectors.md the generated list.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.detectors import trial
from deploy.detectors.catalogue import Mutation, chosen
from deploy.detectors.trial import Verdict


def run(out: Console, names: Sequence[str] = (), commit: str | None = None) -> int:
    """Put back the named traps, or all, one at a time; 0 when every one was seen by every test that should see it."""
    mutations = chosen(names)
    table = Table(show_edge=False, header_style="bold")
    for heading in ("trap", "what is put back", "tests", "seen", "s"):
        table.add_column(heading, overflow="fold")
    with tempfile.TemporaryDirectory(prefix="detect-") as folder:
        root = trial.copied(Path(folder) / "code", commit)
        out.print("the same tests, with nothing put back ...")
        sound = trial.baseline(mutations, root)
        for problem in sound.problems:
            out.print(f"  {problem}", markup=False, style="red", soft_wrap=True)
        verdicts = [(mutation, _tried(out, mutation, root)) for mutation in mutations]
    for mutation, (verdict, seconds) in verdicts:
        seen = "[green]yes[/]" if verdict.seen else "[red]no[/]"
        table.add_row(mutation.name, mutation.back, str(len(mutation.fails)), seen, f"{seconds:.0f}")
    out.print(table)
    unseen = [mutation.name for mutation, (verdict, _) in verdicts if not verdict.seen]
    out.print(f"seen: {len(verdicts) - len(unseen)} of {len(verdicts)}")
    return 1 if unseen or not sound.seen else 0


def _tried(out: Console, mutation: Mutation, root: Path) -> tuple[Verdict, float]:
    started = time.monotonic()
    verdict = trial.tried(mutation, root)
    seconds = time.monotonic() - started
    out.print(f"{mutation.name}: {'seen' if verdict.seen else 'NOT SEEN'} ({seconds:.0f} s)", markup=False)
    for problem in verdict.problems:
        out.print(f"  {problem}", markup=False, soft_wrap=True)
    return verdict, seconds
