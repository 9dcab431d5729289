"""The bare loop beside the gateway: `python -m deploy.bench.bare_gateway QUEUE SAMPLE DATABASE_URL`.

It parses a message, writes the rows that the sample says Anju writes in one statement and one commit, acknowledges.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import uuid
from pathlib import Path
from typing import Any

import psycopg2
from kombu import Connection, Consumer, Queue

PREFETCH = 50
SCHEMA = "maintenance"


def statement(sample: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """One statement with data-modifying CTEs for all rows of a message, and the values of the sample's."""
    (series,) = sample["rows"]["number_series"]
    values: dict[str, Any] = {}
    prefix = sample["number"][:-6]
    counted = (
        f"n AS (INSERT INTO {SCHEMA}.number_series AS s (register, year, last) VALUES "
        f"('{series['register']}', {series['year']}, 1) ON CONFLICT (register, year) "
        "DO UPDATE SET last = s.last + 1 RETURNING last)"
    )
    parts = [counted]
    for table, rows in sample["rows"].items():
        if table == "number_series":
            continue
        lines = []
        for place, row in enumerate(rows):
            names = {column: f"{table}_{place}_{column}" for column in row}
            values |= {names[column]: _literal(value) for column, value in row.items()}
            line = [f"%({name})s" for name in names.values()]
            if table == "work_order":
                line[list(row).index("number")] = f"'{prefix}' || lpad(n.last::text, 6, '0')"
            lines.append(line)
        columns = ", ".join(f'"{column}"' for column in rows[0])
        if table == "work_order":
            chosen = f"SELECT {', '.join(_typed(rows[0], lines[0]))} FROM n"
        else:
            chosen = "VALUES " + ", ".join(f"({', '.join(line)})" for line in lines)
        parts.append(f"{table}_ AS (INSERT INTO {SCHEMA}.{table} ({columns}) {chosen})")
    return f"WITH {', '.join(parts)} SELECT last FROM n", values


def _literal(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def _typed(row: dict[str, Any], line: list[str]) -> list[str]:
    """In a SELECT a literal has no column that tells its type."""
    kinds = {"_at": "timestamptz", "appointment": "timestamptz", "until": "timestamptz"}
    typed = []
    for column, place in zip(row, line, strict=True):
        kind = next((kind for ending, kind in kinds.items() if column.endswith(ending)), None)
        kind = "jsonb" if isinstance(row[column], (list, dict)) else kind
        typed.append(f"{place}::{kind}" if kind and place.startswith("%") else place)
    return typed


def main(queue: str, sample_file: str, url: str) -> None:
    """Until SIGTERM."""
    sample = json.loads(Path(sample_file).read_text(encoding="utf-8"))
    text, values = statement(sample)
    old = sample["message"]
    replaced = [old["id"], old["source_ref"], old["home_id"], *sample["made"]]
    differing = [
        (name, value)
        for name, value in values.items()
        if isinstance(value, str) and any(token in value for token in replaced)
    ]
    database = psycopg2.connect(url)
    cursor = database.cursor()

    def took(message: Any) -> None:
        told = json.loads(message.body)
        new = [told["id"], told["data"]["source_ref"], told["data"]["home_id"]]
        new += [str(uuid.uuid4()) for _ in sample["made"]]
        for name, value in differing:
            for token, own in zip(replaced, new, strict=True):
                value = value.replace(token, own)
            values[name] = value
        cursor.execute(text, values)
        database.commit()
        message.ack()

    with Connection(os.environ["ANJU_AMQP_URI"]) as connection:
        source = Queue(queue, no_declare=True)
        with Consumer(connection, [source], on_message=took, prefetch_count=PREFETCH):
            while True:
                connection.drain_events()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(*sys.argv[1:])
