"""The console's own tables, beside Flask-AppBuilder's: scopes, sessions, login failures, saved views, traces."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import DDL, JSON, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

db = SQLA()


class Person(User):
    """Flask-AppBuilder's user, and what the console keeps of a person."""

    __tablename__ = "ab_user"

    language: Mapped[str | None] = mapped_column(String(2))
    theme: Mapped[str | None] = mapped_column(String(5))
    #: Grows with each change of roles or scopes; a session that remembers an older number reads them again.
    rights_version: Mapped[int | None] = mapped_column(Integer, default=1)
    must_change_password: Mapped[bool | None] = mapped_column(default=False)

    @property
    def full_name(self) -> str:
        """Chinese names are written family name first and without a space."""
        return f"{self.last_name}{self.first_name}" if self.last_name else self.first_name


class Assignment(Model):
    """A role that a person has within a scope: `group`, `company:<code>` or `project:<code>` (X-40)."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("user_id", "role", "scope"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(80))


class WebSession(Model):
    """One browser's session. Only a digest of its token is kept, so that a copy of the database opens nothing."""

    __tablename__ = "web_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, object]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(DateTime)
    seen_at: Mapped[datetime] = mapped_column(DateTime, index=True)


class LoginFailure(Model):
    """A refused login, by a digest of account and address: nobody can lock another person out from elsewhere."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTime)


class SavedView(Model):
    """A named query of one person on one list; the query string holds nothing masked."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "resource", "name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    resource: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(2000))


class Trace(Model):
    """Who changed whose account, and who took which list away (X-60, X-65); the database refuses to change a row.

    People are named and not pointed at: the trace outlives their accounts.
    """

    __tablename__ = "trace"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    kind: Mapped[str] = mapped_column(String(30))
    actor: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str | None] = mapped_column(String(64), index=True)
    before: Mapped[object] = mapped_column(JSON)
    after: Mapped[object] = mapped_column(JSON)


for verb in ("UPDATE", "DELETE"):
    refusal = (
        f"CREATE TRIGGER trace_no_{verb.lower()} BEFORE {verb} ON trace "
        "BEGIN SELECT RAISE(ABORT, 'trace is append-only'); END"
    )
    event.listen(Trace.__table__, "after_create", DDL(refusal).execute_if(dialect="sqlite"))
for statement in (
    (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'this table is append-only'; END $$"
    ),
    "CREATE TRIGGER trace_no_change BEFORE UPDATE OR DELETE ON trace FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER trace_no_truncate BEFORE TRUNCATE ON trace EXECUTE FUNCTION refuse_change()",
):
    event.listen(Trace.__table__, "after_create", DDL(statement).execute_if(dialect="postgresql"))
