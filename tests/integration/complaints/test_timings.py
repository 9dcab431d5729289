"""A limit explained: what it ran, what it may run, and each step of the ladder with time and recipient."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.complaints.world import HANDLER, HOUR, World


def explained(world: World, case_id: str, name: str) -> dict[str, Any]:
    return next(one for one in world.case(case_id)["clocks"] if one["name"] == name)


@pytest.mark.requirement("C-22")
def test_a_limit_is_the_sum_of_its_intervals(world: World) -> None:
    case = world.register(handler="han")
    world.later(HOUR)
    running = explained(world, case["id"], "first_response")
    assert (running["run"], running["allowed"], running["calendar"]) == (3600, 7200, "elapsed")
    assert running["intervals"] == [
        {"from": "2026-03-02T02:00:00Z", "to": None, "running": True, "reason": None, "by": None, "seconds": 3600}
    ]
    assert running["steps"] == []
    world.do("respond_case", HANDLER, id=case["id"], first_contact="已致电")
    world.later(HOUR)
    met = explained(world, case["id"], "first_response")
    assert (met["run"], met["intervals"][0]["to"]) == (3600, "2026-03-02T03:00:00Z")


@pytest.mark.requirement("C-34")
def test_each_step_of_the_ladder_is_kept_with_time_and_recipient(world: World) -> None:
    case = world.register(handler="han")
    world.later(2 * HOUR)
    world.tick()
    for _ in range(2):
        world.later(24 * HOUR)
        world.tick()
    steps = explained(world, case["id"], "first_response")["steps"]
    told = [(one["at"], one["role"], one["user"]) for one in steps]
    assert ("2026-03-02T04:00:00Z", "complaint_handler", "han") in told
    assert ("2026-03-02T04:00:00Z", "complaint_supervisor", None) in told
    later = [(at, role) for at, role, _ in told if at > "2026-03-02T04:00:00Z"]
    assert [at for at, _ in later] == ["2026-03-03T04:00:00Z", "2026-03-04T04:00:00Z"]
    assert len({role for _, role in later}) == 2
    assert {one["rule"] for one in steps} == {"complaint_not_responded"}
