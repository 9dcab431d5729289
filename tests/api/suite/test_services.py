"""What every way to the services does alike: the double, the double behind real RPC doors, and the real thing.

A test stands on `services` (the way) and `desk`, `lead`, `stranger` (actors) only; nothing here knows which way it is.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from services.contracts.errors import (
    AnjuError,
    Forbidden,
    IdempotencyConflict,
    IllegalMove,
    NotFound,
    OwnSubmission,
    StaleVersion,
    UnknownCommand,
    ValidationFailed,
    rebuild,
)

SERVICE, RESOURCE = "maintenance", "work_order"
REPORT = {"home_id": "P01-1-101", "repair_class": "leakage", "description": "卫生间漏水", "phone": "13800138000"}


def do(
    services: Any, actor: dict[str, Any], command: str, version: int | None = None, **payload: Any
) -> dict[str, Any]:
    done = services.execute(SERVICE, command, payload, actor=actor, command_id=str(uuid.uuid4()), version=version)
    record: dict[str, Any] = done["result"]
    return record


@pytest.fixture
def order(services: Any, desk: dict[str, Any]) -> dict[str, Any]:
    return do(services, desk, "report_work_order", **REPORT)


def test_a_command_that_creates_gives_the_record(order: dict[str, Any], desk: dict[str, Any]) -> None:
    assert (order["state"], order["version"], order["created_by"]) == ("reported", 1, desk["user"])
    assert order["description"] == "卫生间漏水"
    assert order["id"]
    assert order["number"]


def test_a_masked_field_arrives_masked(services: Any, order: dict[str, Any], desk: dict[str, Any]) -> None:
    fetched = services.fetch(SERVICE, RESOURCE, order["id"], desk)["result"]
    assert [order["phone"], fetched["phone"]] == ["138****8000"] * 2
    assert "13800138000" not in str(services.history(SERVICE, RESOURCE, order["id"], desk))


def test_a_move_changes_the_state_and_the_version(services: Any, order: dict[str, Any], desk: dict[str, Any]) -> None:
    moved = do(services, desk, "triage_work_order", id=order["id"], repair_class="other", version=1)
    assert (moved["state"], moved["version"], moved["repair_class"]) == ("triaged", 2, "other")
    changed = do(services, desk, "describe_work_order", id=order["id"], description="已查看")
    assert (changed["state"], changed["version"]) == ("triaged", 3)


def test_actions_are_what_the_caller_may_do_now(
    services: Any, order: dict[str, Any], desk: dict[str, Any], lead: dict[str, Any]
) -> None:
    do(services, desk, "triage_work_order", id=order["id"], repair_class="other")
    actions = {one["command"]: one for one in services.fetch(SERVICE, RESOURCE, order["id"], desk)["actions"]}
    assert set(actions) == {"describe_work_order", "cancel_work_order", "approve_work_order"}
    assert actions["cancel_work_order"] == {"command": "cancel_work_order", "allowed": True, "obstacle": None}
    assert actions["approve_work_order"]["obstacle"]["code"] == "own_submission"


def test_the_same_command_id_is_answered_and_not_done_again(services: Any, desk: dict[str, Any]) -> None:
    key = str(uuid.uuid4())
    first = services.execute(SERVICE, "report_work_order", REPORT, actor=desk, command_id=key)
    again = services.execute(SERVICE, "report_work_order", REPORT, actor=desk, command_id=key)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["result"]["id"] == first["result"]["id"]
    other = REPORT | {"description": "别的"}
    with pytest.raises(IdempotencyConflict):
        services.execute(SERVICE, "report_work_order", other, actor=desk, command_id=key)


def test_a_stale_version_tells_the_present_one(services: Any, order: dict[str, Any], desk: dict[str, Any]) -> None:
    do(services, desk, "describe_work_order", id=order["id"], description="一")
    with pytest.raises(StaleVersion) as caught:
        do(services, desk, "describe_work_order", id=order["id"], description="二", version=1)
    assert caught.value.params["current"] == 2


def test_an_illegal_move_is_refused(services: Any, order: dict[str, Any], desk: dict[str, Any]) -> None:
    do(services, desk, "cancel_work_order", id=order["id"], reason="报错")
    with pytest.raises(IllegalMove) as caught:
        do(services, desk, "triage_work_order", id=order["id"], repair_class="other")
    assert caught.value.params["state"] == "cancelled"


def test_roles_decide(services: Any, order: dict[str, Any], desk: dict[str, Any], stranger: dict[str, Any]) -> None:
    do(services, desk, "triage_work_order", id=order["id"], repair_class="other")
    with pytest.raises(Forbidden):
        do(services, desk, "dispatch_work_order", id=order["id"], property_company="acme")
    with pytest.raises(Forbidden):
        do(services, stranger, "report_work_order", **REPORT)


def test_nobody_decides_what_they_submitted(services: Any, order: dict[str, Any], desk: dict[str, Any]) -> None:
    do(services, desk, "triage_work_order", id=order["id"], repair_class="other")
    with pytest.raises(OwnSubmission):
        do(services, desk, "approve_work_order", id=order["id"])


def test_what_is_not_in_scope_does_not_exist(services: Any, order: dict[str, Any], stranger: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        services.fetch(SERVICE, RESOURCE, order["id"], stranger)
    with pytest.raises(NotFound):
        services.history(SERVICE, RESOURCE, order["id"], stranger)
    assert services.search(SERVICE, RESOURCE, {}, stranger)["count"] == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("home_id", None, "required"),
        ("description", "  ", "required"),
        ("repair_class", "unknown", "choice"),
        ("description", "x" * 4001, "too_long"),
        ("description", "a\x00b", "nul_character"),
        ("description", 5, "invalid_text"),
        ("floors", 201, "number_range"),
        ("floors", True, "invalid_integer"),
        ("cost", 1.5, "invalid_money"),
        ("reported_at", "2026-01-01T10:00:00", "moment_without_offset"),
        ("wanted_on", "01.01.2026", "invalid_date"),
        ("is_urgent", "yes", "invalid_boolean"),
        ("tags", ["leakage", "none"], "choice"),
        ("details", {"__type__": "datetime"}, "type_marker"),
        ("nonsense", 1, "unknown_field"),
    ],
)
def test_a_bad_field_is_named_with_its_rule(
    services: Any, desk: dict[str, Any], field: str, value: Any, code: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        do(services, desk, "report_work_order", **(REPORT | {field: value}))
    assert [one["code"] for one in caught.value.errors[field]] == [code]


def test_a_move_wants_an_id(services: Any, desk: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        do(services, desk, "triage_work_order", repair_class="other")
    assert caught.value.errors["id"][0]["code"] == "required"


def test_unknown_names_are_told(services: Any, desk: dict[str, Any]) -> None:
    with pytest.raises(UnknownCommand):
        do(services, desk, "explode_work_order")
    with pytest.raises(UnknownCommand):
        services.search(SERVICE, "spaceship", {}, desk)
    with pytest.raises(NotFound):
        services.fetch(SERVICE, RESOURCE, str(uuid.uuid4()), desk)


def test_search_filters_orders_and_pages(services: Any, desk: dict[str, Any]) -> None:
    home = f"H-{uuid.uuid4().hex[:8]}"
    made = [do(services, desk, "report_work_order", **(REPORT | {"home_id": home})) for _ in range(5)]
    do(services, desk, "triage_work_order", id=made[0]["id"], repair_class="other")

    def found(**params: Any) -> Any:
        filters = {"home_id": home} | params.pop("filters", {})
        return services.search(SERVICE, RESOURCE, {"filters": filters} | params, desk)

    assert found()["count"] == 5
    assert found(page_size=2, page=1)["count"] == 5
    pages = [found(page_size=2, page=page, order="number")["result"] for page in range(3)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one["number"] for page in pages for one in page] == sorted(one["number"] for one in made)
    assert found(filters={"state": "triaged"})["count"] == 1
    assert found(filters={"state": ["triaged", "reported"]})["count"] == 5
    assert found(tabs=True, filters={"state": "triaged"})["tabs"] == {"reported": 4, "triaged": 1}
    assert found(filters={"created_at": {"from": "2000-01-01T00:00:00Z"}})["count"] == 5
    assert found(filters={"created_at": {"to": "2000-01-01T00:00:00Z"}})["count"] == 0
    assert found(q=home.lower())["count"] == 5
    assert found(q="no such words")["count"] == 0


@pytest.mark.parametrize(
    "params", [{"filters": {"phone": "1"}}, {"order": "phone"}, {"order": "x"}, {"page_size": 101}]
)
def test_search_refuses_what_would_tell_a_secret_or_too_much(
    services: Any, desk: dict[str, Any], order: dict[str, Any], params: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed):
        services.search(SERVICE, RESOURCE, params, desk)


def test_several_lists_are_answered_at_once_with_refusals_in_place(
    services: Any, desk: dict[str, Any], order: dict[str, Any]
) -> None:
    asked = [[RESOURCE, {"filters": {"id": order["id"]}}], [RESOURCE, {"order": "phone"}], ["spaceship", {}]]
    found, *refused = services.search_each(SERVICE, asked, desk)["result"]
    assert [one["id"] for one in found["result"]] == [order["id"]]
    assert [type(rebuild(one["refused"], one["with"])) for one in refused] == [ValidationFailed, UnknownCommand]


def test_history_is_newest_first(services: Any, desk: dict[str, Any], order: dict[str, Any]) -> None:
    do(services, desk, "triage_work_order", id=order["id"], repair_class="other")
    entries = [
        one for one in services.history(SERVICE, RESOURCE, order["id"], desk)["result"] if one["kind"] == "audit"
    ]
    assert [one["name"] for one in entries] == ["triage_work_order", "report_work_order"]
    assert entries[0]["actor"] == desk["name"]
    assert (entries[0]["detail"]["from"], entries[0]["detail"]["to"]) == ("reported", "triaged")


def test_options_are_few_and_labelled(services: Any, desk: dict[str, Any], order: dict[str, Any]) -> None:
    (option,) = services.options(SERVICE, RESOURCE, order["number"], desk)["result"]
    assert option["id"] == order["id"]
    assert order["number"] in option["label"]


def test_gather_keeps_order_and_errors_in_place(services: Any, desk: dict[str, Any], order: dict[str, Any]) -> None:
    answers = services.gather(
        [
            ("fetch", SERVICE, RESOURCE, order["id"], desk),
            ("fetch", SERVICE, RESOURCE, "none", desk),
            ("health", SERVICE),
        ]
    )
    assert answers[0]["result"]["id"] == order["id"]
    assert isinstance(answers[1], NotFound)
    assert isinstance(answers[1], AnjuError)
    assert answers[2]["service"] == SERVICE
    assert answers[2]["database"] is True
