"""The count finds a planted loss, a planted double and a planted stranger; without them it finds nothing."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable

import pytest
from rich.console import Console

from deploy.faults import count, messages, table
from deploy.faults.count import Row, total
from deploy.faults.facts import Facts
from deploy.faults.ledger import ABANDONED, ACKNOWLEDGED, REFUSED, Command, Ledger, Message
from services.contracts import SERVICES

pytestmark = pytest.mark.unit
REPORTS = "repairs reported: work orders"
COMMANDS = "commands over REST: changes"
WRONG = "wrong messages: kept"
EVENTS = "events of maintenance: in complaints"


def world() -> tuple[Ledger, Facts]:
    """Two reports, an answer, a wrong message and two commands, all well."""
    ledger, facts = Ledger(), Facts()
    for service in SERVICES:
        facts.outbox[service], facts.held[service] = [], []
        facts.receipts[service], facts.replicas[service] = Counter(), Counter()
    for place in (
        *(("leads", "customer", "id"), ("leads", "home", "code"), ("maintenance", "work_order", "number")),
        *(("maintenance", "warranty_item", "home_id || '/' || category"), ("complaints", "case_repair", "id")),
        *(("membership", name, column) for name, column in (("profile", "id"), ("member", "uid"))),
        *(("membership", name, "home_id") for name in ("household", "care_task")),
        *(("membership", "follow_up", "cause"), ("complaints", "case", "description")),
    ):
        facts.made[place] = Counter()
    facts.subscribers = {("maintenance", "work_order_created"): ["complaints"]}
    for number in range(2):
        said = messages.report("jade", number, "P03-1-0000", "leakage" if number else "other")
        ledger.say(said)
        said.outcome = ACKNOWLEDGED
        order = {"id": f"o{number}", "home": "P03-1-0000", "class": said.facts["class"], "company": "jade"}
        facts.orders.append({**order, "ref": said.subject, "case": None, "state": "reported"})
        facts.changed["maintenance", "work_order", f"o{number}", "report_work_order"] = 1
        facts.made["maintenance", "work_order", "number"][f"WO 2026-P03-00000{number + 1}"] = 1
        facts.outbox["maintenance"].append((f"e{number}", "work_order_created", "maintenance.events", "x", True))
        facts.receipts["complaints"]["/anju/maintenance", f"e{number}"] = 1
    wrong = Message("jade-x-1", "jade", "bad_json", "x", b"{")
    ledger.say(wrong)
    wrong.outcome = ACKNOWLEDGED
    facts.held["maintenance"].append(("sha", "rejected", "not_json", b"{"))
    for number in range(2):
        command = Command(
            f"k{number}", "complaints", "register_case", {}, ("row", "complaints", "case", "description", f"c{number}")
        )
        ledger.ask(command)
        command.outcome = ACKNOWLEDGED
        facts.made["complaints", "case", "description"][f"c{number}"] = 1
    return ledger, facts


def rows(ledger: Ledger, facts: Facts) -> dict[str, Row]:
    return {row.name: row for row in count.count(ledger, facts)}


def test_a_good_run_is_good() -> None:
    found = rows(*world())
    assert all(row.good for row in found.values())
    assert (found[REPORTS].attempts, found[REPORTS].acknowledged, found[REPORTS].effects) == (2, 2, 2)
    assert (found[WRONG].attempts, found[WRONG].effects, found[WRONG].quarantined) == (1, 0, 1)


def _lose_order(ledger: Ledger, facts: Facts) -> None:
    facts.orders.pop()


def _double_order(ledger: Ledger, facts: Facts) -> None:
    facts.orders.append({**facts.orders[0], "id": "o9"})


def _invent_order(ledger: Ledger, facts: Facts) -> None:
    facts.orders.append({**facts.orders[0], "id": "o9", "ref": "JA-99999"})


def _lose_command(ledger: Ledger, facts: Facts) -> None:
    facts.made["complaints", "case", "description"]["c1"] = 0


def _double_command(ledger: Ledger, facts: Facts) -> None:
    facts.made["complaints", "case", "description"]["c1"] = 2


def _refuse_command(ledger: Ledger, facts: Facts) -> None:
    ledger.commands["k1"].outcome = REFUSED


def _lose_wrong(ledger: Ledger, facts: Facts) -> None:
    facts.held["maintenance"].clear()


def _double_wrong(ledger: Ledger, facts: Facts) -> None:
    facts.held["maintenance"] *= 2


def _lose_event(ledger: Ledger, facts: Facts) -> None:
    del facts.receipts["complaints"]["/anju/maintenance", "e1"]


def _dead_letter(ledger: Ledger, facts: Facts) -> None:
    facts.queues["maintenance.parked"] = 3


def _hold_back(ledger: Ledger, facts: Facts) -> None:
    facts.held["complaints"].append(("e1", "parked", "failed", b"{}"))


def _double_entry(ledger: Ledger, facts: Facts) -> None:
    facts.changed["maintenance", "work_order", "o1", "report_work_order"] = 2


def _lose_number(ledger: Ledger, facts: Facts) -> None:
    facts.made["maintenance", "work_order", "number"] = Counter({"WO 2026-P03-000002": 1})


@pytest.mark.parametrize(
    ("plant", "row", "column"),
    [
        (_lose_order, REPORTS, "lost"),
        (_double_order, REPORTS, "duplicated"),
        (_invent_order, REPORTS, "unexpected"),
        (_lose_command, COMMANDS, "lost"),
        (_double_command, COMMANDS, "duplicated"),
        (_refuse_command, COMMANDS, "unexpected"),
        (_lose_wrong, WRONG, "lost"),
        (_double_wrong, WRONG, "duplicated"),
        (_lose_event, EVENTS, "lost"),
        (_dead_letter, "dead letters", "unexpected"),
        (_hold_back, "good messages held back", "unexpected"),
        (_double_entry, "work orders: audit entries", "duplicated"),
        (_lose_number, "work orders: numbers without a gap", "lost"),
    ],
)
def test_what_is_planted_is_found(plant: Callable[[Ledger, Facts], None], row: str, column: str) -> None:
    ledger, facts = world()
    plant(ledger, facts)
    found = rows(ledger, facts)[row]
    assert getattr(found, column) >= 1
    assert not found.good
    text = io.StringIO()
    table.show(Console(file=text, width=200), list(rows(ledger, facts).values()))
    assert f"{row}: {column}: " in text.getvalue()


def test_nobody_was_told_and_it_is_there() -> None:
    """Jepsen's `recovered`: neither lost nor made up."""
    ledger, facts = world()
    next(iter(ledger.messages.values())).outcome = ABANDONED
    found = rows(ledger, facts)[REPORTS]
    assert (found.acknowledged, found.effects, found.recovered, found.good) == (1, 2, 1, True)


def test_nobody_was_told_and_it_is_not_there() -> None:
    ledger, facts = world()
    next(iter(ledger.messages.values())).outcome = ABANDONED
    facts.orders.pop(0)
    found = rows(ledger, facts)[REPORTS]
    assert (found.attempts, found.effects, found.lost, found.recovered) == (2, 1, 0, 0)


def test_a_second_arrival_on_the_wire_is_no_double() -> None:
    row = total("x", ["a"], ["a"], Counter(a=2), wire=True)
    assert (row.effects, row.duplicated, row.again, row.good) == (1, 0, 1, True)
