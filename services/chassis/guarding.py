"""Append-only tables: the database itself refuses to change or remove their rows (X-47)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from services.chassis.records import Base
from services.contracts.events import joinable

#: Sequences that a rollback does not take back: how often a change was refused, and the table of the last one.
COUNTED, LAST_TABLE = "refused_change_count", "refused_change_table"


def append_only_ddl(
    table: str, dialect: str, moving: Sequence[str] = (), fixed: Sequence[str] = (), once: Sequence[str] = ()
) -> list[str]:
    """Statements that make the database itself refuse to change or remove a row (X-47).

    Columns that are `moving` name records that may be joined with others: such a column changes only as `repointing`
    says, which is written first, and goes back only once it says so (L-04). Columns that are written `once` get their
    value later. The `fixed` columns, which are all others, never change. A change to these statements is brought to
    databases that exist by a revision that says them again.
    """
    if dialect == "sqlite":
        refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        unchanged = [f'NEW."{name}" IS OLD."{name}"' for name in fixed]
        later = [f'(NEW."{name}" IS OLD."{name}" OR OLD."{name}" IS NULL)' for name in once]
        changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in (*moving, *once))
        allowed = " AND ".join([*unchanged, *later, *map(_repointed, moving), f"({changed})"])
        guard = f"WHEN NOT ({allowed}) " if moving or once else ""
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {guard}{refused}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} {refused}",
        ]
    columns = ", ".join([*(f"'{name}'" for name in moving), *(f"'{ONCE}{name}'" for name in once)])
    return [
        *(f"CREATE SEQUENCE IF NOT EXISTS {sequence}" for sequence in (COUNTED, LAST_TABLE)),
        REFUSING,
        f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}",
        (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change({columns})"
        ),
        f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()",
    ]


#: Before the name of a column, in the trigger's arguments: it is written once.
ONCE = "once:"
#: PostgreSQL's part: the names of the columns that may change come as the trigger's arguments.
REFUSING = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was jsonb; becomes jsonb; named text; has_changed boolean := false;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        was := to_jsonb(OLD) - 'version';
        becomes := to_jsonb(NEW) - 'version';
        FOREACH named IN ARRAY TG_ARGV LOOP
            IF starts_with(named, '{ONCE}') THEN
                named := substr(named, {len(ONCE) + 1});
                CONTINUE WHEN was->>named IS NOT NULL OR becomes->>named IS NULL;
            ELSE
                CONTINUE WHEN was->>named IS NOT DISTINCT FROM becomes->>named OR NOT EXISTS (
                    SELECT FROM repointing WHERE record_id = OLD.id AND field = named AND (
                        (before = was->>named AND after = becomes->>named AND undone_at IS NULL)
                        OR (after = was->>named AND before = becomes->>named AND undone_at IS NOT NULL)
                    )
                );
            END IF;
            was := was - named;
            becomes := becomes - named;
            has_changed := true;
        END LOOP;
        IF has_changed AND was = becomes THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM nextval(format('%I.{COUNTED}', TG_TABLE_SCHEMA));
    PERFORM setval(format('%I.{LAST_TABLE}', TG_TABLE_SCHEMA), TG_RELID::bigint);
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def _repointed(column: str) -> str:
    """SQLite's condition that a moving column stays, or changes as `repointing` says."""
    return (
        f"(NEW.{column} IS OLD.{column} OR EXISTS (SELECT 1 FROM repointing WHERE record_id = OLD.id "
        f"AND field = '{column}' "
        f"AND ((before = OLD.{column} AND after = NEW.{column} AND undone_at IS NULL) "
        f"OR (after = OLD.{column} AND before = NEW.{column} AND undone_at IS NOT NULL))))"
    )


def guarded_columns(record: type[Any]) -> tuple[list[str], ...]:
    """Of an append-only record the columns that joining may move, all others, and, where it has any, those that are
    written once; empty where no column may change."""
    fields = getattr(record, "__fields__", {}).values()
    named = [one.name for one in fields if one.to in joinable() and not one.many]
    moving = [name for name in named if name not in record.__historic__]
    once = list(getattr(record, "__written_once__", ()))
    others = [column.name for column in record.__table__.columns if column.name not in (*moving, *once, "version")]
    return (moving, others if moving or once else [], *([once] if once else []))


@event.listens_for(Base.metadata, "after_create")
def _guard_append_only(_: Any, connection: sa.Connection, tables: list[sa.Table], **__: Any) -> None:
    classes = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    for table in tables:
        record = classes.get(table.name)
        if record is not None and getattr(record, "__append_only__", False):
            for statement in append_only_ddl(table.name, connection.dialect.name, *guarded_columns(record)):
                connection.execute(sa.DDL(statement.replace("%", "%%")))
