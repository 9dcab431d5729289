"""Everybody locks in one order: numbers of cases, cases, numbers of what is made of them. Otherwise two would stop each
other for good, and PostgreSQL would break one of them.
"""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.actors import Actor
from services.complaints.cases import Case
from services.complaints.cases.intake import register
from tests.integration.complaints.at_once import meanwhile
from tests.integration.complaints.world import HANDLER, OPERATOR, SUPERVISOR, World

pytestmark = [pytest.mark.integration, pytest.mark.parametrize("world", ["postgresql"], indirect=True)]
SAID: dict[str, Any] = {"uid": "U2", "category": "home_quality", "channel": "hotline", "description": "渗水"}
PARTY = {"counterpart": "李女士"}


def test_a_dispute_is_entered_while_a_case_of_its_kind_becomes_one(world: World) -> None:
    case = world.register(home_id="H1")
    with world.service.begin(Actor.from_wire(OPERATOR), command="test") as work:
        work.numbers.hold(work, "DP")
        become = {"id": case["id"], "reason": "客户委托律师", **PARTY}
        with meanwhile(world, lambda: world.do("make_dispute_case", HANDLER, **become)) as wrong:
            work.perform(register, kind="dispute", home_id="H2", **SAID, **PARTY)
            work.finish()
            work.session.commit()
    assert wrong == []
    assert world.case(case["id"])["dispute_number"] == "DP 2026-P01-000002"


@pytest.mark.parametrize("kind", ["complaint", "dispute"])
def test_whoever_waits_to_reopen_a_case_does_not_hold_it(world: World, kind: str) -> None:
    closed = world.placed("closed", kind=kind, registered_as=kind, closed_at=world.now, counterpart="李女士")
    with world.service.begin(Actor.from_wire(OPERATOR), command="test") as work:
        work.numbers.hold(work, {"complaint": "CP", "dispute": "DP"}[kind])
        again = {"id": closed, "reason": "又渗水"}
        with meanwhile(world, lambda: world.do("reopen_case", SUPERVISOR, **again)) as wrong:
            work.get(Case, closed, lock=True)
            work.session.commit()
    assert wrong == []
    assert world.case(closed)["state"] == "reopened"


def test_a_group_is_declared_of_a_case_while_another_group_is_found(world: World) -> None:
    case = world.register(home_id="H1")
    with world.service.begin(Actor.from_wire(OPERATOR), command="test") as work:
        work.get(Case, case["id"], lock=True)
        declared = {"project_id": "P01", "category": "fee", "topic": "物业费", "cases": [case["id"]]}
        with meanwhile(world, lambda: world.do("declare_group_complaint", HANDLER, **declared)) as wrong:
            work.numbers.hold(work, "GC")
            work.session.commit()
    assert wrong == []
    assert [one["topic"] for one in world.found("group_complaint")] == ["物业费"]
