"""The command line: help, and errors in one line that name what is wrong."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from admin import create_app
from deploy import checks, system
from services.chassis import settings

pytestmark = pytest.mark.unit


def anju(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy", *arguments],
        cwd=settings.ROOT,
        env={**os.environ, "COLUMNS": "300", "TERM": "dumb", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command() -> None:
    done = anju("--help")
    assert done.returncode == 0
    for command in ("up", "test", "migrate", "seed", "topology", "status", "replay", "contracts", "faults"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["up"], {"ANJU_PORT": "http"}, "ANJU_PORT: must be a whole number from 1 to 65535 (got 'http')"),
        (["up"], {"ANJU_LOG_LEVEL": "loud"}, "ANJU_LOG_LEVEL: must be one of debug, info, warning, error"),
        (["topology"], {"ANJU_AMQP_URI": "nowhere"}, "ANJU_AMQP_URI: must be amqp://"),
        (["topology"], {}, "ANJU_AMQP_URI: is not set and no private broker was started here"),
        (["topology"], {"ANJU_AMQP_URI": "amqp://127.0.0.1:1//"}, "Connection refused"),
        (["migrate"], {"ANJU_DATABASE_URL": "oracle://x/y"}, "ANJU_DATABASE_URL: must be postgresql://"),
        (["migrate", "sales"], {}, "service: must be one of leads, complaints, maintenance, membership (got 'sales')"),
        (["replay", "--note", ""], {}, "--note: must say why"),
        (["replay"], {}, "Missing option '--note'"),
        (["test", "nothing"], {}, "part: must be one of lint,"),
        (["faults", "--database", "oracle"], {}, "--database: must be postgresql or sqlite (got 'oracle')"),
        (["seed"], {"ANJU_PORT": "1"}, "the system is not up"),
        (["seed"], {"ANJU_HTTPS": "1"}, "this installation is not a demo (ANJU_HTTPS set)"),
        (["seed"], {"ANJU_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c"}, "this installation is not a demo"),
        (["admit", "li.na"], {}, "Missing option '--role'"),
        (["admit", "Li Na", "--role", "administrator"], {}, "username: A username has 2 to 61"),
        (["admit", "li.na", "--role", "king"], {}, "roles: One of the roles does not exist"),
        (["frobnicate"], {}, "No such command 'frobnicate'"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(
    anju_home: Path, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    done = anju(*arguments, **environment)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_port_that_is_taken_is_named_before_anything_is_waited_for() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert not system.is_taken(port)
        other.listen()
        assert system.is_taken(port)


def test_the_first_account_signs_in_with_what_was_printed_once(anju_home: Path) -> None:
    done = anju("admit", "li.na", "--role", "administrator", "--name", "李娜")
    assert done.returncode == 0, done.stderr
    password = done.stdout.split()[-1]
    console = create_app({"ANJU_SERVICES": object()})
    with console.test_client() as browser:
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login/").text)
        assert token
        sent = {"username": "li.na", "password": password, "csrf_token": token.group(1)}
        assert browser.post("/login/", data=sent).status_code == 302
        assert browser.get("/people/").headers["Location"] == "/password/", "the first thing is a password of their own"
    again = anju("admit", "li.na", "--role", "administrator")
    assert again.returncode == 2
    assert "user: has an account already" in again.stderr


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = anju("up", ANJU_HOME=str(tmp_path / "file"))
    assert done.returncode == 2
    assert "ANJU_HOME: must be a folder" in done.stderr


def test_parts_of_the_suite_are_its_folders() -> None:
    assert {"lint", "deploy", "topology"} <= set(checks.parts())
