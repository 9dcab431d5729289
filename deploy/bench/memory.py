"""What all our processes need when nothing happens: launcher, four services, console. The broker is RabbitMQ's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy import system
from deploy.bench.figures import ANJU, Figure, Plan, Void
from deploy.bench.ground import family
from deploy.broker import free_port
from services.chassis import settings

LIMIT_MB = 600
START_SECONDS = 180
BROKER = ("beam.smp", "epmd", "erl_child_setup", "inet_gethost", "rabbitmq-server", "erlexec", "sh")


def measure(plan: Plan) -> list[Figure]:
    """Resident memory of the whole system as `./anju up` runs it, some time after the start; pages that processes
    share are counted once for each."""
    resident: list[float] = []
    proportional: list[float] = []
    folder = Path(tempfile.mkdtemp(prefix="anju-bench-"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
    port = free_port()
    environment |= {"ANJU_HOME": str(folder), "ANJU_PORT": str(port), "PYTHONPATH": str(settings.ROOT)}
    with (folder / "launcher.log").open("wb") as log:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "deploy", "up"],
            cwd=settings.ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        _await_health(launcher, f"http://127.0.0.1:{port}")
        for number in range(1, (1 if plan.short else plan.rounds) + 1):
            time.sleep(2 if plan.short else 10)
            ours = [pid for pid in family(launcher.pid) if _name(pid) not in BROKER]
            resident.append(sum(_kilobytes(pid, "status", "VmRSS:") for pid in ours) / 1000)
            proportional.append(sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in ours) / 1000)
            plan.say(f"memory {number}: {len(ours)} processes, {resident[-1]:.0f} MB resident")
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
    found = {ANJU: resident, "anju, shared pages divided": proportional}
    met = max(resident) <= LIMIT_MB
    notes = ("launcher, four services, console with its workers; looked at again and again in one run",)
    return [Figure("memory when idle", "MB", found, f"at most {LIMIT_MB} MB", met, notes)]


def _await_health(launcher: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while system.health(url)[0] != 200:
        if launcher.poll() is not None or time.monotonic() > deadline:
            raise Void("the system did not come up")
        time.sleep(0.2)


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


def _kilobytes(pid: int, file: str, heading: str) -> int:
    lines = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(heading)), 0)
