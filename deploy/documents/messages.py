"""docs/integration/messages.md: what property companies send, what they receive, and why a message is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence

from deploy.documents import examples
from deploy.documents.text import fields_table, heading, named, said_of, table
from services.chassis.moves import To
from services.chassis.service import Service
from services.contracts import glossary
from services.contracts.events import Event, published_by
from services.contracts.events.complaints import (
    ComplaintInformationRequested,
    CrisisWarningIssued,
    GroupComplaintConfirmed,
)
from services.contracts.events.leads import HandoverCompleted
from services.contracts.events.maintenance import MessageRejected, PropertyCompanyAppointed

#: Told by code rather than by a move's declaration; a test finds every place that does.
TOLD_BY_CODE: tuple[type[Event], ...] = (
    PropertyCompanyAppointed,
    HandoverCompleted,
    MessageRejected,
    ComplaintInformationRequested,
    GroupComplaintConfirmed,
    CrisisWarningIssued,
)

#: Every reason of a refusal, with what the company can do about it.
REASONS = {
    "not_json": "Send one JSON object, without NaN or Infinity.",
    "not_an_object": "Send one JSON object.",
    "wrong_content_type": "Set the content type `application/cloudevents+json`.",
    "wrong_encoding": "Encode as UTF-8.",
    "compressed": "Send without compression.",
    "too_large": "At most 256 KiB; send links to photos, not photos.",
    "too_deep": "Nest at most eight levels.",
    "nul_character": "Remove the NUL characters.",
    "type_marker": "Send plain JSON values, not a library's own encoding (`__type__`).",
    "field_invalid": "`fields_at_fault` names the fields; compare them with the table of the message.",
    "validation_failed": "`fields_at_fault` names the fields: a time in the future, or before the report, for example.",
    "unknown_event": "Use one of the types above.",
    "message_id_reused": "Give every message an id of its own; repeat an id only with the same bytes.",
    "unknown_company": "Your contract is not registered yet; ask the developer.",
    "contract_ended": "Your contract has ended; ask the developer.",
    "company_mismatch": "`company_code` must be your own, or left out.",
    "unknown_reference": "The home is not known; check `home_id`.",
    "foreign_project": "The home belongs to a project that is not yours.",
    "unknown_order": "Use the `order_id` or the `number` from `work_order_dispatched`.",
    "foreign_order": "The order was not given to you, or no longer is.",
    "unknown_question": "Use the `case_id` or the `number` from `complaint_information_requested`.",
    "foreign_question": "The question was not put to you, or no longer is.",
    "illegal_move": "The order is in another state; see the order of messages in README.md.",
    "survey_required": "Such a repair needs your `repair_survey_reported` and our `repair_plan_confirmed` first.",
    "unknown_action": "Use the `action_id` or the `number` from `corrective_action_requested`.",
    "foreign_action": "The action was not asked of you, or no longer is.",
    "outside_scope": "You are not engaged for the project of this home.",
    "forbidden": "You are not engaged for the project of this order.",
}

INTRODUCTION = """# Messages between Anju and a property company

The reference beside [README.md](README.md). Every message is a CloudEvent 1.0 in JSON; the tables describe its `data`.
A field that is not required may be left out or `null`. Times carry an offset, such as `2026-05-01T16:00:00+08:00`; we
write UTC. Fields that you do not know yet must be ignored: new optional ones may come within a `dataversion`.

"""


def sent() -> list[type[Event]]:
    """What companies may send, in the order in which they are declared."""
    return list(published_by("property").values())


def told(services: Sequence[Service]) -> list[type[Event]]:
    """What companies are told."""
    declared = [
        one.event
        for service in services
        for process in service.processes
        for move in process.moves.values()
        for one in move.emits
        if isinstance(one, To)
    ]
    return list(dict.fromkeys([*declared, *TOLD_BY_CODE]))


def page(services: Sequence[Service]) -> str:
    """The whole page."""
    said = [INTRODUCTION, "## What you send 物业公司发送\n\n"]
    moves = {move.on: move for service in services for move in service.commands.values() if move.on is not None}
    for event in sent():
        move = moves.get(event)
        effect = f"\n\nOur command: `{move.command}`. {move.summary}" if move else ""
        said.append(_message(event, effect))
    said.append("## What you receive 物业公司接收\n\n")
    said += [_message(event, "") for event in told(services)]
    said.append("## Why a message is refused 拒收原因\n\n")
    said.append(
        "A refused message has no effect, is kept whole, and is answered with `message_rejected`. `reason` is the code;"
        " `message` and `message_en` are the sentence; `fields_at_fault` names fields where fields are the cause.\n\n"
    )
    rows = [
        (f"`{reason}`", *(glossary.sentence(reason, language) for language in glossary.LANGUAGES), advice)
        for reason, advice in REASONS.items()
    ]
    said.append(table(["reason", "中文", "English", "what to do"], rows))
    return "".join(said)


def _message(event: type[Event], effect: str) -> str:
    names = named(event.publisher, ("events", event.wire_name))
    example = json.dumps(examples.cloud_event(event), ensure_ascii=False, indent=2)
    return (
        f'<a id="{event.wire_name}"></a>\n\n'
        + heading(3, names, event.wire_name)
        + f"{said_of(event)}{effect}\n\n"
        + fields_table("maintenance", "", event.fields())
        + f"\n```json\n{example}\n```\n\n"
    )
