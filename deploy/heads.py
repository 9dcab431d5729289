"""Whether an SQLite database is at its newest revision, without Alembic: its import is a second of every warm start."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from services.chassis import settings

REVISION = re.compile(r"^(revision|down_revision)\s*=\s*(?:['\"](\w+)['\"]|None)\s*$", re.MULTILINE)


def is_at_head(service: str) -> bool:
    """True only when it certainly is; when in doubt, Alembic is asked."""
    url = settings.database_url(service)
    if not url.startswith("sqlite:///"):
        return False
    try:
        with closing(
            sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True, timeout=2)
        ) as database:
            rows = database.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return len(rows) == 1 and [rows[0][0]] == heads(service)


def heads(service: str) -> list[str]:
    """The revisions that no other one follows."""
    made, followed = [], set()
    for path in sorted((settings.ROOT / "services" / service / "migrations").glob("[!_]*.py")):
        for name, value in REVISION.findall(path.read_text(encoding="utf-8")):
            if name == "revision":
                made.append(value)
            else:
                followed.add(value)
    return [revision for revision in made if revision not in followed]
