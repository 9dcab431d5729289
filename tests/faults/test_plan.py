"""The same seed makes the same run."""

from __future__ import annotations

import json

import pytest

from deploy.faults import messages, plan, stories
from deploy.faults.plan import COMPANIES, Options

pytestmark = pytest.mark.unit


def test_a_seed_replays_and_another_one_differs() -> None:
    assert plan.schedule(Options(seed=5)) == plan.schedule(Options(seed=5))
    assert plan.schedule(Options(seed=5)) != plan.schedule(Options(seed=6))
    assert stories.chosen(5, 500) == stories.chosen(5, 500)


def test_a_seed_replays_what_companies_say() -> None:
    def said(seed: int) -> list[tuple[str, str, str]]:
        return [
            (message.id, message.kind, message.facts.get("home", ""))
            for code in COMPANIES
            for message in messages.plan_of(code, seed, 300)
        ]

    assert said(5) == said(5)
    assert said(5) != said(6)


def test_the_whole_form_has_every_fault_that_is_promised() -> None:
    steps = plan.schedule(Options())
    counts = plan.said(steps)
    assert counts["kills at random moments"] >= 60
    assert counts["broker restarts"] == 3
    assert counts["broker freezes"] == 1
    assert counts["memory alarms"] == 1
    assert counts["database stops"] == 3
    assert {(step.target, step.detail.partition(":")[0]) for step in steps} >= set(plan.POINTS)
    assert sum(step.share for step in steps) == pytest.approx(1)


def test_sqlite_has_no_server_to_stop() -> None:
    assert not any(step.kind == "database" for step in plan.schedule(Options(database=plan.SQLITE)))


def test_a_cluster_loses_its_nodes_one_at_a_time() -> None:
    steps = plan.schedule(Options(cluster=True))
    assert {step.target for step in steps if step.kind == "node"} == {"1", "2", "3"}
    assert not any(step.kind == "broker" for step in steps)


def test_the_load_is_as_large_as_promised() -> None:
    line = [message for code in COMPANIES for message in messages.plan_of(code, 1, 5000)]
    reports = [message for message in line if message.kind == "report"]
    assert len({message.id for message in reports}) == 5000
    assert 0.08 <= 1 - len({id(message) for message in line}) / len(line) <= 0.1, "one in ten is sent twice"
    bad = {message.id for message in line if message.is_bad}
    assert 45 <= len(bad) <= 60
    assert sum(stories.LENGTHS[story] for story in stories.chosen(1, 500)) == 500


def test_a_reused_id_is_never_said_before_the_message_that_it_belongs_to() -> None:
    for code in COMPANIES:
        line = messages.plan_of(code, 3, 300)
        for position, message in enumerate(line):
            if message.kind == "bad_reuse":
                told = json.loads(message.body)["id"]
                assert any(one.id == told and "insisted" in one.facts for one in line[:position])
