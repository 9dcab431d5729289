"""The environment: defaults, what each variable does, and errors that name the variable and the rule."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.chassis import settings

pytestmark = pytest.mark.unit


def test_state_lies_in_the_checkout_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANJU_HOME")
    assert settings.home() == settings.ROOT / ".anju"


def test_a_relative_home_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_HOME", "a b")
    assert settings.home() == tmp_path / "a b"


def test_a_file_is_no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ANJU_HOME", str(tmp_path / "file"))
    with pytest.raises(settings.SettingInvalid, match="ANJU_HOME: must be a folder"):
        settings.home()


def test_each_service_has_its_own_sqlite_file(anju_home: Path) -> None:
    assert settings.database_url("leads") == f"sqlite:///{anju_home}/data/leads.db"
    assert settings.database_url("console") == f"sqlite:///{anju_home}/data/console.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_each_service_has_its_own_schema_on_postgresql(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("ANJU_DATABASE_URL", f"{scheme}://u:p%40ss@db:5433/anju?sslmode=require")
    url = sa.make_url(settings.database_url("complaints"))
    # psycopg 3 would block the whole eventlet process (T8), and SQLAlchemy 2.1 prefers it.
    assert url.drivername == "postgresql+psycopg2"
    assert (url.password, url.host, url.port, url.database) == ("p@ss", "db", 5433, "anju")
    assert dict(url.query) == {"sslmode": "require", "options": "-csearch_path=complaints"}
    assert settings.schema("complaints") == "complaints"


@pytest.mark.parametrize("placeholder", ["{service}", "%7Bservice%7D"])
def test_a_placeholder_gives_each_service_its_own_database(monkeypatch: pytest.MonkeyPatch, placeholder: str) -> None:
    monkeypatch.setenv("ANJU_DATABASE_URL", f"postgresql://db/anju_{placeholder}")
    assert settings.database_url("leads") == "postgresql+psycopg2://db/anju_leads"
    assert settings.schema("leads") is None


@pytest.mark.parametrize("value", ["mysql://u@h/anju", "postgresql://host", "anju", "sqlite:///x.db"])
def test_other_databases_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ANJU_DATABASE_URL", value)
    with pytest.raises(settings.SettingInvalid, match="ANJU_DATABASE_URL: must be postgresql://"):
        settings.database_url("leads")


@pytest.mark.parametrize(
    "value", ["http://host", "amqp://", "amqp://u:secret@h:0/", "amqp://u:secret@h:99999/", "broker"]
)
def test_a_bad_broker_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ANJU_AMQP_URI", value)
    with pytest.raises(settings.SettingInvalid, match="ANJU_AMQP_URI: must be amqp://") as refused:
        settings.amqp_uri()
    assert "secret" not in str(refused.value)


def test_the_private_broker_is_found_by_its_file(anju_home: Path) -> None:
    with pytest.raises(settings.SettingInvalid, match="ANJU_AMQP_URI: is not set"):
        settings.amqp_uri()
    settings.private_amqp_uri_file().parent.mkdir(parents=True)
    settings.private_amqp_uri_file().write_text("amqp://anju:x@127.0.0.1:1//\n")
    assert settings.amqp_uri() == "amqp://anju:x@127.0.0.1:1//"


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "8 0", "٨٠", "1e3"])
def test_a_port_is_a_whole_number_in_range(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ANJU_PORT", value)
    with pytest.raises(settings.SettingInvalid, match="ANJU_PORT: must be a whole number from 1 to 65535"):
        settings.port()


def test_the_log_level_is_one_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.log_level() == "info"
    monkeypatch.setenv("ANJU_LOG_LEVEL", "Warning")
    assert settings.log_level() == "warning"
    monkeypatch.setenv("ANJU_LOG_LEVEL", "loud")
    with pytest.raises(settings.SettingInvalid, match="ANJU_LOG_LEVEL: must be one of debug, info, warning, error"):
        settings.log_level()


def test_the_command_line_says_it_in_one_line(anju_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy", "status"],
        cwd=settings.ROOT,
        env={"ANJU_HOME": str(anju_home), "ANJU_PORT": "many", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["anju: ANJU_PORT: must be a whole number from 1 to 65535 (got 'many')"]
