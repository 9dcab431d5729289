"""What the environment decides: where state lives, which broker, which database, which port.

Every function reads ``os.environ`` when it is called, so a test or a launcher can change a variable at any time. A bad
value is a `SettingInvalid` that names the variable and the rule, for people: `report_invalid` prints it without a
traceback.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
#: What examples hold in the place of a secret.
UNFILLED = "CHANGE-ME"
LOG_LEVELS = ("debug", "info", "warning", "error")
SERVICE_NAME = re.compile(r"[a-z][a-z_]{1,30}")
SERVICE_PLACEHOLDER = "{service}"


class SettingInvalid(ValueError):
    """An environment variable breaks its rule; ``name`` is the variable, ``rule`` what it must be."""

    def __init__(self, name: str, rule: str, value: str | None = None) -> None:
        self.name, self.rule, self.value = name, rule, value
        got = "" if value is None else f" (got {_without_password(value)!r})"
        super().__init__(f"{name}: {rule}{got}")


@contextmanager
def report_invalid() -> Iterator[None]:
    """Turn `SettingInvalid` into one line on stderr and exit code 2; for the top of a program."""
    try:
        yield
    except SettingInvalid as wrong:
        print(f"anju: {wrong}", file=sys.stderr)
        raise SystemExit(2) from None


def _set(name: str) -> str:
    """The variable, or nothing; an example's secret is none."""
    value = os.environ.get(name, "")
    if UNFILLED in value:
        raise SettingInvalid(name, f"still holds {UNFILLED} of the example")
    return value


def home() -> Path:
    """The folder that holds all state, absolute. ``ANJU_HOME``; default ``.anju`` in the checkout."""
    value = os.environ.get("ANJU_HOME", "")
    folder = Path(value).expanduser().absolute() if value else ROOT / ".anju"
    if folder.exists() and not folder.is_dir():
        raise SettingInvalid("ANJU_HOME", "must be a folder", value)
    return folder


def amqp_uri() -> str:
    """The broker. ``ANJU_AMQP_URI``; default the private node that the launcher started for this `home`.

    The nodes of a cluster are separated by ``;``: whoever loses one connects to another.
    """
    value = _set("ANJU_AMQP_URI")
    if value:
        return _checked_amqp_uri(value)
    remembered = private_amqp_uri_file()
    if remembered.is_file():
        return remembered.read_text(encoding="utf-8").strip()
    raise SettingInvalid("ANJU_AMQP_URI", "is not set and no private broker was started here; run ./anju up, or set it")


def private_amqp_uri_file() -> Path:
    """Where the launcher leaves the URI (with its password) of the private broker of this `home`."""
    return home() / "secrets" / "amqp_uri"


def database_url(service: str) -> str:
    """The SQLAlchemy URL of one service's database; the console's name is ``console``.

    ``ANJU_DATABASE_URL`` is ``postgresql://user:password@host/anju``: each service has its own schema in it, reached by
    the search path. With ``{service}`` in the URL each service has its own database instead. Without the variable each
    service has ``<home>/data/<service>.db`` (SQLite).
    """
    if not SERVICE_NAME.fullmatch(service):
        raise ValueError(f"service: must be lower_snake letters, got {service!r}")
    value = _set("ANJU_DATABASE_URL")
    if not value:
        return f"sqlite:///{home() / 'data' / service}.db"
    parts = urlsplit(value)
    if parts.scheme not in ("postgresql", "postgres", "postgresql+psycopg2") or len(parts.path) < 2:
        raise SettingInvalid(
            "ANJU_DATABASE_URL", "must be postgresql://user:password@host/database, or unset for SQLite", value
        )
    # psycopg 2 by name: SQLAlchemy 2.1 would take psycopg 3, whose compiled wait blocks a whole eventlet process.
    parts = parts._replace(scheme="postgresql+psycopg2")
    if SERVICE_PLACEHOLDER in unquote(value):
        return unquote_placeholder(urlunsplit(parts)).replace(SERVICE_PLACEHOLDER, service)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["options"] = f"{query.get('options', '')} -csearch_path={service}".strip()
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def unquote_placeholder(url: str) -> str:
    """Let ``{service}`` be written percent-encoded, as some shells and templates do."""
    return re.sub("%7Bservice%7D", SERVICE_PLACEHOLDER, url, flags=re.IGNORECASE)


def schema(service: str) -> str | None:
    """The PostgreSQL schema that `database_url` points the service at; None where it has a database to itself."""
    value = os.environ.get("ANJU_DATABASE_URL", "")
    return service if value and SERVICE_PLACEHOLDER not in unquote(value) else None


def port() -> int:
    """The console's TCP port. ``ANJU_PORT``; default 8080."""
    return integer("ANJU_PORT", default=8080, low=1, high=65535)


def log_level() -> str:
    """``ANJU_LOG_LEVEL``: debug, info (default), warning or error."""
    value = os.environ.get("ANJU_LOG_LEVEL") or "info"
    if value.lower() not in LOG_LEVELS:
        raise SettingInvalid("ANJU_LOG_LEVEL", f"must be one of {', '.join(LOG_LEVELS)}", value)
    return value.lower()


def integer(name: str, *, default: int, low: int, high: int) -> int:
    """A whole number from the environment, within ``low`` to ``high``."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise SettingInvalid(name, f"must be a whole number from {low} to {high}", value)
    return int(value)


def _checked_amqp_uri(value: str) -> str:
    rule = "must be amqp://user:password@host:port/vhost or amqps://…; several nodes are separated by ;"
    for node in value.split(";"):
        try:
            parts = urlsplit(node)
            number = parts.port
        except ValueError as wrong:
            raise SettingInvalid("ANJU_AMQP_URI", rule, value) from wrong
        if parts.scheme not in ("amqp", "amqps") or not parts.hostname or number == 0:
            raise SettingInvalid("ANJU_AMQP_URI", rule, value)
    return value


def _without_password(value: str) -> str:
    return re.sub(r"(//[^:/@]*:)[^@]*@", r"\1***@", value)
