"""An estate on the eve of its handovers: one home is brought there by commands, the others are copies of its rows."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2

from deploy.bench.ground import Ground, change, opened
from services.chassis import commands
from services.contracts import SERVICES
from services.contracts.roles import Role

OFFICER = {"user": "bench", "name": "bench", "roles": {str(role): ["group"] for role in Role if role != Role.SYSTEM}}
SAMPLE = "P01-000000"
PHONE = "13900000000"
#: What belongs to one home in leads; numbers stay those of the sample, nothing looks at them.
TABLES = ("customer", "customer_stage", "home", "contract", "handover", "clock")


@dataclass(frozen=True)
class Home:
    """A home that can be handed over."""

    code: str
    handover_id: str


def homes(count: int) -> list[Home]:
    """So many, the sample not among them."""
    return [Home(f"P01-{number:06d}", _identity("handover", number)) for number in range(1, count + 1)]


def prepared(here: Ground, wanted: list[Home]) -> str:
    """A database of all four services in which all of these wait for their owner's signature."""
    url = here.migrated(SERVICES)
    with opened("leads", url) as service:
        ids = _bring_to_the_eve(service)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        for table in TABLES:
            _copy_rows(cursor, table, ids, len(wanted))
        _tell(cursor, ids, len(wanted))
        connection.commit()
    change(url, "UPDATE leads.outbox SET sent_at = now(); ANALYZE")
    return url


def _bring_to_the_eve(service: Any) -> dict[str, str]:
    """Give the commands for one home; the ids of what they made."""
    done = 0

    def give(command: str, **payload: Any) -> Any:
        nonlocal done
        done += 1
        envelope = {"command_id": f"bench-{done}", "actor": OFFICER}
        return commands.execute(service, command, payload, envelope)["result"]

    today = datetime.now(UTC).date()
    give("set_up_project", code="P01", name="Bench", company_id="C01")
    customer = give("register_customer", kind="person", name="王芳", phone=PHONE, project_id="P01", source="website")
    home = give("set_up_home", code=SAMPLE, project_id="P01", building="1", unit="1")
    give("open_sale_home", id=home["id"], opened_on=str(today), price="3000000.00")
    contract = give("sign_contract", home_id=home["id"], uid=customer["id"], amount="3000000.00", signed_on=str(today))
    give("pass_acceptance_home", id=home["id"])
    give("make_ready_home", id=home["id"], checklist="C-1")
    window = {"window_from": str(today), "window_to": str(today + timedelta(days=10))}
    handover = give("plan_handover", home_id=home["id"], batch="1", **window)
    give("assess_handover", id=handover["id"], assessment_ref="A-1")
    give("announce_handover", id=handover["id"], letters="L-1")
    give("book_handover", id=handover["id"], slot=(datetime.now(UTC) + timedelta(hours=26)).isoformat())
    give("start_handover", id=handover["id"], safety_confirmed=True)
    return {"customer": customer["id"], "contract": contract["id"], "handover": handover["id"]}


def _identity(kind: str, number: int) -> str:
    return f"bench-{kind}-{number:06d}"


def _copies(text: str, ids: dict[str, str], count: int, own: str | None = None) -> list[Any]:
    """The JSON of a sample's row for each home, with the ids of that home in it."""
    copies = []
    for number in range(1, count + 1):
        copy = text.replace(SAMPLE, f"P01-{number:06d}").replace(PHONE, str(int(PHONE) + number))
        for kind, identity in ids.items():
            copy = copy.replace(identity, _identity(kind, number))
        if own is not None:
            copy = copy.replace(own, f"bench-{number:06d}-{own[-8:]}")
        copies.append(json.loads(copy))
    return copies


def _copy_rows(cursor: Any, table: str, ids: dict[str, str], count: int) -> None:
    cursor.execute(f"SELECT (to_jsonb(t) - 'position')::text, to_jsonb(t) ->> 'id' FROM leads.{table} t")
    for text, own in cursor.fetchall():
        if not any(one in text for one in (SAMPLE, *ids.values())):
            continue
        copies = _copies(text, ids, count, own if own and own not in ids.values() and own != SAMPLE else None)
        columns = ", ".join(f'"{name}"' for name in copies[0])
        cursor.execute(
            f"INSERT INTO leads.{table} ({columns}) SELECT {columns} FROM "
            f"jsonb_populate_recordset(NULL::leads.{table}, %s::jsonb)",
            (json.dumps(copies),),
        )


def _tell(cursor: Any, ids: dict[str, str], count: int) -> None:
    """What leads has told of the project, the homes and their owners, as the other services' replicas have it."""
    resources = {"project_updated": "leads/project", "home_updated": "leads/home", "customer_updated": "leads/customer"}
    for event, resource in resources.items():
        cursor.execute("SELECT body FROM leads.outbox WHERE name = %s ORDER BY position DESC LIMIT 1", (event,))
        data = json.dumps(json.loads(cursor.fetchone()[0])["data"], ensure_ascii=False)
        copies = [json.loads(data)] if resource == "leads/project" else _copies(data, ids, count)
        key = {"leads/project": "project_id", "leads/home": "home_id", "leads/customer": "uid"}[resource]
        told = [
            {"resource": resource, "key": one[key], "version": one["record_version"], "data": one} for one in copies
        ]
        for service in SERVICES:
            if service != "leads":
                cursor.execute(
                    f"INSERT INTO {service}.replica SELECT resource, key, version, data, now() FROM "
                    f"jsonb_populate_recordset(NULL::{service}.replica, %s::jsonb)",
                    (json.dumps(told),),
                )
