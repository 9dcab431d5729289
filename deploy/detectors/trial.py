"""One trial: a copy of the code, a trap put back, the tests that must see it, and what they said."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.detectors.catalogue import Mutation, MutationInvalid
from services.chassis import settings

TEST_SECONDS = 150
#: A test that fails because the mutated code cannot even be loaded has seen nothing.
BROKEN_CODE = re.compile(r"\b(ImportError|ModuleNotFoundError|SyntaxError|NameError|IndentationError)\b")
FAILED, PASSED = "failed", "passed"


@dataclass(frozen=True)
class Verdict:
    """Whether all went as it must, and what did not."""

    problems: list[str]

    @property
    def seen(self) -> bool:
        return not self.problems


def copied(root: Path, commit: str | None = None) -> Path:
    """A copy of the working tree without what git ignores, or of a commit."""
    root.mkdir(parents=True)
    git = ["git", "-C", str(settings.ROOT)]
    if commit is not None:
        packed = subprocess.run([*git, "archive", commit], capture_output=True, check=False)
        if packed.returncode:
            raise MutationInvalid(f"commit: git knows no {commit!r}")
        subprocess.run(["tar", "-x", "-C", str(root)], input=packed.stdout, check=True)
        return root
    listing = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listing, capture_output=True, check=True, text=True).stdout.split("\0"):
        source = settings.ROOT / name
        if name and source.is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, root / name)
    return root


def baseline(mutations: Sequence[Mutation], root: Path) -> Verdict:
    """All tests of the catalogue on the code as it is: what fails here proves nothing with a trap put back."""
    tests = list(dict.fromkeys(test for one in mutations for test in (*one.fails, *one.holds)))
    status, outcomes = _tested(tests, root)
    problems = [f"without any trap {test} {outcomes.get(test, 'did not run')}" for test in tests]
    problems = [text for text in problems if not text.endswith(PASSED)]
    return Verdict(problems or ([f"pytest ended with {status}"] if status else []))


def tried(mutation: Mutation, root: Path) -> Verdict:
    """Put one trap back, run its tests, and mend the copy again."""
    changed = mutation.applied(root)
    before = {path: path.read_text(encoding="utf-8") for path in changed}
    try:
        for path, text in changed.items():
            path.write_text(text, encoding="utf-8")
        # What must hold goes first: a trap may leave the broker with a message that ends the next test's service, too.
        status, outcomes = _tested([*mutation.holds, *mutation.fails], root)
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")
    return judged(mutation, status, outcomes)


def judged(mutation: Mutation, status: int, outcomes: Mapping[str, str]) -> Verdict:
    """Seen only when each test that must fail has failed, and each that must hold has passed."""
    wanted = {**dict.fromkeys(mutation.fails, FAILED), **dict.fromkeys(mutation.holds, PASSED)}
    problems = [
        f"{test} {outcomes.get(test, 'did not run')}, but must have {outcome}"
        for test, outcome in wanted.items()
        if outcomes.get(test) != outcome
    ]
    return Verdict(problems or ([] if status == 1 else [f"pytest ended with {status}, not 1"]))


def _tested(tests: Sequence[str], root: Path) -> tuple[int, dict[str, str]]:
    """Run tests of the copy; pytest's exit code, and what became of each test."""
    report = root.parent / "report.xml"
    report.unlink(missing_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ANJU_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(root), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["-q", "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}", f"--junitxml={report}"]
    with (root.parent / "pytest.log").open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *tests, *options],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    return done.returncode, outcomes_of(report.read_text(encoding="utf-8")) if report.is_file() else {}


def outcomes_of(report: str) -> dict[str, str]:
    """By node id: passed, failed, or what else became of it. An error of a fixture or of the import is no failure."""
    found: dict[str, str] = {}
    for case in ET.fromstring(report).iter("testcase"):
        test = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        outcome = PASSED
        for part in case:
            said = f"{part.get('message')} {part.text}"
            if part.tag == "failure":
                outcome = "failed on code that cannot be loaded" if BROKEN_CODE.search(said) else FAILED
            elif part.tag in ("error", "skipped") and outcome == PASSED:
                outcome = f"ended as {part.tag}: {part.get('message')}"
        found.setdefault(test, outcome)
    return found
