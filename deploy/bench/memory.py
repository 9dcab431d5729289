"""What all our processes need when nothing happens: launcher, four services, console. The broker is RabbitMQ's own."""

from __future__ import annotations

import time
from pathlib import Path

from deploy.bench.figures import ANJU, Figure, Plan
from deploy.bench.ground import family
from deploy.bench.whole import whole

LIMIT_MB = 600
BROKER = ("beam.smp", "epmd", "erl_child_setup", "inet_gethost", "rabbitmq-server", "erlexec", "sh")


def measure(plan: Plan) -> list[Figure]:
    """Resident memory of the whole system as `./anju up` runs it, some time after the start; pages that processes
    share are counted once for each."""
    resident: list[float] = []
    proportional: list[float] = []
    with whole() as running:
        for number in range(1, (1 if plan.short else plan.rounds) + 1):
            time.sleep(2 if plan.short else 10)
            ours = [pid for pid in family(running.pid) if _name(pid) not in BROKER]
            resident.append(sum(_kilobytes(pid, "status", "VmRSS:") for pid in ours) / 1000)
            proportional.append(sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in ours) / 1000)
            plan.say(f"memory {number}: {len(ours)} processes, {resident[-1]:.0f} MB resident")
    found = {ANJU: resident, "anju, shared pages divided": proportional}
    met = max(resident) <= LIMIT_MB
    notes = ("launcher, four services, console with its workers; looked at again and again in one run",)
    return [Figure("memory when idle", "MB", found, f"at most {LIMIT_MB} MB", met, notes)]


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


def _kilobytes(pid: int, file: str, heading: str) -> int:
    lines = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(heading)), 0)
