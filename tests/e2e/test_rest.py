"""The REST API from outside: a token, a list, a command that is done once, and what refusals look like."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import RunningSystem
from tests.e2e.conftest import Estate
from tests.e2e.rest import call

pytestmark = pytest.mark.e2e


def test_a_list_needs_a_token_and_keeps_to_its_page(system: RunningSystem, person: Callable[..., Any]) -> None:
    url = f"{system.url}/api/v1/maintenance/work_order"
    assert call(url).status == 401
    found = person("xu.qing").get("maintenance/work_order", page_size=2, order="-created_at")
    assert found.status == 200
    assert found.body["count"] >= 8
    assert len(found.body["result"]) == 2
    assert found.body["result"][0]["number"].startswith("WO ")


def test_a_command_is_done_once_per_key(estate: Estate, person: Callable[..., Any]) -> None:
    home, key = estate.home(), str(uuid.uuid4())
    estate.known_to_maintenance(home)
    told = {"home_id": home, "repair_class": "equipment", "description": "门铃不响。"}
    desk = person("han.mei")
    first = desk.post("maintenance/report_work_order", key=key, **told)
    again = desk.post("maintenance/report_work_order", key=key, **told)
    assert first.record["id"] == again.record["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(desk.rows("maintenance/work_order", home_id=home)) == 1
    other = desk.post("maintenance/report_work_order", key=key, **{**told, "description": "又响了。"})
    assert other.status == 409
    assert set(other.body) == {"message", "errors"}


def test_refusals_say_what_and_in_which_field(estate: Estate, person: Callable[..., Any]) -> None:
    home = estate.home()
    estate.known_to_maintenance(home)
    desk = person("xu.qing")
    order = desk.do("maintenance", "report_work_order", home_id=home, repair_class="other", description="x")
    too_early = desk.post("maintenance/close_work_order", id=order["id"], cost="1.00", payer="owner")
    assert too_early.status == 409
    assert too_early.body["errors"][""][0]["code"] == "illegal_move"
    incomplete = desk.post("maintenance/triage_work_order", id=order["id"], urgency="soon")
    assert incomplete.status == 422
    assert {"repair_class", "urgency", "in_warranty"} <= set(incomplete.body["errors"])
    assert incomplete.body["errors"]["urgency"][0]["message"]
    assert incomplete.body["errors"]["in_warranty"][0]["message"].startswith("是否在保")
    whole = {"id": order["id"], "repair_class": "other", "urgency": "normal", "in_warranty": True}
    not_theirs = person("li.na").post("maintenance/triage_work_order", **whole)
    assert not_theirs.status == 403
    assert person("kong.xin").get("maintenance/work_order").body["count"] == 0
    assert desk.get("maintenance/work_order/nothing").status == 404
    assert desk.post("maintenance/paint_work_order", id=order["id"]).status == 404
    for answer in (too_early, incomplete, not_theirs):
        assert isinstance(answer.body["message"], str)
