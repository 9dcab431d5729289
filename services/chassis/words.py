"""Words in the searched columns of a register, by an index of pairs of characters on PostgreSQL (ADR 8).

Chinese has no spaces, and most of its words are two characters: a text is all pairs of neighbours in it, and words are
in it only if all their pairs are. That narrows the search; whether the words are there is then asked of the text.
SQLite, which holds what one office tries out, reads all texts.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import TSQUERY

from services.chassis.records import Base

SEARCHED = "searched"  #: key in a table's `info`: the columns whose words are looked for
SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  #: what `lower` does under the collation C
APART = "\x01"  #: between pairs; no text has it
#: Kilobytes of new rows that wait to be put into an index: what a search has to read beside it.
WAITING_KB = 1024
QUOTED = postgresql.dialect().identifier_preparer.quote  # a register may bear the name of a word of SQL

#: Only what no locale changes is folded. A text begins and ends with a line, so that its last character begins a pair.
#: The cost keeps the planner from working it out for row after row.
_FUNCTION = r"""
CREATE OR REPLACE FUNCTION word_pairs(said text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE COST 10000 AS $$
DECLARE
    low text := E'\n' || lower(said COLLATE "C") || E'\n';
BEGIN
    RETURN array_to_tsvector(string_to_array(
        rtrim(regexp_replace(low, '..', E'\\&\x01', 'g'), E'\x01') || E'\x01'
        || rtrim(regexp_replace(substr(low, 2), '..', E'\\&\x01', 'g'), E'\x01'), E'\x01'));
END $$
"""


def word_index_ddl(table: str, columns: Sequence[str], dialect: str) -> list[str]:
    """Statements that make the index of the words in these columns of a table, in place of an earlier one."""
    if dialect != "postgresql":
        return []
    name, options = index_name(table), f"gin_pending_list_limit = {WAITING_KB}"
    return [
        _FUNCTION,
        f"DROP INDEX IF EXISTS {name}",
        f"CREATE INDEX {name} ON {QUOTED(table)} USING gin ({_pairs_of(table, columns)}) WITH ({options})",
    ]


def index_name(table: str) -> str:
    return f"ix_{table}_words"


def searched_columns(table: sa.Table) -> tuple[str, ...]:
    """The columns of the table whose words have an index."""
    columns: tuple[str, ...] = table.info.get(SEARCHED, ())
    return columns


def _pairs_of(table: str, columns: Sequence[str]) -> str:
    """The indexed expression; a query must say the very same."""
    texts = " || E'\\n' || ".join(f"coalesce({QUOTED(table)}.{QUOTED(column)}, '')" for column in columns)
    return f"word_pairs({texts})"


def may_hold(table: sa.Table, said: str) -> Any:
    """The condition on PostgreSQL that every row with these words meets, answered by the index."""
    pairs = [said[i : i + 2] for i in range(len(said) - 1)] or [said]
    # What the database may fold otherwise than we do is left to the text itself.
    kept = {pair.translate(SMALL) for pair in pairs if all(one.isascii() or one.lower() == one.upper() for one in pair)}
    terms = [_quoted(pair) + ("" if len(pair) == 2 else ":*") for pair in sorted(kept) if APART not in pair]
    if not terms:
        return sa.true()
    expression: Any = sa.literal_column(_pairs_of(table.name, searched_columns(table)))
    return expression.op("@@", is_comparison=True)(sa.cast(" & ".join(terms), TSQUERY))


def _quoted(pair: str) -> str:
    return "'" + pair.replace("\\", "\\\\").replace("'", "''") + "'"


@event.listens_for(Base.metadata, "after_create")
def _index_words(_: Any, connection: sa.Connection, tables: list[sa.Table], **__: Any) -> None:
    for table in tables:
        if columns := searched_columns(table):
            for statement in word_index_ddl(table.name, columns, connection.dialect.name):
                connection.execute(sa.DDL(statement.replace("%", "%%")))
