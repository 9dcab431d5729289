"""The maintenance service on a database of its own, with a clock that stands still, and people who give it commands."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.chassis import commands, scan
from services.chassis.actors import SYSTEM
from services.chassis.duties import Alert
from services.chassis.inbox import Delivery
from services.chassis.records import Base
from services.chassis.service import Service
from services.chassis.tables import Outgoing, Replica
from services.chassis.wire import CONTENT_TYPE, to_json
from services.maintenance.service import SERVICE
from services.maintenance.work_orders import WorkOrder

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
HOME, OTHER_HOME = "P01-1-101", "P01-1-102"


def person(user: str, role: str) -> dict[str, Any]:
    return {"user": user, "name": user, "roles": {role: ["company:C1"]}}


DESK = person("desk", "maintenance_desk")
LEAD = person("lead", "maintenance_lead")
COMPANY = person("acme.li", "property_company")
EXPERT = person("expert", "expert")
MOMENT = "2026-03-02T02:00:00Z"
TRIAGE = {"repair_class": "equipment", "urgency": "high", "in_warranty": True}


class World:
    """The service on an empty database with a clock that stands still."""

    def __init__(self, url: str) -> None:
        self.service: Service = SERVICE
        self.now = START
        SERVICE.open(url)
        Base.metadata.create_all(SERVICE.database.engine, tables=SERVICE.tables)
        SERVICE.now = lambda: self.now
        with SERVICE.begin(SYSTEM, command="test") as work:
            for key, data in (
                ("leads/project:P01", {"company_id": "C1", "sales_closed_on": None}),
                (f"leads/home:{HOME}", {"company_id": "C1", "project_id": "P01", "owner_uid": "u1"}),
                (f"leads/home:{OTHER_HOME}", {"company_id": "C1", "project_id": "P01", "owner_uid": "u2"}),
            ):
                resource, _, name = key.partition(":")
                work.session.add(Replica(resource=resource, key=name, version=1, data=data, at=START))
            work.finish()
        self.do("register_property_company", LEAD, code="acme", name="Acme", contract_from="2026-01-01")
        self.do("appoint_engagement", LEAD, property_company="acme", project_id="P01", appointed_from="2026-01-01")

    def do(self, command: str, actor: dict[str, Any] = DESK, **payload: Any) -> dict[str, Any]:
        envelope = {"command_id": uuid.uuid4().hex, "actor": actor}
        result: dict[str, Any] = commands.execute(self.service, command, payload, envelope)["result"]
        return result

    def report(self, **changes: Any) -> dict[str, Any]:
        wanted = {"home_id": HOME, "repair_class": "equipment", "description": "泵响", **changes}
        return self.do("report_work_order", **wanted)

    def put(self, state: str, **values: Any) -> str:
        """An order in a state, past all rules."""
        order = self.report(home_id=OTHER_HOME, repair_class="decoration")
        with self.service.database.write() as session:
            values = {"state": state, "property_company": "acme", "repair_class": "decoration", **values}
            session.execute(sa.update(WorkOrder).where(WorkOrder.id == order["id"]).values(**values))
        return str(order["id"])

    def told(self, record_id: str) -> set[str]:
        with self.service.database.read() as session:
            found = sa.select(Outgoing.name).where(Outgoing.record_id == record_id)
            return set(session.scalars(found))

    def alerts(self) -> list[tuple[str, str]]:
        with self.service.database.read() as session:
            rows = session.scalars(sa.select(Alert).order_by(Alert.created_at))
            return [(row.rule, row.recipient_role) for row in rows]

    def later(self, length: timedelta) -> None:
        self.now += length
        scan.tick(self.service)


def told(publisher: str, name: str, message_id: str, **data: Any) -> Delivery:
    event = {"specversion": "1.0", "id": message_id, "source": f"/anju/{publisher}", "type": name, "time": MOMENT}
    return Delivery(to_json({**event, "subject": HOME, "data": data}).encode(), CONTENT_TYPE)
