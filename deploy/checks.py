"""``./anju test``: the parts of the suite, what each needs, and how they are run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from services.chassis import settings

LINT = "lint"
#: The status with which pytest ends where none of its tests was wanted.
NOTHING_TO_RUN = 5
#: Parts that run beside `integration`, which takes longer than they do together and holds one core; so they take over
#: one of its folders.
BESIDE = ("api", "benchmarks", "console", "contract", "deploy", "detectors", "e2e", "faults", "topology", "unit")
TAKEN_OVER = "integration/maintenance"
LINTERS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
}


class PartUnknown(ValueError):
    """A part of the suite that does not exist."""


def parts() -> list[str]:
    """``lint`` and every folder of tests/ that has tests."""
    folders = (settings.ROOT / "tests").iterdir()
    return [LINT, *sorted(f.name for f in folders if f.is_dir() and any(f.rglob("test_*.py")))]


def run(wanted: Sequence[str], pytest_arguments: Sequence[str] = ()) -> int:
    """Run the linters and pytest over the wanted parts (default: all); 0 when all passed."""
    for part in wanted:
        if part not in parts():
            raise PartUnknown(f"part: must be one of {', '.join(parts())}, got {part!r}")
    failed = [name for name, argv in LINTERS.items() if (not wanted or LINT in wanted) and not _passes(name, argv)]
    chosen = [part for part in wanted or parts() if part != LINT]
    status = _tested(lanes(chosen), pytest_arguments)
    if failed:
        print(f"anju: failed: {', '.join(failed)}", file=sys.stderr)
    return status or bool(failed)


def lanes(chosen: Sequence[str]) -> list[list[str]]:
    """What pytest is told in each of the lanes that run beside each other, about as long as each other when every part
    is wanted."""
    alone = [part for part in chosen if part not in BESIDE]
    beside = [part for part in chosen if part in BESIDE]
    if "integration" in alone and beside:
        return [
            [*(f"tests/{part}" for part in alone), f"--ignore=tests/{TAKEN_OVER}"],
            [f"tests/{part}" for part in (*beside, TAKEN_OVER)],
        ]
    return [[f"tests/{part}" for part in lane] for lane in (alone, beside) if lane]


def _tested(lanes: Sequence[Sequence[str]], pytest_arguments: Sequence[str]) -> int:
    """Run the lanes beside each other; the first tells what it does, the others when they have ended."""
    with contextlib.ExitStack() as open_ones:
        begun = []
        for number, lane in enumerate(lanes):
            said = open_ones.enter_context(tempfile.TemporaryFile()) if number else None
            argv = [sys.executable, "-m", "pytest", *lane, *pytest_arguments]
            process = subprocess.Popen(
                argv, cwd=settings.ROOT, env=_environment(), stdout=said, stderr=subprocess.STDOUT if said else None
            )
            begun.append((open_ones.enter_context(process), said))
        statuses = []
        for process, said in begun:
            statuses.append(process.wait())
            if said is not None:
                said.seek(0)
                shutil.copyfileobj(said, sys.stdout.buffer)
                sys.stdout.flush()
    return _worst(statuses)


def _worst(statuses: Sequence[int]) -> int:
    """What the lanes came to: 0 when some tests passed and none failed, whichever of them had nothing to run.

    A lane that a signal ended has a negative status and failed like any other.
    """
    failed = [status for status in statuses if status not in (0, NOTHING_TO_RUN)]
    nothing = bool(statuses) and all(status == NOTHING_TO_RUN for status in statuses)
    return failed[0] if failed else NOTHING_TO_RUN if nothing else 0


def _passes(name: str, argv: list[str]) -> bool:
    print(f"== {name}", flush=True)
    return subprocess.run([sys.executable, *argv], cwd=settings.ROOT, env=_environment(), check=False).returncode == 0


def _environment() -> dict[str, str]:
    """The caller's environment without what would point the tests at a real installation."""
    own = {"PYTHONPATH": str(settings.ROOT), "PYTHONUTF8": "1"}
    return {k: v for k, v in os.environ.items() if not k.startswith("ANJU_") or k.startswith("ANJU_TEST_")} | own
