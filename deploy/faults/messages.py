"""What the property companies of a run say: reports of repairs, one in a hundred of them wrong, drawn from the seed."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.faults.ledger import Message
from deploy.faults.plan import COMPANIES

CLASSES = ("leakage", "structural_crack", "unclear_liability", "equipment", "decoration", "other")
TWICE = 0.1
BAD = 0.01
#: Reports of one home and class within a year are repeated repairs; so many reports share a home and class.
REPEATED = 3
BAD_KINDS = ("bad_class", "bad_home", "bad_json", "bad_type", "bad_reuse")


def homes_of(company: str, events: int) -> list[str]:
    """The homes that the company looks after, in its own project."""
    wanted = max(4, events // (len(COMPANIES) * len(CLASSES) * REPEATED))
    return [f"{project_of(company)}-1-{number:04d}" for number in range(wanted)]


def project_of(company: str) -> str:
    return f"P{COMPANIES.index(company) + 1:02d}"


def plan_of(company: str, seed: int, events: int) -> list[Message]:
    """The company's messages in order; a message that is sent twice is there twice.

    `events` counts good reports of all companies; wrong messages come on top.
    """
    draw = random.Random(f"{seed}/{company}")
    homes = homes_of(company, events)
    own = events // len(COMPANIES) + (COMPANIES.index(company) < events % len(COMPANIES))
    said: list[Message] = []
    reports = [report(company, number, draw.choice(homes), draw.choice(CLASSES)) for number in range(own)]
    wrong = max(len(BAD_KINDS), round(own * BAD))
    for number in range(wrong):
        kind = BAD_KINDS[number % len(BAD_KINDS)]
        # Never before the good message whose id it uses again: the company is asked first.
        at = draw.randrange(len(reports) // 2, len(reports)) if len(reports) > 1 else len(reports)
        said.append(_bad(kind, company, number, homes, reports[min(number, len(reports) - 1)]))
        reports.insert(at, said[-1])
    line: list[Message] = []
    for message in reports:
        line.append(message)
    wrong_ones = [message for message in reports if message.is_bad]
    good_ones = [message for message in reports if not message.is_bad]
    twice = round(len(reports) * TWICE)
    # Of the wrong ones all: a second one must not be kept again.
    for message in wrong_ones + draw.sample(good_ones, max(0, twice - len(wrong_ones))):
        at = line.index(message) + 1 + draw.choice((0, 0, 1, 3, 10))
        line.insert(min(at, len(line)), message)
    return line


def more(company: str, seed: int, events: int) -> Iterator[Message]:
    """Reports beyond the plan, as many as are asked for."""
    draw = random.Random(f"{seed}/{company}/more")
    homes = homes_of(company, events)
    for number in itertools.count(50_000):
        yield report(company, number, draw.choice(homes), draw.choice(CLASSES))


def report(company: str, number: int, home: str, repair_class: str) -> Message:
    """A good report: one work order."""
    ref = f"{company[:2].upper()}-{number:05d}"
    data = {
        "source_ref": ref,
        "home_id": home,
        "reporter": "业主本人",
        "repair_class": repair_class,
        "description": f"报修 {ref}",
        "reported_at": _an_hour_ago(),
    }
    message = event(company, "report", f"{company}-r-{number:05d}", "repair_reported", ref, data)
    message.facts |= {"home": home, "class": repair_class}
    return message


def answer(company: str, name: str, order_id: str) -> Message:
    """The company's answer to an order that it was given: its id follows from the order, as a retry's would."""
    appointment = (datetime.now(UTC) + timedelta(days=2 if name == "repair_accepted" else 3)).isoformat()
    data: dict[str, Any] = {"order_id": order_id, "appointment": appointment}
    if name == "repair_accepted":
        data["technician"] = "张师傅"
    return event(company, name, f"{name}-{order_id}", name, order_id, data)


def event(company: str, kind: str, message_id: str, name: str, subject: str, data: dict[str, Any]) -> Message:
    """A CloudEvent in JSON."""
    told = {
        "specversion": "1.0",
        "id": message_id,
        "source": f"/property/{company}",
        "type": name,
        "time": _an_hour_ago(),
        "subject": subject,
        "data": data,
    }
    return Message(message_id, company, kind, subject, json.dumps(told, ensure_ascii=False).encode())


def _bad(kind: str, company: str, number: int, homes: list[str], earlier: Message) -> Message:
    """A message that must take no effect and be kept whole with its reason."""
    other = COMPANIES[(COMPANIES.index(company) + 1) % len(COMPANIES)]
    made = report(company, 90_000 + number, homes[number % len(homes)], CLASSES[0])
    told = json.loads(made.body)
    made.kind, made.id = kind, f"{company}-x-{number:05d}"
    told["id"] = made.id
    if kind == "bad_class":
        told["data"]["repair_class"] = "flooding"
    elif kind == "bad_home":
        told["data"]["home_id"] = f"{project_of(other)}-1-0000"
    elif kind == "bad_reuse":
        told["id"] = earlier.id
        earlier.facts["insisted"] = "its id is used again"
    made.body = json.dumps(told, ensure_ascii=False).encode()
    if kind == "bad_json":
        made.body = made.body[:-2]
    elif kind == "bad_type":
        made.content_type = "text/plain"
    return made


def _an_hour_ago() -> str:
    return (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0).isoformat()
