"""An import of customers, and the list that somebody else opens meanwhile, on both databases (L-02)."""

from __future__ import annotations

import base64
import io
import statistics
import time
from contextlib import ExitStack
from typing import Any

from openpyxl import Workbook

from deploy.bench.console_pages import Visitor
from deploy.bench.figures import ANJU, Figure, Plan, Void
from deploy.bench.whole import PASSWORD, Caller, add_people, whole
from deploy.postgres import ThrowAwayPostgres

ALONE = "anju, nothing beside"
LIMIT_MS = 300
ROWS, OPENED = 5_000, 100
SHORT_ROWS, SHORT_OPENED = 60, 5
#: Between two looks of somebody who goes through the list.
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 3_600
STEWARD, READER = "bench.steward", "bench.reader"
PEOPLE: list[dict[str, Any]] = [
    {"username": STEWARD, "name": "测量管理员", "roles": {"data_steward": ["group"], "administrator": ["group"]}},
    {"username": READER, "name": "测量客服", "roles": {"customer_affairs": ["group"]}},
]
LIST, MARKER = "/leads/customer/", "</html>"


def measure(plan: Plan) -> list[Figure]:
    """The 95th percentile of the list, in milliseconds, with what the import took in the notes. In short: on SQLite."""
    databases = ("SQLite",) if plan.short else ("SQLite", "PostgreSQL")
    return [_on(database, plan) for database in databases]


def _on(database: str, plan: Plan) -> Figure:
    rows, opened = (SHORT_ROWS, SHORT_OPENED) if plan.short else (ROWS, OPENED)
    with ExitStack() as running:
        own: dict[str, str] = {}
        if database == "PostgreSQL":
            server = ThrowAwayPostgres({})
            running.callback(server.stop)
            server.start()
            own["ANJU_DATABASE_URL"] = server.new_database()
        here = running.enter_context(whole(**own))
        add_people(PEOPLE, here.environment)
        steward = Caller(here, STEWARD)
        steward.do("leads/set_up_project", code="P01", name="枫林苑", company_id="C01")
        reader = Visitor(here.url).sign_in("/login/", {"username": READER, "password": PASSWORD})
        begun = time.monotonic()
        batch = steward.do("leads/upload_import_batch", **_workbook(rows))["id"]
        _until(steward, batch, "checked", lambda: time.sleep(PAUSE_SECONDS))
        checked = time.monotonic() - begun
        beside: list[float] = []
        begun = time.monotonic()
        steward.do("leads/run_import_batch", id=batch)
        _until(steward, batch, "done", lambda: beside.append(_p95(reader, opened)))
        ran = time.monotonic() - begun
        alone = [_p95(reader, opened) for _ in range(plan.rounds)]
    plan.say(f"import on {database}: {rows / ran:.0f} rows/s, p95 beside it {statistics.median(beside):.0f} ms")
    taken = f"{rows:,} rows checked in {checked:.0f} s and carried out in {ran:.0f} s, {rows / ran:.0f} rows/s"
    met = statistics.median(beside) <= LIMIT_MS
    name = f"another's list beside an import on {database}, p95"
    return Figure(name, "ms", {ANJU: beside, ALONE: alone}, f"at most {LIMIT_MS} ms", met, (taken,))


def _until(steward: Caller, batch: str, state: str, meanwhile: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (now := steward.get(f"leads/import_batch/{batch}")["state"]) != state:
        if time.monotonic() > deadline or now == "discarded":
            raise Void(f"the import is {now}, not {state}")
        meanwhile()


def _p95(reader: Visitor, opened: int) -> float:
    took = []
    for _ in range(opened):
        took.append(reader.open(LIST, MARKER).milliseconds)
        time.sleep(PAUSE_SECONDS)
    return statistics.quantiles(took, n=100, method="inclusive")[94]


def _workbook(rows: int) -> dict[str, Any]:
    """Customers of whom nobody is on record, as the template has them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(("姓名", "手机号"))
    for number in range(rows):
        sheet.append((f"测{number:05}", f"15{number % 10}{number * 7919 % 10**8:08}"))
    file = io.BytesIO()
    book.save(file)
    content = base64.b64encode(file.getvalue()).decode()
    given = {"project_id": "P01", "source": "activity"}
    return {"register": "customer", "file_name": "客户.xlsx", "content": content, "given": given}
