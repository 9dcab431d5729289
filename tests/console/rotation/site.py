"""A sales site in memory: its people, their places in the ring, and what its board says and does."""

from __future__ import annotations

import html
import re
from typing import Any

from admin.doubles import FakeServices

HERE = ["project:P01"]
PEOPLE = {
    "lead": ("钱军", {"site_sales_lead": HERE}),
    "one": ("赵敏", {"sales_agent": HERE}),
    "four": ("方慧", {"sales_agent": HERE}),
    "both": ("何平", {"site_sales_lead": ["project:P02"], "sales_agent": HERE}),
    "director": ("孙莉", {"sales_director": HERE}),
    "fin": ("褚婷", {"finance": HERE}),
}
BOARD, LIVE = "/rotation/P01", "/rotation/P01/live"
CHANGE, CHECK = "00000000-0000-4000-8000-00000000c0de", "00000000-0000-4000-8000-00000000beef"
PLACE = {"company_id": "C01", "project_id": "P01"}
POINTS = ("dress", "props", "sales_control", "sales_facts", "data_changes")


def seat(rank: int, agent: str, state: str, **more: Any) -> dict[str, Any]:
    counts = {"turn_counted": 0, "makeup_owed": 0, "rounds_cancelled": 0}
    known = {"rank": rank, "agent": agent, "slot_state": state, "since": "2026-03-02T02:00:00Z", "block": None}
    return known | {"roster_id": "R1", "check_id": None, "check_state": None, "is_next": False} | counts | more


def ring(fake: FakeServices, *seats: dict[str, Any]) -> None:
    fake.reports["leads", "rotation_today"] = [{"values": one, "behind": {}} for one in seats]


def offered(page: str) -> set[str]:
    return set(re.findall(r"/rotation/P01/(\w+)", page))


def address(page: str, command: str) -> str:
    """Where a button or link of the board leads."""
    found = re.search(rf'(?:formaction|href)="(/rotation/P01/{command}[^"]*)"', page)
    assert found is not None, command
    return html.unescape(found[1])


def given(fake: FakeServices, command: str) -> list[dict[str, Any]]:
    """What the service was told to do."""
    return [call[3] for call in fake.calls if call[1:3] == ("execute", command)]


def asked(fake: FakeServices) -> list[str]:
    """The doors that were gone through."""
    return [call[1] for call in fake.calls]
