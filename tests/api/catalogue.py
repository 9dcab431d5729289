"""A small catalogue with every kind of field, in the form that services generate; names are those of domain.md."""

from __future__ import annotations

from typing import Any

from services.contracts.fields import Field

CLASSES = ("leakage", "decoration", "other")
COMMON = [
    Field("text", "id", read_only=True),
    Field("integer", "version", read_only=True),
    Field("text", "state", read_only=True),
    Field("text", "company_id", required=False, read_only=True),
    Field("reference", "project_id", required=False, read_only=True, to="leads/project"),
    Field("moment", "created_at", read_only=True),
    Field("text", "created_by", read_only=True),
]
HOME = Field("reference", "home_id", max_length=40, to="leads/home", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
CLASS = Field("choice", "repair_class", choices="repair_class", values=CLASSES)
DESCRIPTION = Field("text", "description", max_length=4000, multiline=True)
REASON = Field("text", "reason", max_length=1000, multiline=True)
PHONE = Field("text", "phone", required=False, max_length=20, mask="phone", pattern=r"\+?[0-9][0-9 -]{5,18}")
REPORTED = Field("moment", "reported_at", required=False)
DAY = Field("date", "wanted_on", required=False)
FLOORS = Field("integer", "floors", required=False, min=0, max=200)
COST = Field("money", "cost", required=False, min=0, max=10_000_000_000)
SHARE = Field("decimal", "share", required=False, min=0, max=1)
URGENT = Field("boolean", "is_urgent", required=False)
TAGS = Field("choice", "tags", required=False, many=True, choices="repair_class", values=CLASSES)
PHOTOS = Field("files", "photos", required=False)
DETAILS = Field("json", "details", required=False)
COMPANY = Field("text", "property_company", max_length=20, pattern=r"[a-z0-9_]{2,20}")


DESK = ["maintenance_desk"]
OPEN = ["reported", "triaged"]


def _command(
    resource: str, kind: str, by: list[str], origin: list[str], to: str | None, *params: Field, **more: Any
) -> dict[str, Any]:
    described = {"resource": resource, "verb": "", "kind": kind, "by": by, "from": origin, "to": to, "decision": None}
    return described | {"params": [one.to_json() for one in params], "summary": "A command (M-25)."} | more


def _resource(states: list[str], final: list[str], *fields: Field, **more: Any) -> dict[str, Any]:
    described = {
        "key": "order_id",
        "title": "number",
        "fields": [one.to_json() for one in (*COMMON, Field("number", "number", read_only=True), *fields)],
        "states": states,
        "initial": states[0],
        "final": final,
        "transitions": [],
        "clocks": [],
        "append_only": False,
        "readers": ["maintenance_desk", "auditor"],
    }
    return described | more


MAINTENANCE = {
    "service": "maintenance",
    "resources": {
        "work_order": _resource(
            ["reported", "triaged", "dispatched", "closed", "cancelled"],
            ["closed", "cancelled"],
            HOME, CLASS, DESCRIPTION, PHONE, REPORTED, DAY, FLOORS, COST, SHARE, URGENT, TAGS, PHOTOS, DETAILS, COMPANY,
            list=["number", "home_id", "repair_class", "phone", "reported_at", "cost"],
            filters=["state", "home_id", "repair_class", "is_urgent", "floors", "reported_at", "wanted_on", "phone"],
            search=["number", "description", "home_id"],
        )
    },
    "commands": {
        "report_work_order": _command(
            "work_order", "create", ["maintenance_desk"], [], "reported",
            HOME, CLASS, DESCRIPTION, PHONE, REPORTED, DAY, FLOORS, COST, SHARE, URGENT, TAGS, PHOTOS, DETAILS,
        ),
        "triage_work_order": _command("work_order", "move", ["maintenance_desk"], ["reported"], "triaged", CLASS),
        "dispatch_work_order": _command("work_order", "move", ["maintenance_lead"], ["triaged"], "dispatched", COMPANY),
        "describe_work_order": _command("work_order", "change", DESK, OPEN, None, DESCRIPTION),
        "cancel_work_order": _command("work_order", "move", DESK, OPEN, "cancelled", REASON),
        "approve_work_order": _command(
            "work_order", "move", ["maintenance_desk"], ["triaged"], "closed", decision="approved"
        ),
    },
}  # fmt: skip
COMPLAINTS = {
    "service": "complaints",
    "resources": {
        "case": _resource(
            ["registered", "closed"],
            ["closed"],
            HOME,
            readers=["*"],
            list=["number"],
            filters=["state"],
            search=["number"],
        )
    },
    "commands": {"register_case": _command("case", "create", ["hotline_operator"], [], "registered", HOME)},
}
CATALOGUES = {"maintenance": MAINTENANCE, "complaints": COMPLAINTS}
