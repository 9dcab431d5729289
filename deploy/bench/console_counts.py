"""What one page costs: SQL statements from PostgreSQL's own log, calls from a copy of what passes the RPC exchange.

Neither believes the code that it counts. The service also looks after its clocks, outbox and health, so transactions
that it makes while nobody opens a page are left out by their words; `BEGIN`, `COMMIT` and `ROLLBACK` are no statements.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg2
from kombu import Connection

from deploy.bench.console_pages import Page, Visitor
from deploy.bench.console_stage import COMPANY_DESK, DESK, Stage

IDLE_SECONDS = 3
OPENED = 5
ENTRY = re.compile(r"^@(?P<pid>\d+) (?P<app>\S*) LOG:  statement: (?P<text>.*?)(?=^@|\Z)", re.MULTILINE | re.DOTALL)
ENDS = ("COMMIT", "ROLLBACK")
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
EXCHANGE = "nameko-rpc"


def counted(running: Stage, visitors: dict[str, Visitor], pages: Sequence[Page]) -> dict[str, tuple[int, int]]:
    """The statements and the calls of each page: the most that any of a few visits made."""
    with _logging(running) as since, _tap(running) as passed:
        time.sleep(IDLE_SECONDS)
        idle = {_words(one) for one in _transactions(since())}
        passed()
        costs = {}
        for page in pages:
            seen = []
            for _ in range(OPENED):
                visitors[COMPANY_DESK if page.scoped else DESK].open(page.anju, page.marker)
                made = [one for one in _transactions(since()) if _words(one) not in idle]
                seen.append((sum(map(len, made)), passed()))
            costs[page.name] = (max(one[0] for one in seen), max(one[1] for one in seen))
    return costs


def _transactions(log: str) -> list[list[str]]:
    """The statements of each transaction that the console's or a service's connections made, in order.

    A statement that no `BEGIN` stands before is a transaction of its own.
    """
    open_ones: dict[str, list[str]] = {}
    done = []
    for entry in ENTRY.finditer(log):
        if entry["app"] == "django":
            continue
        text = entry["text"].strip()
        if text.startswith(ENDS):
            done.append(open_ones.pop(entry["pid"], []))
        elif text == "BEGIN":
            open_ones[entry["pid"]] = []
        elif entry["pid"] in open_ones:
            open_ones[entry["pid"]].append(text)
        else:
            done.append([text])
    return [one for one in [*done, *open_ones.values()] if one]


def _words(statements: list[str]) -> tuple[str, ...]:
    return tuple(LITERAL.sub("?", one) for one in statements)


@contextmanager
def _logging(running: Stage) -> Iterator[Callable[[], str]]:
    """Let the server log every statement; what it wrote since the last time one asked."""
    place = running.server_log.stat().st_size

    def since() -> str:
        nonlocal place
        time.sleep(0.1)
        with running.server_log.open("rb") as log:
            log.seek(place)
            text = log.read()
        place += len(text)
        return text.decode(errors="replace")

    _set(running, "log_line_prefix = '@%p %a '", "log_statement = 'all'")
    try:
        yield since
    finally:
        _set(running, "log_statement = 'none'")


def _set(running: Stage, *settings: str) -> None:
    connection = psycopg2.connect(running.database, application_name="django")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for one in settings:
            cursor.execute(f"ALTER SYSTEM SET {one}")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()
    time.sleep(0.5)


@contextmanager
def _tap(running: Stage) -> Iterator[Callable[[], int]]:
    """How many calls passed since the last time one asked: their keys have a dot, those of answers do not."""
    with Connection(running.broker_uri) as connection, connection.channel() as channel:
        queue = channel.queue_declare("", exclusive=True, auto_delete=True).queue
        channel.queue_bind(queue, EXCHANGE, routing_key="*.*")

        def passed() -> int:
            number = 0
            while channel.basic_get(queue, no_ack=True) is not None:
                number += 1
            return number

        yield passed
