"""Children never outlive the launcher, whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy import processes
from deploy.processes import Child
from services.chassis import settings

pytestmark = pytest.mark.unit
WAIT = "import time; print('ready', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
PARENT = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {DEAF!r}]); print(p.pid); p.wait()"

Until = Callable[..., Any]


def child(name: str, code: str, grace: float = 5) -> Child:
    started = Child(name, [sys.executable, "-c", code], os.environ, grace=grace)
    started.start()
    return started


def alive(pid: int) -> bool:
    return not processes.wait_until_gone(pid, 0.1)


def test_a_child_has_a_log_and_a_pid_file_while_it_runs(anju_home: Path, until: Until) -> None:
    one = child("one", WAIT)
    assert until(lambda: one.last_lines() == "ready")
    assert processes.running_pid("one") == one.process.pid  # type: ignore[union-attr]
    one.stop()
    assert one.returncode == -signal.SIGTERM
    assert processes.running_pid("one") is None


def test_a_deaf_child_is_killed_after_its_grace(anju_home: Path, until: Until) -> None:
    deaf = child("deaf", DEAF, grace=0.2)
    assert until(lambda: deaf.last_lines() == "ready")
    deaf.stop()
    assert deaf.returncode == -signal.SIGKILL


def test_a_number_that_may_be_somebody_elses_is_left_alone(anju_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = child("ended", "pass")
    ended.process.wait()  # type: ignore[union-attr]
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda pid, _: killed.append(pid))
    ended.stop()
    assert killed == []
    assert processes.running_pid("ended") is None


def test_asking_how_a_child_ended_leaves_its_group_to_be_ended(anju_home: Path, until: Until) -> None:
    leave = f"print(subprocess.Popen([sys.executable, '-c', {DEAF!r}]).pid, flush=True); sys.exit(3)"
    parent = child("leaver", f"import subprocess, sys; {leave}")
    assert until(lambda: parent.returncode == 3)
    grandchild = int(next(word for word in parent.last_lines().split() if word.isdigit()))
    assert alive(grandchild)
    parent.stop()
    assert parent.returncode == 3
    assert processes.wait_until_gone(grandchild, 5)


def test_a_childs_own_children_end_with_it(anju_home: Path, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    parent = child("parent", PARENT)
    lines = until(lambda: ("ready" in parent.last_lines()) and parent.last_lines().split())
    grandchild = int(next(word for word in lines if word.isdigit()))
    parent.stop()
    assert processes.wait_until_gone(grandchild, 5)


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_children_end_when_the_launcher_is_killed(anju_home: Path, until: Until) -> None:
    code = (
        "import os, sys, time\nfrom deploy.processes import Child\n"
        f"Child('orphan', [sys.executable, '-c', {WAIT!r}], os.environ).start()\ntime.sleep(600)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], cwd=settings.ROOT)
    pid = until(lambda: processes.running_pid("orphan"))
    assert until(lambda: "ready" in processes.log_file("orphan").read_text())
    launcher.kill()
    launcher.wait()
    assert processes.wait_until_gone(pid, 5)


def test_the_last_lines_tell_why_it_died(anju_home: Path, until: Until) -> None:
    dying = child("dying", "raise SystemExit('no database')")
    assert until(lambda: dying.returncode is not None)
    assert dying.returncode == 1
    assert dying.last_lines() == "no database"
    dying.stop()
