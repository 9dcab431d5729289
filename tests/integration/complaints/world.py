"""A complaints service on a database of its own, with a clock that stands still, and people who give it commands."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.chassis import commands, inbox, scan, views
from services.chassis.actors import SYSTEM, Actor
from services.chassis.duties import Alert, Task
from services.chassis.inbox import Delivery
from services.chassis.parking import ParkedMessage
from services.chassis.records import Base, new_id
from services.chassis.tables import Clock, Outgoing
from services.chassis.topology import teller
from services.chassis.wire import CONTENT_TYPE, to_json
from services.complaints.cases import Case, cases
from services.complaints.service import SERVICE
from services.contracts.events import Event
from services.contracts.events.leads import CustomerUpdated, HomeUpdated, ProjectUpdated
from services.contracts.fields import to_wire

#: Monday, 2 March 2026, 10:00 in Shanghai.
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def person(user: str, *roles: str, scope: str = "company:C1") -> dict[str, Any]:
    return {"user": user, "name": user, "roles": {role: [scope] for role in roles}}


OPERATOR = person("op", "hotline_operator")
HANDLER = person("han", "complaint_handler")
SUPERVISOR = person("sun", "complaint_supervisor")
MANAGER = person("ma", "company_manager")

#: A file that was uploaded, as a field holds it.
EVIDENCE = [f"file:{'0a' * 32}/51200/20260301T100000Z/IMG_0001.jpg"]

#: The way through the states, with a payload that each step takes: (state reached, command, actor, payload).
WAY: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("responded", "respond_case", HANDLER, {"first_contact": "已致电客户"}),
    ("investigating", "investigate_case", HANDLER, {"investigator": "han"}),
    (
        "analysed",
        "analyse_case",
        HANDLER,
        {"cause": "防水层破损", "responsible_party": "contractor", "developer_share": 30},
    ),
    ("plan_drafted", "draft_plan_case", HANDLER, {"plan": "返修并补偿", "amount_proposed": "8000"}),
    ("plan_submitted", "submit_plan_case", HANDLER, {"evidence": EVIDENCE}),
    ("plan_approved", "approve_plan_case", MANAGER, {}),
    ("negotiating", "negotiate_case", HANDLER, {"minutes": "纪要", "offers": "补偿", "attendance": "王先生、李娜"}),
    ("agreed", "agree_case", HANDLER, {"agreement": "同意返修", "signed_by": "王先生", "signed_on": "2026-03-02"}),
    ("executing", "execute_case", HANDLER, {"executor": "han"}),
    ("checked", "check_case", HANDLER, {"result": "已返修", "check_note": "合格"}),
    ("fed_back", "feed_back_case", HANDLER, {"told": "已修好", "opinion": "满意"}),
    (
        "cause_transferred",
        "transfer_cause_case",
        HANDLER,
        {
            "transfer_form": "work_contact_letter",
            "transfer_document": "工作联系函",
            "departments": ["project_department"],
            "corrective_action": "加强防水验收",
            "due_on": "2026-03-31",
        },
    ),
    ("closed", "close_case", SUPERVISOR, {"outcome": "settled", "closing_note": "客户认可", "satisfaction": 4}),
]
STEP = {state: (command, actor, payload) for state, command, actor, payload in WAY}


class World:
    """What the tests do to the service and see of it."""

    def __init__(self) -> None:
        self.now = START
        self.service = SERVICE
        SERVICE.now = lambda: self.now

    def later(self, length: timedelta) -> None:
        self.now += length

    def do(self, command: str, actor: dict[str, Any], version: int | None = None, **payload: Any) -> dict[str, Any]:
        envelope = {"command_id": str(uuid.uuid4()), "actor": actor}
        if version is not None:
            envelope["version"] = version
        result: dict[str, Any] = commands.execute(self.service, command, payload, envelope)["result"]
        return result

    def register(self, actor: dict[str, Any] = OPERATOR, **facts: Any) -> dict[str, Any]:
        usual = {
            "kind": "complaint",
            "uid": "U1",
            "home_id": "H1",
            "category": "home_quality",
            "channel": "hotline",
            "description": "卫生间渗水",
        }
        return self.do("register_case", actor, **{**usual, **facts})

    def to(self, state: str, case_id: str | None = None, **changes: Any) -> dict[str, Any]:
        """Lead a case to a state by its ordinary way; `changes` replace payloads by command."""
        case = self.register(**changes.pop("register_case", {})) if case_id is None else self.case(case_id)
        states = [one for one, *_ in WAY]
        begun = states.index(case["state"]) + 1 if case["state"] in states else 0
        for reached in states[begun : states.index(state) + 1] if state != "registered" else []:
            command, actor, payload = STEP[reached]
            case = self.do(command, actor, id=case["id"], **{**payload, **changes.get(command, {})})
            assert case["state"] == reached
        return case

    def soon_to(self, state: str, **changes: Any) -> dict[str, Any]:
        """The same from where the cause is known, for tests that ask nothing of the limits of the beginning."""
        placed = self.placed(
            "analysed", **{"handler": "han", "investigator": "han", "cause": "防水层破损", **changes.pop("placed", {})}
        )
        return self.to(state, placed, **changes)

    def placed(self, state: str, **facts: Any) -> str:
        """A case that stands in a state, whatever brought it there."""
        with self.service.begin(SYSTEM, command="test") as work:
            usual = {
                "kind": "complaint",
                "registered_as": "complaint",
                "uid": "U1",
                "home_id": "H1",
                "category": "fee",
                "channel": "hotline",
                "description": "x",
                "receiver": "op",
                "received_at": work.now,
                "level": 1,
                "level_trigger": "intake",
                "supervisor_role": "complaint_supervisor",
                "department": "project_department",
                "urgency": "normal",
                "tier": "ordinary",
                "breaches": 0,
                "rejections": 0,
                "failed_rounds": 0,
                "plan_version": 0,
                "group_suspected": False,
                "project_id": "P01",
                "company_id": "C1",
            }
            case = Case(id=new_id(), **{**usual, **facts})
            work.begin_life(cases, case, state)
            work.finish()
        return case.id

    def case(self, case_id: str) -> dict[str, Any]:
        return self.show("case", case_id)

    def show(self, resource: str, record_id: str) -> dict[str, Any]:
        with self.service.reading(SYSTEM) as work:
            shown: dict[str, Any] = views.fetch(work, resource, record_id)["result"]
            return shown

    def actions(self, case_id: str, actor: dict[str, Any]) -> dict[str, Any]:
        with self.service.reading(Actor.from_wire(actor)) as work:
            return {one["command"]: one for one in views.fetch(work, "case", case_id)["actions"]}

    def found(self, resource: str, order: str = "created_at", **filters: Any) -> list[dict[str, Any]]:
        with self.service.reading(SYSTEM) as work:
            params = {"filters": filters, "order": order, "page_size": 100}
            rows: list[dict[str, Any]] = views.search(work, resource, params)["result"]
            return rows

    def clock(self, case_id: str, name: str) -> dict[str, Any] | None:
        return next((one for one in self.case(case_id)["clocks"] if one["name"] == name), None)

    def tick(self) -> int:
        return scan.tick(self.service)

    def all(self, table: Any, *conditions: Any) -> list[Any]:
        with self.service.database.read() as session:
            rows = list(session.scalars(sa.select(table).where(*conditions)))
            session.expunge_all()
            return rows

    def events(self, name: str | None = None, record_id: str | None = None) -> list[Any]:
        """What has been announced, oldest first: the outbox rows."""
        rows = [
            row
            for row in sorted(self.all(Outgoing), key=lambda row: row.position)
            if name in (None, row.name) and record_id in (None, row.record_id)
        ]
        return rows

    def told(self, name: str) -> list[dict[str, Any]]:
        """The data of every announced event of this name."""
        import json

        return [json.loads(row.body)["data"] for row in self.events(name)]

    def alerts(self, case_id: str) -> list[Any]:
        return self.all(Alert, Alert.record_id == case_id, Alert.cleared_at.is_(None))

    def tasks(self, case_id: str, subject: str | None = None) -> list[Any]:
        rows = self.all(Task, Task.record_id == case_id, Task.state == "open")
        return [row for row in rows if subject in (None, row.subject)]

    def clocks(self, case_id: str) -> dict[str, Any]:
        return {row.name: row for row in self.all(Clock, Clock.record_id == case_id)}

    def hear(self, event: Event, message_id: str | None = None, times: int = 1, at: datetime | None = None) -> None:
        """Deliver another service's event, perhaps more than once, and perhaps long after it was sent."""
        kind = type(event)
        name = getattr(kind, "wire_name", None) or kind.name
        body = to_json(
            {
                "specversion": "1.0",
                "id": message_id or str(uuid.uuid4()),
                "source": f"/anju/{teller(kind.publisher)}",
                "type": name,
                "time": to_wire(at or self.now),
                "subject": str(getattr(event, kind.subject)),
                "datacontenttype": "application/json",
                "dataversion": kind.dataversion,
                "data": event.dump(),
            }
        ).encode()
        for _ in range(times):
            inbox.take(self.service, [Delivery(body, CONTENT_TYPE, "utf-8", {})])

    def parked(self) -> list[Any]:
        return self.all(ParkedMessage)


@contextmanager
def opened(url: str) -> Iterator[World]:
    """The service on a database that has been prepared."""
    before = SERVICE.now
    SERVICE.open(url)
    try:
        yield World()
    finally:
        SERVICE.now = before
        SERVICE.close()


def prepare(url: str) -> None:
    """Make an empty database one of complaints, which knows two projects, four homes and two customers."""
    with opened(url) as world:
        Base.metadata.create_all(SERVICE.database.engine, tables=SERVICE.tables)
        for code in ("P01", "P02"):
            world.hear(ProjectUpdated(project_id=code, record_version=1, name=code, company_id="C1"))
        for home in ("H1", "H2", "H3", "H4"):
            facts: dict[str, Any] = {"building": "1", "unit": "1", "state": "handed_over", "owner_uid": "U1"}
            world.hear(HomeUpdated(home_id=home, record_version=1, project_id="P01", company_id="C1", **facts))
        for uid in ("U1", "U2"):
            stage: Any = "owner"
            world.hear(CustomerUpdated(uid=uid, record_version=1, name="王先生", lifecycle_stage=stage))
        assert world.parked() == []


def close_sales(world: World, on: date) -> None:
    """Leads has told that the sales of P01 are closed from a date on."""
    world.hear(ProjectUpdated(project_id="P01", record_version=2, name="P01", company_id="C1", sales_closed_on=on))
