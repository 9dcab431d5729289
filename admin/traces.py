"""What the console keeps of exports and of changes of accounts (X-60, X-65): a row, and a line of the log."""

from __future__ import annotations

import logging
from typing import Any, cast

import sqlalchemy as sa

from admin.models import Trace, db
from admin.sessions import now

log = logging.getLogger("anju.console.trace")
#: Who acts where nobody is signed in: the launcher.
LAUNCHER = "system"
SHOWN = 50


def note(kind: str, actor: str, subject: str | None = None, before: Any = None, after: Any = None) -> None:
    """Add a row to the caller's transaction."""
    db.session.add(Trace(at=now(), kind=kind, actor=actor, subject=subject, before=before, after=after))
    log.info(kind, extra={"user": actor, "subject": subject, "before": before, "after": after})


def of(username: str) -> list[Trace]:
    """The latest that somebody did or had done to them, newest first."""
    theirs = sa.or_(Trace.actor == username, Trace.subject == username)
    found = db.session.scalars(sa.select(Trace).where(theirs).order_by(Trace.id.desc()).limit(SHOWN))
    return cast("list[Trace]", found.all())
