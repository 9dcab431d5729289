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


def append_only_ddl(table: str, dialect: str, moving: Sequence[str] = (), fixed: Sequence[str] = ()) -> list[str]:
    """Statements that make the database itself refuse to change or remove a row (X-47).

    Columns that are `moving` name records that may be joined with others: such a column changes only as `repointing`
    says, which is written first, and the `fixed` columns, which are all others, do not change with it (L-04).
    """
    if dialect == "sqlite":
        refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        allowed = " AND ".join([*(f'NEW."{name}" IS OLD."{name}"' for name in fixed), *map(_repointed, moving)])
        guard = f"WHEN NOT ({allowed}) " if moving else ""
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {guard}{refused}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} {refused}",
        ]
    columns = ", ".join(f"'{name}'" for name in moving)
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


#: PostgreSQL's part: the names of the moving columns come as the trigger's arguments.
REFUSING = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was jsonb; becomes jsonb; moving text;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        was := to_jsonb(OLD) - 'version';
        becomes := to_jsonb(NEW) - 'version';
        FOREACH moving IN ARRAY TG_ARGV LOOP
            IF was->>moving IS DISTINCT FROM becomes->>moving AND EXISTS (
                SELECT FROM repointing WHERE record_id = OLD.id AND field = moving AND (
                    (before = was->>moving AND after = becomes->>moving)
                    OR (after = was->>moving AND before = becomes->>moving)
                )
            ) THEN
                was := was - moving;
                becomes := becomes - moving;
            END IF;
        END LOOP;
        IF was = becomes THEN
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
        f"AND field = '{column}' AND ((before = OLD.{column} AND after = NEW.{column}) "
        f"OR (after = OLD.{column} AND before = NEW.{column}))))"
    )


def guarded_columns(record: type[Any]) -> tuple[list[str], list[str]]:
    """Of an append-only record the columns that joining may move, and all others; none where none may."""
    fields = getattr(record, "__fields__", {}).values()
    named = [one.name for one in fields if one.to in joinable() and not one.many]
    moving = [name for name in named if name not in record.__historic__]
    others = [column.name for column in record.__table__.columns if column.name not in (*moving, "version")]
    return moving, others if moving else []


@event.listens_for(Base.metadata, "after_create")
def _guard_append_only(_: Any, connection: sa.Connection, tables: list[sa.Table], **__: Any) -> None:
    classes = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    for table in tables:
        record = classes.get(table.name)
        if record is not None and getattr(record, "__append_only__", False):
            for statement in append_only_ddl(table.name, connection.dialect.name, *guarded_columns(record)):
                connection.execute(sa.DDL(statement.replace("%", "%%")))
