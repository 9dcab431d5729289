"""Server-side sessions that end: at logout, when idle, after a working day, and when the person is disabled.

Flask-Session was considered: it stores the token itself, falls back to pickle when it reads, writes on every request
and has neither an absolute limit nor a person per session, so "end all sessions of this person" cannot be asked of it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Request, Response, g
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from admin.models import Person, WebSession, db

#: Seen-at is written at most this often, so that reading pages does not write.
TOUCH = timedelta(seconds=60)
SWEEP = timedelta(seconds=60)


def now() -> datetime:
    """The time as the console's tables keep it: UTC without an offset."""
    return datetime.now(UTC).replace(tzinfo=None)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A session whose content stays on the server; the browser holds a random token."""

    def __init__(self, data: dict[str, Any], token: str | None, started_at: datetime, seen_at: datetime) -> None:
        def changed(self: ServerSession) -> None:
            self.modified = True

        super().__init__(data, changed)
        self.token = token
        self.replaced: str | None = None
        self.started_at, self.seen_at = started_at, seen_at
        self.modified = False
        self.accessed = True

    def renew(self) -> None:
        """Take another token (at login and logout), so that one that was planted or overheard is worth nothing."""
        self.replaced, self.token = self.token, None
        self.started_at = now()
        self.modified = True


class SessionStore(SessionInterface):
    """Sessions in the console's database: one SELECT a request, for the person too; a write when something changed.

    Every visitor of the login page gets one, so dead ones are swept away when new ones are made, once a minute.
    """

    def __init__(self) -> None:
        self._swept_at = datetime.min

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """The browser's session, or an empty one where there is none that still lives."""
        token = request.cookies.get(self.get_cookie_name(app))
        at = now()
        if token and len(token) < 100:
            table = WebSession.__table__
            asked = sa.select(*table.columns, Person).outerjoin_from(table, Person, Person.id == table.c.user_id)
            row = db.session.execute(asked.where(table.c.digest == digest(token))).first()
            # With the person in the same statement, the login manager finds them in memory; the reference keeps them.
            g.session_person = row.Person if row else None
            if (
                row
                and row.seen_at > at - app.config["SESSION_IDLE"]
                and row.started_at > at - app.config["SESSION_ABSOLUTE"]
            ):
                return ServerSession(dict(row.data), token, row.started_at, row.seen_at)
        return ServerSession({}, None, at, at)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what changed; give the browser its token when it is a new one."""
        assert isinstance(session, ServerSession)
        if session.replaced:
            end(WebSession.digest == digest(session.replaced))
        at = now()
        values = {"data": dict(session), "user_id": _user_id(session), "seen_at": at}
        table = WebSession.__table__
        # What a page asks for by itself is no sign that somebody is there.
        touched = at - session.seen_at > TOUCH and not g.get("unattended")
        if session.token and (session.modified or touched):
            with db.engine.begin() as connection:
                connection.execute(sa.update(table).where(table.c.digest == digest(session.token)).values(**values))
        elif not session.token and session.modified and session:
            if at - self._swept_at > SWEEP:
                self._swept_at = at
                sweep(at - app.config["SESSION_IDLE"])
            session.token = secrets.token_urlsafe(32)
            with db.engine.begin() as connection:
                row = {"digest": digest(session.token), "started_at": session.started_at, **values}
                connection.execute(sa.insert(table).values(**row))
            response.set_cookie(
                self.get_cookie_name(app),
                session.token,
                path="/",
                secure=self.get_cookie_secure(app),
                httponly=True,
                samesite=self.get_cookie_samesite(app),
            )
        response.vary.add("Cookie")


def _user_id(session: ServerSession) -> int | None:
    kept = session.get("_user_id")
    return int(kept) if kept else None


def end(which: sa.ColumnElement[bool]) -> None:
    """End sessions at once."""
    with db.engine.begin() as connection:
        connection.execute(sa.delete(WebSession.__table__).where(which))


def end_all_of(user_id: int, but: str | None = None) -> None:
    """End every session of a person, but the one with this token."""
    which = WebSession.user_id == user_id
    end(sa.and_(which, WebSession.digest != digest(but)) if but else which)


def sweep(oldest: datetime) -> None:
    """Forget sessions that nobody has used since."""
    end(WebSession.seen_at < oldest)
