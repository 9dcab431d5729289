"""RabbitMQ users and their permissions, as a RabbitMQ definitions document.

One form for every broker: the private node loads it at boot and imports it while running; anywhere else an operator
imports the same file (``rabbitmqctl import_definitions``). Passwords are generated once and kept under
``<home>/secrets``, mode 0600; the document itself holds only salted hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

from services.chassis import settings
from services.chassis.topology import checked_company_code, company_exchange, company_inbox

SERVICE_USER = "anju"
VHOST = "/"
NOTHING = "^$"
# A company needs one connection to publish and one to read; the rest is room for a restart that overlaps.
COMPANY_LIMITS = {"max-connections": 5, "max-channels": 20}


def company_user(code: str) -> str:
    """The RabbitMQ user of one property company."""
    return f"property.{checked_company_code(code)}"


def company_permissions(code: str) -> dict[str, str]:
    """It declares nothing, writes to its own exchange only and reads its own inbox only."""
    return {
        "configure": NOTHING,
        "write": f"^{re.escape(company_exchange(code))}$",
        "read": f"^{re.escape(company_inbox(code))}$",
    }


def password(user: str) -> str:
    """The user's password, generated at the first call."""
    return remembered_secret(f"amqp.{user}")


def remembered_secret(name: str) -> str:
    """A random secret kept in ``<home>/secrets/<name>``; the same at every call."""
    path = settings.home() / "secrets" / name
    if not path.is_file():
        write_secret(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8").strip()


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    draft.replace(path)


def known_companies() -> list[str]:
    """The companies whose users were made here, by their password files."""
    prefix = "amqp.property."
    return sorted(p.name.removeprefix(prefix) for p in (settings.home() / "secrets").glob(f"{prefix}*"))


def definitions(companies: list[str]) -> dict[str, Any]:
    """The document: our own user and each company's. Without ``guest``, which RabbitMQ then does not make."""
    users = [_user(SERVICE_USER, {})]
    permissions = [_permission(SERVICE_USER, {"configure": ".*", "write": ".*", "read": ".*"})]
    for code in companies:
        users.append(_user(company_user(code), COMPANY_LIMITS))
        permissions.append(_permission(company_user(code), company_permissions(code)))
    return {"vhosts": [{"name": VHOST}], "users": users, "permissions": permissions}


def company_definitions(code: str) -> dict[str, Any]:
    """One company alone, to import into a running broker."""
    return {
        "users": [_user(company_user(code), COMPANY_LIMITS)],
        "permissions": [_permission(company_user(code), company_permissions(code))],
    }


def write_definitions(path: Path, document: dict[str, Any]) -> Path:
    write_secret(path, json.dumps(document, indent=2))
    return path


def _user(name: str, limits: dict[str, int]) -> dict[str, Any]:
    return {
        "name": name,
        "password_hash": _hashed(password(name)),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
        "limits": limits,
    }


def _permission(user: str, patterns: dict[str, str]) -> dict[str, str]:
    return {"user": user, "vhost": VHOST, **patterns}


def _hashed(clear: str) -> str:
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + clear.encode()).digest()).decode()
