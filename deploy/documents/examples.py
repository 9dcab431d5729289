"""An example of every event: believable values that the event's own schema accepts, the same at every call."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from services.chassis import wire
from services.chassis.work import Work
from services.contracts.events import Event
from services.contracts.fields import Field

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
COMPANY = "evergreen"
NAMESPACE = uuid.UUID("6f1c3c1e-2a55-4c0f-9a3e-7a1d5f0c2b11")
REGISTERS = {"leads": "HT", "complaints": "TS"}

BY_NAME: dict[str, Any] = {
    "home_id": "P01-1-101",
    "project_id": "P01",
    "company_id": "C01",
    "property_company": COMPANY,
    "source_ref": "BX-2026-0415",
    "reporter": "王女士",
    "technician": "李师傅",
    "contact": "王** 138****1234",
    "masked_phone": "138****1234",
    "phone": "13800138000",
    "description": "厨房水管接头漏水，地面有积水。",
    "reason": "业主改约时间。",
    "findings": "水管接头密封圈老化。",
    "cause": "密封圈老化。",
    "liability": "开发商",
    "work_done": "更换接头和密封圈，试压 30 分钟无渗漏。",
    "parts": "DN20 接头 1 个，密封圈 2 个",
    "plan": "更换接头，恢复墙面。",
    "question": "请提供该户近三个月的报修记录。",
    "answer": "该户近三个月报修两次，均为外窗渗水，已附工单。",
    "photos": ["https://files.example.com/kitchen.jpg"],
    "warranty_items": [{"category": "waterproofing", "starts_on": "2026-05-01", "ends_on": "2031-04-30"}],
    "items": [{"category": "waterproofing", "starts_on": "2026-05-01", "ends_on": "2031-04-30"}],
    "residual_items": ["阳台栏杆补漆"],
    "company_code": COMPANY,
    "experts": "张工、刘工",
    "result": "已验收合格。",
    "agreement": "七日内修复，并补偿保洁一次。",
    "opinion": "业主满意。",
    "handler": "li.na",
    "adviser": "li.na",
    "department": "项目部",
    "message_type": "repair_completed",
    "message": "当前状态下不能办理这一事项。",
    "message_en": "The record's state does not allow this now.",
    "fields_at_fault": ["order_id"],
    "from_state": "dispatched",
    "to_state": "accepted",
    "appointed_from": "2026-05-01",
    "ends_on": "2031-04-30",
    "name": "安居花园",
    "building": "1",
    "unit": "1",
    "manager": "li.na",
}
TEXTS = {
    "message_rejected": {"reason": "illegal_move"},
    "customer_updated": {"name": "王**", "state": "registered"},
    "referral_registered": {"name": "周晓彤"},
}
OTHER = "—"


def identifier(name: str) -> str:
    """A UUID that belongs to this name."""
    return str(uuid.uuid5(NAMESPACE, name))


def value(event: type[Event], field: Field) -> Any:
    """An example of one field's value on the wire."""
    own = TEXTS.get(event.wire_name, {})
    one = own.get(field.name, BY_NAME.get(field.name))
    if one is not None and (field.values is None or one in field.values):
        return one
    one = _of_kind(event, field)
    return [one] if field.many else one


def _of_kind(event: type[Event], field: Field) -> Any:
    if field.values:
        return field.values[0]
    if field.kind == "number":
        return f"{REGISTERS.get(event.publisher, 'WO')} 2026-P01-000123"
    if field.kind == "reference" or field.name.endswith(("_id", "orders", "uid")):
        return identifier(field.name)
    by_kind: dict[str, Any] = {
        "integer": max(int(field.min or 0), 1),
        "decimal": "1.5",
        "money": "1280.00",
        "boolean": False,
        "date": "2026-05-01",
        "moment": "2026-05-01T08:00:00Z",
        "json": {},
        "files": [],
    }
    return by_kind.get(field.kind, OTHER)


def data(event: type[Event]) -> dict[str, Any]:
    """An example of the event's data, every field given, in the form in which the event's schema dumps it."""
    return event.load({field.name: value(event, field) for field in event.fields()}).dump()


def cloud_event(event: type[Event]) -> dict[str, Any]:
    """The whole message: as the outbox writes our own events, and as a property company writes its."""
    told = event.load(data(event))
    publisher = "maintenance" if event.publisher == "property" else event.publisher
    work = SimpleNamespace(
        service=SimpleNamespace(name=publisher),
        now=NOW,
        correlation_id=identifier("correlation"),
        causation_id=identifier("causation"),
    )
    whole = wire.envelope(cast(Work, work), told) | {"id": identifier(event.wire_name)}
    if event.publisher != "property":
        return whole
    kept = ("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataversion", "data")
    return {name: whole[name] for name in kept} | {"source": f"/property/{COMPANY}"}
