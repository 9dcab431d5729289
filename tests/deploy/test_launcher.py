"""``./anju up``: everything comes up, tells the truth about itself, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.processes import wait_until_gone
from services.contracts import SERVICES

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
PARTS = ("epmd", "broker", *SERVICES, "console")
Launch = Callable[..., Any]
Until = Callable[..., Any]


def family(home: Path) -> dict[int, str]:
    """Every process whose environment names this home, the launcher too; also those that nobody kept a PID of."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"ANJU_HOME={home}\0".encode() in environment and folder.name.isdigit() and command:
            found[int(folder.name)] = command
    return found


@pytest.fixture(scope="module")
def up(launch: Launch) -> Any:
    return launch(demo=False)


def test_everything_runs_and_says_so(up: Any) -> None:
    for name in PARTS:
        os.kill(up.pid(name), 0)
    with urllib.request.urlopen(f"{up.url}/health", timeout=5) as answer:
        assert answer.status == 200
    status = up.anju("status")
    assert status.returncode == 0, status.stdout
    assert "down" not in status.stdout


def test_a_second_launcher_of_the_same_home_is_refused(up: Any) -> None:
    second = up.anju("up")
    assert second.returncode == 1
    assert f"already up from {up.home} (launcher pid {up.process.pid})" in second.stderr.replace("\n", " ")


def test_a_company_is_let_in(up: Any) -> None:
    from kombu import Connection

    from deploy.broker_users import company_user

    done = up.anju("topology", "--company", "harbour")
    assert done.returncode == 0, done.stderr
    assert "publishes to exchange property.harbour" in done.stdout
    password = (up.home / "secrets" / f"amqp.{company_user('harbour')}").read_text().strip()
    uri = up.amqp_uri.replace(up.amqp_uri.split("@")[0], f"amqp://property.harbour:{password}")
    with Connection(uri) as theirs:
        theirs.connect()


def test_parked_messages_are_replayed_through_the_services_doors(up: Any) -> None:
    done = up.anju("replay", "--note", "mended")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name}: 0 replayed" for name in SERVICES]


@pytest.mark.parametrize("code", ["A", "no.dots", "x" * 21])
def test_a_bad_company_code_is_named(up: Any, code: str) -> None:
    done = up.anju("topology", "--company", code)
    assert done.returncode == 2
    assert "--company: must be 2 to 20 characters of a-z, 0-9 and _" in done.stderr
    assert "Traceback" not in done.stderr


# From here on tests end what they were given.


def test_a_process_that_dies_is_told_about_and_not_restarted(launch: Launch, until: Until) -> None:
    system = launch(demo=False)
    os.kill(system.pid("membership"), signal.SIGKILL)
    log = system.home / "launcher.log"
    assert until(lambda: "membership ended with code -9" in log.read_text(), 10)
    assert until(lambda: system.anju("status").returncode == 1, 20)
    assert "membership process" in system.anju("status").stdout
    os.kill(system.pid("console"), 0)
    system.process.send_signal(signal.SIGINT)
    assert system.process.wait(40) == 1
    assert until(lambda: not family(system.home), 5), family(system.home)


def test_ctrl_c_ends_every_child(up: Any, until: Until) -> None:
    before = family(up.home)
    assert len(before) > len(PARTS)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(40) == 0
    assert until(lambda: not family(up.home), 5), family(up.home)
    assert list((up.home / "run").iterdir()) == []


def test_nothing_outlives_a_killed_launcher_and_the_next_start_works(launch: Launch, until: Until) -> None:
    system = launch(demo=False)
    before = family(system.home)
    system.process.kill()
    system.process.wait()
    for pid in before:
        assert wait_until_gone(pid, 20), before[pid]
    again = launch(demo=False, home=system.home)
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(40) == 0
    assert until(lambda: not family(system.home), 5), family(system.home)
