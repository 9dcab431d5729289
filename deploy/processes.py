"""Child processes that never outlive the launcher.

Honcho was tried and weighs little, but it starts through a shell, knows no health, and leaves its children behind when
it is itself killed. Here each child has its own session (Ctrl-C reaches the launcher alone, which stops children in
order), a log file, a PID file, and on Linux the kernel's promise (PR_SET_PDEATHSIG) to end it when the launcher dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.chassis import settings

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10.0
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """One process of the running system, with its log and PID file under ``home``."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        grace: float = GRACE_SECONDS,
        orphaned: signal.Signals = signal.SIGKILL,
    ) -> None:
        """``orphaned``: what ends it when the launcher is killed; by then it may have no broker to say goodbye to."""
        self.name, self.argv, self.env, self.grace, self.orphaned = name, list(argv), dict(env), grace, orphaned
        self.log = log_file(name)
        self.process: subprocess.Popen[bytes] | None = None

    def rename(self, name: str) -> None:
        """Before it is started: its log and PID file bear the name."""
        self.name, self.log = name, log_file(name)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                env=self.env,
                cwd=settings.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with(os.getpid(), self.orphaned),
            )
        pid_file = pid_file_of(self.name)
        pid_file.parent.mkdir(parents=True, exist_ok=True)
        pid_file.write_text(f"{self.process.pid}\n", encoding="ascii")

    @property
    def returncode(self) -> int | None:
        """None while it runs. Asking does not reap it: until `stop` has, its number is nobody else's."""
        if self.process is None or self.process.returncode is not None:
            return self.process.returncode if self.process else None
        if not hasattr(os, "waitid"):  # macOS
            return self.process.poll()
        ended = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def terminate(self) -> None:
        if self.process and self.returncode is None:
            os.kill(self.process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Ask, wait for at most ``grace`` seconds, then end the whole process group."""
        if self.process is None:
            return
        self.terminate()
        deadline = time.monotonic() + self.grace
        while self.returncode is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.process.returncode is None:  # else its number, and its group's, may be somebody else's by now
            _kill_group(self.process.pid)
            self.process.wait()
        pid_file_of(self.name).unlink(missing_ok=True)

    def last_lines(self, count: int = 15) -> str:
        """The end of its log, to show why it died."""
        if not self.log.is_file():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 20_000))
            return b"\n".join(log.read().splitlines()[-count:]).decode(errors="replace")


def stop_all(children: Sequence[Child]) -> None:
    """Stop all of them at once; each has its own grace."""
    for child in children:
        child.terminate()
    for child in children:
        child.stop()


def log_file(name: str) -> Path:
    return settings.home() / "logs" / f"{name}.log"


def pid_file_of(name: str) -> Path:
    return settings.home() / "run" / f"{name}.pid"


def running_pid(name: str) -> int | None:
    """The process of this name, from its PID file, if it is alive."""
    try:
        pid = int(pid_file_of(name).read_text(encoding="ascii"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return None if _is_zombie(pid) else pid


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Whether the process ended within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if _is_zombie(pid):
            return True
        time.sleep(0.05)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def _kill_group(pgid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses a group of zombies
        os.killpg(pgid, signal.SIGKILL)


def end_with(launcher: int, number: signal.Signals) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel ends the child when this process dies, however it dies (Linux)."""

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, number)
            if os.getppid() != launcher:  # it died between fork and prctl
                os._exit(1)

    return tie
