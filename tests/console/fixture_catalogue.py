"""A small system in the documented form of a catalogue: what the console is tested with."""

from __future__ import annotations

from typing import Any

from services.contracts import SERVICES
from services.contracts.fields import PERSON, ROLE, Field

COMMON = [
    Field("text", "id", read_only=True, max_length=40),
    Field("integer", "version", read_only=True),
    Field("text", "state", read_only=True, max_length=40),
    Field("text", "company_id", required=False, read_only=True, max_length=40),
    Field("reference", "project_id", required=False, read_only=True, max_length=40, to="leads/project"),
    Field("moment", "created_at", read_only=True),
    Field("text", "created_by", read_only=True, max_length=80, to=PERSON),
]
NUMBER = Field("number", "number", read_only=True, max_length=60)
HOME = Field("reference", "home_id", to="leads/home", max_length=40)
NOTE = Field("text", "note", required=False, max_length=2000, multiline=True)
REASON = Field("text", "reason", max_length=1000, multiline=True)
URGENCY = Field("choice", "urgency", choices="urgency", values=("normal", "high", "emergency"))
DESK, HANDLER, MANAGER = "maintenance_desk", "complaint_handler", "company_manager"


def resource(fields: list[Field], states: list[str], readers: list[str], **more: Any) -> dict[str, Any]:
    """A resource with the keys that every one has."""
    names = [field.name for field in fields]
    described: dict[str, Any] = {
        "key": "id",
        "title": names[0],
        "fields": [field.to_json() for field in [*COMMON, *fields]],
        "list": names[:6],
        "filters": ["state"],
        "search": [names[0]],
        "states": states,
        "initial": states[0],
        "final": states[-1:],
        "transitions": [],
        "clocks": [],
        "append_only": False,
        "readers": readers,
    }
    return described | more


def command(
    on: str, kind: str, by: list[str], origin: list[str], to: str | None, *params: Field, decision: str | None = None
) -> dict[str, Any]:
    """A command with the keys that every one has."""
    return {
        "resource": on,
        "verb": "",
        "kind": kind,
        "by": by,
        "from": origin,
        "to": to,
        "params": [field.to_json() for field in params],
        "decision": decision,
        "summary": "",
    }


def shared() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the chassis gives every service."""
    text = Field("text", "subject", max_length=200)
    links = [Field("text", name, required=False, max_length=60) for name in ("resource", "record_id", "record_number")]
    resources = {
        "task": resource(
            [
                text,
                *links,
                Field("text", "role", max_length=60, to=ROLE),
                Field("text", "assignee", required=False, max_length=80, to=PERSON),
                Field("moment", "due_at", required=False),
            ],
            ["open", "done", "confirmed"],
            ["*"],
            filters=["state", "role", "assignee"],
        ),
        "alert": resource(
            [
                Field("text", "rule", max_length=60),
                *links,
                Field("text", "recipient", required=False, max_length=80, to=PERSON),
            ],
            ["raised", "acknowledged", "cleared"],
            ["*"],
            filters=["state", "recipient"],
        ),
        "approval": resource(
            [
                Field("text", "title", max_length=200),
                *links,
                Field("text", "kind", max_length=60),
                Field("integer", "round"),
                Field("text", "submitted_by", max_length=80, to=PERSON),
                Field("moment", "submitted_at"),
                Field("text", "approver_role", max_length=60, to=ROLE),
                Field("integer", "level", required=False),
                Field("money", "amount", required=False),
                Field("json", "snapshot"),
                Field("text", "snapshot_hash", max_length=64),
                Field("text", "approve_command", max_length=60),
                Field("text", "reject_command", max_length=60),
                Field("text", "decided_by", required=False, max_length=80, to=PERSON),
                Field("moment", "decided_at", required=False),
                Field("text", "reason", required=False, max_length=2000),
            ],
            ["submitted", "approved", "rejected", "withdrawn"],
            ["*"],
            final=["approved", "rejected", "withdrawn"],
        ),
        "parked_message": resource(
            [
                Field("text", "message_id", max_length=80),
                Field("text", "name", max_length=80),
                Field("text", "reason", max_length=80),
                Field("text", "body", max_length=400_000),
                Field("text", "note", required=False, max_length=500),
            ],
            ["parked", "rejected", "retrying", "discarded"],
            ["administrator", "auditor"],
            list=["message_id", "name", "reason"],
        ),
    }
    required_note = Field("text", "note", max_length=500)
    commands = {
        "complete_task": command(
            "task", "move", ["*"], ["open"], "done", Field("text", "result", required=False, max_length=2000)
        ),
        "acknowledge_alert": command("alert", "move", ["*"], ["raised"], "acknowledged"),
        "replay_parked_message": command(
            "parked_message", "move", ["administrator"], ["parked", "rejected"], "retrying", required_note
        ),
        "discard_parked_message": command(
            "parked_message", "move", ["administrator"], ["parked", "rejected"], "discarded", required_note
        ),
    }
    return resources, commands


def catalogues() -> dict[str, dict[str, Any]]:
    """Four services: a repair, a complaint with an approval, homes and customers, members."""
    found: dict[str, dict[str, Any]] = {}
    for service in SERVICES:
        resources, commands = shared()
        found[service] = {
            "service": service,
            "resources": resources,
            "commands": commands,
            "publishes": [],
            "reacts_to": [],
            "parameters": [],
        }
    phone = Field("text", "phone", required=False, max_length=20, mask="phone")
    found["maintenance"]["resources"]["work_order"] = resource(
        [
            NUMBER,
            HOME,
            Field("text", "description", max_length=4000, multiline=True),
            URGENCY,
            Field("money", "cost", required=False),
            Field("moment", "reported_at", required=False),
            Field("boolean", "in_warranty", required=False),
            phone,
            Field("text", "engineer", required=False, max_length=80),
        ],
        ["reported", "triaged", "dispatched", "closed", "cancelled"],
        [DESK, "auditor"],
        list=["number", "home_id", "description", "urgency", "cost", "reported_at"],
        filters=["state", "home_id", "urgency", "reported_at", "in_warranty", "engineer"],
        search=["number", "description"],
        final=["closed", "cancelled"],
        clocks=["on_site"],
    )
    found["maintenance"]["commands"] |= {
        "report_work_order": command(
            "work_order",
            "create",
            [DESK],
            [],
            "reported",
            HOME,
            Field("text", "description", max_length=4000, multiline=True),
            URGENCY,
            Field("moment", "reported_at", required=False),
            Field("money", "cost", required=False, min=0),
        ),
        "triage_work_order": command("work_order", "move", [DESK], ["reported"], "triaged", URGENCY, NOTE),
        "dispatch_work_order": command("work_order", "move", [DESK], ["triaged"], "dispatched"),
        "cancel_work_order": command("work_order", "move", [DESK], ["reported", "triaged"], "cancelled", REASON),
        "reveal_work_order": command(
            "work_order",
            "change",
            [DESK],
            ["reported", "triaged"],
            None,
            Field("choice", "field", required=False, choices="personal_field", values=("phone",), default="phone"),
            Field("choice", "purpose", choices="access_purpose", values=("call_back", "other")),
            Field("text", "explanation", max_length=500, multiline=True),
        )
        | {"reveals": True},
    }
    found["complaints"]["resources"]["case"] = resource(
        [
            NUMBER,
            HOME,
            Field("text", "content", max_length=4000, multiline=True),
            Field("text", "plan", required=False, max_length=4000, multiline=True),
        ],
        ["registered", "plan_drafted", "plan_submitted", "plan_approved", "closed"],
        [HANDLER, MANAGER],
        filters=["state", "home_id"],
        search=["number", "content"],
    )
    found["complaints"]["commands"] |= {
        "register_case": command(
            "case",
            "create",
            [HANDLER],
            [],
            "registered",
            HOME,
            Field("text", "content", max_length=4000, multiline=True),
        ),
        "submit_plan_case": command(
            "case",
            "move",
            [HANDLER],
            ["registered", "plan_drafted"],
            "plan_submitted",
            Field("text", "plan", max_length=4000, multiline=True),
        ),
        "approve_plan_case": command(
            "case",
            "move",
            [MANAGER],
            ["plan_submitted"],
            "plan_approved",
            Field("text", "comment", required=False, max_length=1000, multiline=True),
            decision="approved",
        ),
        "reject_plan_case": command(
            "case", "move", [MANAGER], ["plan_submitted"], "plan_drafted", REASON, decision="rejected"
        ),
    }
    found["leads"]["resources"] |= {
        "home": resource(
            [Field("text", "label", max_length=80), Field("text", "building", required=False, max_length=20)],
            ["sold", "owned"],
            ["*"],
        ),
        "customer": resource(
            [Field("text", "name", max_length=80), phone],
            ["registered", "owner"],
            [DESK, HANDLER, "sales_agent"],
            search=["name", "phone"],
        ),
        "contract": resource(
            [NUMBER, HOME, Field("reference", "customer_id", to="leads/customer")],
            ["signed", "ended"],
            ["sales_agent"],
            filters=["state", "home_id", "customer_id"],
        ),
    }
    found["membership"]["resources"]["member"] = resource(
        [NUMBER, HOME], ["active", "left"], [DESK, "club_officer"], filters=["state", "home_id"]
    )
    return found
