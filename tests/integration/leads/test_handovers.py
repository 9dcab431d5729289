"""The handover of a home, row by row of L-114, and everything that its completion and its refusal bring about."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from services.contracts.events.leads import (
    CustomerStageChanged,
    HandoverAnnounced,
    HandoverCompleted,
    HandoverRefused,
    HomeUpdated,
)
from services.leads.contracts import Contract
from services.leads.customers import Customer
from services.leads.handovers import Handover, handovers
from services.leads.homes import Home
from services.leads.title_deeds import TitleDeedCase
from tests.integration.leads.world import START, World, person, refused_everywhere

#: L-114 as the catalogue has it; `cancelled` is what L-77 adds when the contract ends.
TABLE = {
    ("batch_planned", "assessed"),
    ("assessed", "announced"),
    ("announced", "booked"),
    ("booked", "in_progress"),
    ("in_progress", "completed"),
    ("in_progress", "refused"),
    ("refused", "booked"),
    ("booked", "no_show"),
    ("no_show", "booked"),
}


@pytest.mark.requirement("L-114")
def test_the_declaration_is_the_table() -> None:
    declared = {(origin, to) for command, froms, to in handovers.transitions for origin in froms if to != "cancelled"}
    assert declared == TABLE
    assert handovers.initial == "batch_planned"


@pytest.mark.requirement("L-114")
def test_every_row_is_legal(sold: Any, world: World) -> None:
    """Batch, assessment, letter, slot, no-show, slot, refusal, rectification, slot, signature: all rows in one life."""
    handover = sold.handover("booked")
    world.now += timedelta(hours=2)
    handover = world.do("miss_handover", {"id": handover["id"]})
    handover = world.do("book_handover", {"id": handover["id"], "slot": world.now + timedelta(hours=1)})
    handover = world.do("start_handover", {"id": handover["id"], "safety_confirmed": True, "companions": "父母"})
    refusal = {"id": handover["id"], "reason": "墙面空鼓", "defects": ["客厅东墙", "主卧窗"]}
    handover = world.do("refuse_handover", refusal)
    world.do("readmit_home", {"id": sold.home_id, "verified_items": "2/2"})
    handover = world.do("book_handover", {"id": handover["id"], "slot": world.now + timedelta(days=1)})
    handover = world.do("start_handover", {"id": handover["id"], "safety_confirmed": True})
    payload = {
        "id": handover["id"],
        "handover_sheet": "HS-1",
        "keys": 5,
        "documents": ["质保书"],
        "water_meter": "12.5",
    }
    handover = world.do("complete_handover", {**payload, "residual_items": ["门锁"]})
    assert (handover["state"], handover["attempts"], handover["companions"]) == ("completed", 3, None)
    assert (handover["keys"], handover["documents"], handover["residual_items"]) == (5, ["质保书"], ["门锁"])
    assert (handover["handover_sheet"], Decimal(handover["water_meter"])) == ("HS-1", Decimal("12.5"))
    assert (handover["reason"], handover["defects"]) == ("墙面空鼓", ["客厅东墙", "主卧窗"])


@pytest.mark.requirement("L-114")
def test_every_other_pair_is_refused(sold: Any, world: World) -> None:
    contract = world.all(Contract)[0]
    tried = refused_everywhere(
        world,
        handovers,
        number=lambda n: f"HO {n}",
        home_id=lambda n: f"P01-{n}",
        uid=sold.uid,
        contract_id=contract.id,
        batch="b",
        window_from=START.date(),
        window_to=START.date(),
        attempts=0,
        safety_confirmed=False,
        project_id="P01",
        company_id="C01",
    )
    assert tried == 56  # 9 states x 8 commands that change a handover, without the 9 rows and the 7 of `cancel`


@pytest.mark.requirement("L-114", "X-72", "L-127")
def test_completion_is_told_once_and_reaches_home_customer_contract_and_deed_file(sold: Any, world: World) -> None:
    handover = sold.handover("in_progress")
    world.do("complete_handover", {"id": handover["id"], "handover_sheet": "HS", "keys": 3, "residual_items": ["门锁"]})
    (told,) = world.told(HandoverCompleted)
    assert told == {
        "home_id": sold.home_id,
        "uid": sold.uid,
        "project_id": "P01",
        "handover_id": handover["id"],
        "at": "2026-03-02T02:00:00Z",
        "residual_items": ["门锁"],
        "contact": None,
        "warranty_items": [],
    }
    home = world.get(Home, sold.home_id)
    assert (home.state, home.owner_uid, str(home.handed_over_on)) == ("handed_over", sold.uid, "2026-03-02")
    assert world.told(HomeUpdated)[-1]["state"] == "handed_over"
    assert world.get(Customer, sold.uid).lifecycle_stage == "owner"
    assert [one["to_stage"] for one in world.told(CustomerStageChanged)] == ["contracted", "owner"]
    (deed,) = world.all(TitleDeedCase)
    assert (deed.state, deed.home_id, deed.uid) == ("not_started", sold.home_id, sold.uid)
    assert [one.state for one in world.all(Contract)] == ["fulfilled"]
    with pytest.raises(IllegalMove):
        world.do("complete_handover", {"id": handover["id"], "handover_sheet": "HS", "keys": 3})
    assert len(world.told(HandoverCompleted)) == 1


@pytest.mark.requirement("L-127")
def test_a_deed_file_that_was_opened_with_the_contract_is_not_opened_again(sold: Any, world: World) -> None:
    world.do("start_title_deed_case", {"contract_id": world.all(Contract)[0].id})
    sold.handover("completed")
    assert len(world.all(TitleDeedCase)) == 1


@pytest.mark.requirement("L-114", "X-77")
def test_a_refusal_is_told_with_its_defects_and_keeps_the_home_from_being_booked(sold: Any, world: World) -> None:
    handover = sold.handover("in_progress")
    world.do("refuse_handover", {"id": handover["id"], "reason": "漏水", "defects": ["卫生间"]})
    (told,) = world.told(HandoverRefused)
    assert (told["reason"], told["defects"], told["home_id"], told["uid"]) == (
        "漏水",
        ["卫生间"],
        sold.home_id,
        sold.uid,
    )
    assert world.get(Home, sold.home_id).state == "handover_refused"
    again = {"id": handover["id"], "slot": world.now + timedelta(days=3)}
    with pytest.raises(IllegalMove) as refusal:
        world.do("book_handover", again)
    assert refusal.value.code == "home_not_ready"
    world.do("readmit_home", {"id": sold.home_id, "verified_items": "卫生间"})
    assert world.do("book_handover", again)["state"] == "booked"


@pytest.mark.requirement("L-114")
def test_the_announcement_carries_the_window(sold: Any, world: World) -> None:
    handover = sold.handover("announced")
    (told,) = world.told(HandoverAnnounced)
    assert told["handover_id"] == handover["id"]
    assert (told["window_from"], told["window_to"]) == ("2026-03-02", "2026-05-01")


@pytest.mark.requirement("L-108")
def test_no_letter_before_the_home_is_ready_unless_the_gate_is_off(estate: Any, world: World) -> None:
    estate.sign()
    handover = estate.handover("assessed")
    with pytest.raises(IllegalMove) as refusal:
        world.do("announce_handover", {"id": handover["id"], "letters": "L"})
    assert (refusal.value.code, refusal.value.params) == (
        "home_not_ready",
        {"home": estate.home_id, "state": "contracted"},
    )
    _set(world, "handover.require_ready_home")
    assert world.do("announce_handover", {"id": handover["id"], "letters": "L"})["state"] == "announced"


@pytest.mark.requirement("L-108")
def test_an_assessment_has_to_be_named_unless_the_gate_is_off(sold: Any, world: World) -> None:
    handover = sold.handover("batch_planned")
    with pytest.raises(ValidationFailed) as refusal:
        world.do("assess_handover", {"id": handover["id"]})
    assert refusal.value.errors == {"assessment_ref": [{"code": "required", "params": {}}]}
    _set(world, "handover.require_assessment")
    assert world.do("assess_handover", {"id": handover["id"]})["state"] == "assessed"


def _set(world: World, parameter: str, value: str = "0") -> None:
    payload = {"parameter": parameter, "value": value, "valid_from": world.now, "reason": "试点"}
    command = next(name for name in world.service.commands if name.startswith("establish_"))
    world.do(command, payload, by=person("admin", "administrator"))


@pytest.mark.requirement("L-112")
def test_nobody_is_let_in_before_the_safety_list_is_confirmed(sold: Any, world: World) -> None:
    handover = sold.handover("booked")
    with pytest.raises(ValidationFailed) as refusal:
        world.do("start_handover", {"id": handover["id"], "safety_confirmed": False})
    assert refusal.value.errors["safety_confirmed"][0]["code"] == "safety_required"


def test_a_slot_lies_ahead_and_a_no_show_behind_it(sold: Any, world: World) -> None:
    handover = sold.handover("announced")
    with pytest.raises(ValidationFailed) as refusal:
        world.do("book_handover", {"id": handover["id"], "slot": world.now})
    assert refusal.value.errors["slot"][0]["code"] == "in_the_past"
    world.do("book_handover", {"id": handover["id"], "slot": world.now + timedelta(minutes=1)})
    with pytest.raises(ValidationFailed):
        world.do("miss_handover", {"id": handover["id"]})
    world.now += timedelta(minutes=1)
    assert world.do("miss_handover", {"id": handover["id"]})["state"] == "no_show"


def test_a_home_without_a_contract_and_a_home_with_a_handover_are_not_planned(estate: Any, world: World) -> None:
    for code in ("no_contract", "taken"):
        with pytest.raises(ValidationFailed) as refusal:
            estate.handover("batch_planned")
        assert refusal.value.errors["home_id"][0]["code"] == code
        if code == "no_contract":
            estate.sign()
            estate.handover("batch_planned")
    assert len(world.all(Handover)) == 1


@pytest.mark.requirement("X-41", "X-08")
def test_the_department_that_may_hand_over_switches_with_the_close_out(sold: Any, world: World) -> None:
    before, after = person("zhao", "project_department"), person("qian", "customer_affairs")
    handover = sold.handover("assessed")
    letter = {"id": handover["id"], "letters": "L"}
    with pytest.raises(Forbidden):
        world.do("announce_handover", letter, by=after)
    world.do("begin_close_out_project", {"id": "P01", "handed_list": "3 份合同"}, by=before)
    world.do("close_sales_project", {"id": "P01", "sales_closed_on": world.now.date()}, by=after)
    with pytest.raises(Forbidden):
        world.do("announce_handover", letter, by=before)
    assert world.do("announce_handover", letter, by=after)["state"] == "announced"
