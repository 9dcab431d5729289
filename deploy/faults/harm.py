"""How each fault is done, and that it really happened."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from deploy.faults.gate import Gate
from deploy.faults.plan import CONSOLE, Step
from deploy.faults.world import World, workers

POINT_SECONDS = 120.0
STIR_SECONDS = 4.0
BACKLOG_SECONDS = 6.0
HEALTHY_SECONDS = 60.0


class NotReached(RuntimeError):
    """A fault that was planned did not happen; a run that proves nothing must not pass."""


class Harm:
    """Does the steps of a schedule, one after another."""

    def __init__(self, world: World, gate: Gate, stir: Callable[[str], None]) -> None:
        """`stir` makes something happen to a process whose fault point waits for it."""
        self.world, self.gate, self.stir = world, gate, stir
        self.points: dict[str, int] = {}

    def do(self, step: Step) -> None:
        """One step: when its target is at work, some load is let go, and while that is on its way it happens."""
        if step.kind == "kill":
            self.world.until(lambda: self.world.is_at_work(step.target), POINT_SECONDS)
        self.gate.let(step.share)
        self.world.pass_time(step.wait)
        getattr(self, f"_{step.kind}")(step)

    def _kill(self, step: Step) -> None:
        self.world.kill(step.target)
        if not step.detail:
            self.world.watch()
            return
        self._reach(step.target, step.detail)
        self.world.watch()

    def _reach(self, name: str, fault: str) -> None:
        """Start the process with the fault point and let it work until it dies there."""
        world = self.world
        world.start_again(name, fault)
        child = world.child(name)
        if name == CONSOLE:
            born: list[int] = []

            def died() -> bool:
                # gunicorn replaces a worker that has died: the first one is gone.
                born.extend(one for one in workers(child) if one not in born)
                return bool(born) and born[0] not in workers(child)
        else:

            def died() -> bool:
                return child.returncode is not None

        deadline = time.monotonic() + POINT_SECONDS
        while not world.until(died, STIR_SECONDS, but=name):
            self.stir(name)
            if time.monotonic() < deadline:
                continue
            raise NotReached(f"{name} did not come to {fault} within {POINT_SECONDS:.0f} s:\n{child.last_lines(5)}")
        if name == CONSOLE:
            world.kill(name)
        elif child.returncode != -signal.SIGKILL:
            raise NotReached(f"{name} ended with code {child.returncode} before {fault}:\n{child.last_lines()}")
        point = f"{name}/{fault.partition(':')[0]}"
        self.points[point] = self.points.get(point, 0) + 1

    def _storm(self, step: Step) -> None:
        """The service dies again and again over the same prefetched messages: the broker counts each as delivered."""
        self.world.kill(step.target)
        self.world.until(lambda: False, BACKLOG_SECONDS * self.world.options.pace, but=step.target)
        for _ in range(int(step.detail)):
            self._reach(step.target, "consumer_after_receive:1")
        self.world.watch()

    def _broker(self, step: Step) -> None:
        self.world.broker.crash(signal.Signals[step.detail])
        self.world.pass_time(0.2)
        self.world.broker.resume()

    def _node(self, step: Step) -> None:
        broker = self.world.broker
        broker.crash(signal.SIGKILL, int(step.target) - 1)
        self.world.pass_time(4)
        broker.resume(int(step.target) - 1)
        self.world.until(broker.is_whole, HEALTHY_SECONDS)

    def _freeze(self, step: Step) -> None:
        pids = self.world.broker.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            self.world.pass_time(float(step.detail))
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _alarm(self, step: Step) -> None:
        self.world.broker.ctl("set_vm_memory_high_watermark", "0.0001")
        try:
            self.world.pass_time(float(step.detail))
        finally:
            self.world.broker.ctl("set_vm_memory_high_watermark", "0.3")

    def _database(self, step: Step) -> None:
        assert self.world.postgres is not None
        self.world.postgres.crash()
        began = time.monotonic()
        self.world.until(lambda: time.monotonic() - began > 0.5, 1)
        self.world.postgres.resume()
