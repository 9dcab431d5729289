"""What the environment decides for the console: where its state lives, its database, its secret, and TLS.

The console may not import the chassis, so it reads the few variables that both know by itself, with the same rules.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "console"
SERVICE_PLACEHOLDER = "{service}"
#: What examples hold in the place of a secret.
UNFILLED = "CHANGE-ME"
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingInvalid(ValueError):
    """An environment variable breaks its rule; the message names the variable and the rule."""


def _set(name: str) -> str:
    """The variable, or nothing; an example's secret is none."""
    value = os.environ.get(name, "")
    if UNFILLED in value:
        raise SettingInvalid(f"{name}: still holds {UNFILLED} of the example")
    return value


def home() -> Path:
    """The folder that holds all state. `ANJU_HOME`; default `.anju` in the checkout."""
    value = os.environ.get("ANJU_HOME", "")
    return Path(value).expanduser().absolute() if value else ROOT / ".anju"


def files_folder() -> Path:
    """Where uploaded files are kept: `ANJU_FILES`, an absolute folder that all consoles share; else below `home()`."""
    value = os.environ.get("ANJU_FILES", "")
    if value and not Path(value).is_absolute():
        raise SettingInvalid("ANJU_FILES: must be an absolute path")
    return Path(value) if value else home() / "files"


def database_url() -> str:
    """The console's own database: schema `console` on PostgreSQL, else a file below `home()`."""
    value = _set("ANJU_DATABASE_URL")
    if not value:
        return f"sqlite:///{home() / 'data' / 'console.db'}"
    parts = urlsplit(value)
    if parts.scheme not in ("postgresql", "postgres", "postgresql+psycopg2") or len(parts.path) < 2:
        raise SettingInvalid("ANJU_DATABASE_URL: must be postgresql://user:password@host/database, or unset for SQLite")
    parts = parts._replace(scheme="postgresql+psycopg2")
    if SERVICE_PLACEHOLDER in unquote(value):
        return unquote(urlunsplit(parts)).replace(SERVICE_PLACEHOLDER, SCHEMA)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["options"] = f"{query.get('options', '')} -csearch_path={SCHEMA}".strip()
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def secret_key() -> str:
    """What signs tokens: `ANJU_SECRET_KEY`, else a random one kept for the owner of `home()` only."""
    value = _set("ANJU_SECRET_KEY")
    if value:
        if len(value) < 32:
            raise SettingInvalid("ANJU_SECRET_KEY: must have at least 32 characters")
        return value
    path = home() / "secrets" / "console"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def log_level() -> str:
    """`ANJU_LOG_LEVEL`: debug, info (default), warning or error."""
    value = (os.environ.get("ANJU_LOG_LEVEL") or "info").lower()
    if value not in LOG_LEVELS:
        raise SettingInvalid(f"ANJU_LOG_LEVEL: must be one of {', '.join(LOG_LEVELS)}")
    return value


def behind_tls() -> bool:
    """`ANJU_HTTPS=1`: a proxy in front of the console speaks TLS, so cookies are for HTTPS only."""
    value = os.environ.get("ANJU_HTTPS", "0").lower()
    if value not in ("0", "1", "true", "false"):
        raise SettingInvalid("ANJU_HTTPS: must be 0 or 1")
    return value in ("1", "true")


def defaults() -> dict[str, Any]:
    """The Flask configuration of the console."""
    tls = behind_tls()
    return {
        "SQLALCHEMY_DATABASE_URI": database_url(),
        "SECRET_KEY": secret_key(),
        "APP_NAME": "Anju",
        "LANGUAGES": {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
        "BABEL_DEFAULT_LOCALE": "zh",
        # A form that was open over lunch must still be accepted; the token dies with its session.
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_NAME": "__Host-anju" if tls else "anju",
        "SESSION_COOKIE_SECURE": tls,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_IDLE": timedelta(hours=2),
        "SESSION_ABSOLUTE": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        "AUTH_RATE_LIMITED": True,
        "RATELIMIT_ENABLED": True,
        # By address and per process: against floods. The limit per account is in the database (`admin.security`).
        "AUTH_RATE_LIMIT": "60 per minute",
        "RATELIMIT_STORAGE_URI": "memory://",
        "LOGIN_ATTEMPTS": 5,
        "LOGIN_WINDOW": timedelta(minutes=10),
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=30),
        "JWT_TOKEN_LOCATION": ["headers"],
        # Permissions come from the catalogue and from code, so no start writes or reads FAB's permission tables.
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_ADD_MENU_API": False,
        "FAB_API_SWAGGER_UI": False,
        "AUTH_ROLE_ADMIN": "administrator",
        "AUTH_ROLE_PUBLIC": "public",
        "ANJU_CATALOGUES": None,
        "ANJU_SERVICES": None,
    }


def amqp_uri() -> str:
    """The broker: `ANJU_AMQP_URI`, else the private node whose address the launcher left below `home()`."""
    value = _set("ANJU_AMQP_URI")
    if value:
        return value
    remembered = home() / "secrets" / "amqp_uri"
    if remembered.is_file():
        return remembered.read_text(encoding="utf-8").strip()
    raise SettingInvalid("ANJU_AMQP_URI: is not set and no private broker was started here; run ./anju up, or set it")
