"""The gateway's full path beside a bare loop that writes the same rows.

Anju: one `maintenance` process takes N reports of property companies from their quorum queue: parse, validate,
authorise, receipt, work order, number, clock, audit, outbox, one commit a batch, acknowledgement. Bare: kombu with the
same prefetch and psycopg2, one statement and one commit a message, no check of anything. Another process holds the
relay's role in both, as it does where a service runs twice; a third contender has the relay in the process as well.
"""

from __future__ import annotations

import contextlib
import json
import random
import statistics
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from deploy.bench.figures import ANJU, Figure, Plan, Void
from deploy.bench.ground import COMPANY, Ground, at_database, awaited, change, ground, opened, rate, rows
from services.chassis import commands, inbox, settings, topology, wire
from services.chassis.actors import SYSTEM
from services.chassis.database import Database
from services.chassis.inbox import Delivery
from services.chassis.tables import Replica
from services.contracts.fields import to_wire
from services.contracts.roles import Role

SERVICE = "maintenance"
BARE, WITH_RELAY = "bare loop", "anju, relay included"
SHARE = 0.6
QUEUE = topology.company_intake(COMPANY)


def measure(plan: Plan) -> list[Figure]:
    """Messages a second, first commit to last."""
    count = 400 if plan.short else 3_000
    found: dict[str, list[float]] = {ANJU: [], BARE: [], WITH_RELAY: []}
    efforts: dict[str, list[float]] = {name: [] for name in found}
    order = random.Random(plan.seed)
    with ground() as here:
        template = prepared(here, count)
        sample = rows_of_one(here, template)
        (settings.home() / "sample.json").write_text(json.dumps(sample), encoding="utf-8")
        for number in range(1, plan.rounds + 1):
            for contender in order.sample(list(found), len(found)):
                got, effort = _round(here, template, contender, count, sample)
                found[contender].append(got)
                efforts[contender].append(effort)
                plan.say(f"gateway {number}/{plan.rounds}: {contender}: {got:.0f} messages/s")
    figure = Figure("gateway, full path, one process", "messages/s", found, f"at least {SHARE} of the bare loop", False)
    share = figure.median() / figure.median(BARE)
    written = ", ".join(f"{len(some)} {table}" for table, some in sample["rows"].items())
    used = ", ".join(f"{name} {statistics.median(some):.2f} ms" for name, some in efforts.items())
    notes = (
        f"rows a message: {written}",
        f"{count} messages a round, synchronous_commit on, quorum queue, prefetch 50",
        f"processor time a message of process, database server and broker together: {used}",
    )
    return [Figure(figure.name, figure.unit, found, figure.target, share >= SHARE, notes)]


def report(number: int) -> bytes:
    """What a property company sends when a resident reports a defect."""
    data = {
        "source_ref": f"{COMPANY}-{number:07d}",
        "home_id": f"P01-{number:07d}",
        "reporter": "王芳",
        "repair_class": "equipment",
        "description": "厨房燃气热水器点火后三分钟自动熄火，已更换电池仍不能使用，住户希望本周内上门检查。",
        "photos": ["2026/03/02/heater-1.jpg", "2026/03/02/heater-2.jpg"],
        "reported_at": to_wire(datetime.now(UTC)),
        "company_code": COMPANY,
    }
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": f"/property/{COMPANY}",
        "type": "repair_reported",
        "time": data["reported_at"],
        "subject": data["source_ref"],
        "datacontenttype": "application/json",
        "dataversion": 1,
        "data": data,
    }
    return wire.to_json(event).encode()


def prepared(here: Ground, homes: int) -> str:
    """A database in which the company is engaged for a project with so many homes; a copy of it serves each round."""
    url = here.migrated([SERVICE])
    now = datetime.now(UTC)
    lead = {"user": "bench", "name": "bench", "roles": {Role.MAINTENANCE_LEAD: ["group"]}}
    given = [
        ("register_property_company", {"code": COMPANY, "name": "Bench", "contract_from": "2020-01-01"}),
        ("appoint_engagement", {"property_company": COMPANY, "project_id": "P01", "appointed_from": "2020-01-01"}),
    ]
    with opened(SERVICE, url) as service:
        with service.begin(SYSTEM, command="bench") as work:
            project = {"company_id": "C01", "sales_closed_on": None}
            told = [Replica(resource="leads/project", key="P01", version=1, data=project, at=now)]
            for number in range(homes):
                home = {"company_id": "C01", "project_id": "P01", "owner_uid": f"uid-{number}"}
                told.append(Replica(resource="leads/home", key=f"P01-{number:07d}", version=1, data=home, at=now))
            work.session.add_all(told)
            work.finish()
        for command, payload in given:
            commands.execute(service, command, payload, {"command_id": command, "actor": lead})
    change(url, "UPDATE maintenance.outbox SET sent_at = now() WHERE sent_at IS NULL; ANALYZE")
    return url


def rows_of_one(here: Ground, template: str) -> dict[str, Any]:
    """Every row that our path writes for one message, as the database has it, and what of it differs by message."""
    body = report(0)
    with here.copied(template) as url:
        with opened(SERVICE, url) as service:
            inbox.take(service, [Delivery(body, wire.CONTENT_TYPE, "utf-8", {}, COMPANY)])
            tables = [table.name for table in service.tables]
        written = {}
        for table in tables:
            same_commit = (
                f"SELECT to_jsonb(t) - 'position' FROM {SERVICE}.{table} t WHERE pg_xact_commit_timestamp(t.xmin) = "
                f"(SELECT pg_xact_commit_timestamp(xmin) FROM {SERVICE}.receipt)"
            )
            if found := [row for (row,) in rows(url, same_commit)]:
                written[table] = found
    if "work_order" not in written or "parked_message" in written:
        raise Void(f"the sample message had another effect: {sorted(written)}")
    told = json.loads(body)
    return {
        "rows": written,
        "message": {"id": told["id"], "source_ref": told["data"]["source_ref"], "home_id": told["data"]["home_id"]},
        "made": [written["work_order"][0]["id"], *(row["message_id"] for row in written["outbox"])],
        "number": written["work_order"][0]["number"],
    }


def _round(here: Ground, template: str, contender: str, count: int, sample: dict[str, Any]) -> tuple[float, float]:
    """Messages a second, and milliseconds of processor time that a message took."""
    here.purge(QUEUE)
    with here.copied(template) as url, contextlib.ExitStack() as running:
        if contender != WITH_RELAY:
            running.enter_context(_relay_elsewhere(url))
        here.publish(topology.company_exchange(COMPANY), "", [report(number) for number in range(count)])
        if contender == BARE:
            arguments = [QUEUE, str(settings.home() / "sample.json"), url]
            process = here.process("bare", "deploy.bench.bare_gateway", arguments, url)
        else:
            process = here.service(SERVICE, url)
        with process as child:
            seen: list[tuple[int, float]] = []

            def all_taken() -> bool:
                taken = rows(url, f"SELECT count(*) FROM {SERVICE}.receipt")[0][0]
                if taken:
                    seen.append((taken, here.busy(child)))
                return bool(taken >= count)

            awaited(child, all_taken, f"did not take {count} messages")
        _check(here, url, count, sample)
        (first, before), (last, after) = seen[0], seen[-1]
        return rate(url, f"{SERVICE}.receipt"), (after - before) * 1000 / max(last - first, 1)


def _check(here: Ground, url: str, count: int, sample: dict[str, Any]) -> None:
    """Nothing lost, nothing doubled, nothing kept aside, the same rows whoever wrote them."""
    for table, some in sample["rows"].items():
        if table == "number_series":
            continue
        at_first = "(SELECT min(pg_xact_commit_timestamp(xmin)) FROM maintenance.receipt)"
        written = f"SELECT count(*) FROM {SERVICE}.{table} WHERE pg_xact_commit_timestamp(xmin) >= {at_first}"
        got = rows(url, written)[0][0]
        if got != count * len(some):
            raise Void(f"{table}: {got} rows, {count * len(some)} were due")
    orders = rows(url, f"SELECT count(DISTINCT source_ref), count(DISTINCT number) FROM {SERVICE}.work_order")[0]
    last = rows(url, f"SELECT last FROM {SERVICE}.number_series WHERE register = 'WO'")[0][0]
    parked = rows(url, f"SELECT count(*) FROM {SERVICE}.parked_message")[0][0]
    if orders != (count, count) or last != count or parked or here.waiting(QUEUE):
        raise Void(f"{orders} orders, last number {last}, {parked} parked, {here.waiting(QUEUE)} still in the queue")


@contextlib.contextmanager
def _relay_elsewhere(url: str) -> Iterator[None]:
    with at_database(url):
        database = Database(settings.database_url(SERVICE))
    with database.elected("relay", lambda _: None, lambda: False):
        yield
    database.close()
