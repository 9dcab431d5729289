"""What the office does over the REST API: whole stories of commands, each with the place of its one effect."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.faults.ledger import Command
from deploy.faults.messages import project_of
from deploy.faults.plan import COMPANIES

#: Yields commands and is sent the record of each.
Story = Generator[Command, dict[str, Any], None]
COMPANY_ID = "C01"
OWNER = "既有业主"


class Writer:
    """Numbers the commands and homes of a run."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"{seed}/office")
        self._numbers = 0
        self.seed = seed
        self.owner = ""

    def make(self, service: str, name: str, table: str, column: str, value: str, /, **payload: Any) -> Command:
        """A command that makes a record, known by one of its columns."""
        return self._command(service, name, payload, ("row", service, table, column, value))

    def move(self, service: str, resource: str, verb: str, record: dict[str, Any], /, **payload: Any) -> Command:
        """A command that changes a record."""
        name = f"{verb}_{resource}"
        return self._command(
            service, name, {"id": record["id"], **payload}, ("audit", service, resource, record["id"], name)
        )

    def _command(self, service: str, name: str, payload: dict[str, Any], effect: tuple[str, ...]) -> Command:
        self._numbers += 1
        return Command(f"{self.seed}-{self._numbers:05d}", service, name, payload, effect)

    def place(self, kind: str) -> tuple[str, str]:
        """A company and a home of the office's own in its project."""
        company = self._draw.choice(COMPANIES)
        return company, f"{project_of(company)}-9-{kind}"


def setting(writer: Writer, homes: dict[str, list[str]]) -> Iterator[Command]:
    """What must be there before the load: projects, companies, engagements, homes and a customer; in groups of one
    kind, each of which may be asked for side by side."""
    for company in COMPANIES:
        code = project_of(company)
        yield writer.make(
            "leads", "set_up_project", "project", "code", code, code=code, name=f"项目 {code}", company_id=COMPANY_ID
        )
    for company in COMPANIES:
        yield writer.make(
            *("maintenance", "register_property_company", "property_company", "code", company),
            code=company,
            name=f"{company} 物业",
            contract_from="2020-01-01",
        )
    for company in COMPANIES:
        yield writer.make(
            *("maintenance", "appoint_engagement", "engagement", "property_company", company),
            property_company=company,
            project_id=project_of(company),
            appointed_from="2020-01-01",
        )
    for codes in homes.values():
        for code in codes:
            yield home(writer, code)


def home(writer: Writer, code: str) -> Command:
    payload = {"code": code, "project_id": code[:3], "building": "1幢", "unit": "1单元"}
    return writer.make("leads", "set_up_home", "home", "code", code, **payload)


def customer(writer: Writer, name: str, number: int) -> Command:
    told = {"kind": "person", "name": name, "phone": f"139{number:08d}", "project_id": "P01", "source": "telephone"}
    return writer.make("leads", "register_customer", "customer", "name", name, **told)


def repair(writer: Writer, number: int) -> Story:
    """Reported by telephone, judged, and given to the property company, which accepts by message."""
    company, place = writer.place("repair")
    text = f"电话报修 {writer.seed}-{number}"
    told = {"home_id": place, "repair_class": "equipment", "description": text}
    order = yield writer.make("maintenance", "report_work_order", "work_order", "description", text, **told)
    judged = {"repair_class": "equipment", "urgency": "normal", "in_warranty": True}
    yield writer.move("maintenance", "work_order", "triage", order, **judged)
    yield writer.move("maintenance", "work_order", "dispatch", order, property_company=company)


def complaint(writer: Writer, number: int) -> Story:
    """A complaint with a second report, and a repair that belongs to it and is called off."""
    _, place = writer.place("complaint")
    text = f"投诉 {writer.seed}-{number}"
    told = {"kind": "complaint", "uid": writer.owner, "category": "home_quality", "channel": "hotline"}
    told |= {"home_id": place, "description": text, "separate_reason": "另一件事"}
    case = yield writer.make("complaints", "register_case", "case", "description", text, **told)
    yield writer.move("complaints", "case", "respond", case, first_contact="已致电客户")
    yield writer.move("complaints", "case", "attach_report", case, channel="email", description=f"再次来信 {number}")
    said = f"投诉维修 {writer.seed}-{number}"
    repaired = {"home_id": place, "repair_class": "other", "description": said, "case_id": case["id"]}
    order = yield writer.make("maintenance", "report_work_order", "work_order", "description", said, **repaired)
    yield writer.move("maintenance", "work_order", "cancel", order, reason="客户自行处理")


def newcomer(writer: Writer, number: int) -> Story:
    """A customer who asks for the first time."""
    yield customer(writer, f"新客户 {writer.seed}-{number}", 10_000_000 + number)


def handover(writer: Writer, number: int) -> Story:
    """From an empty home to its owner: what every other service begins with."""
    code = f"P01-8-{number:04d}"
    today = datetime.now(UTC).date()
    place = yield home(writer, code)
    buyer = yield customer(writer, f"买受人 {writer.seed}-{number}", 20_000_000 + number)
    opened = (today - timedelta(days=300)).isoformat()
    yield writer.move("leads", "home", "open_sale", place, opened_on=opened, price="2000000.00")
    sale = {"home_id": place["id"], "uid": buyer["id"], "amount": "2000000.00", "signed_on": opened}
    yield writer.make("leads", "sign_contract", "contract", "home_id", place["id"], **sale)
    yield writer.move("leads", "home", "pass_acceptance", place, acceptance_findings="通过")
    yield writer.move("leads", "home", "make_ready", place, checklist=f"JF-{code}")
    window = {"window_from": today.isoformat(), "window_to": (today + timedelta(days=14)).isoformat()}
    plan = yield writer.make(
        "leads", "plan_handover", "handover", "home_id", place["id"], home_id=place["id"], batch="一期", **window
    )
    yield writer.move("leads", "handover", "assess", plan, assessment_ref="FX-1")
    yield writer.move("leads", "handover", "announce", plan, letters="入伙通知书")
    slot = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat()
    yield writer.move("leads", "handover", "book", plan, slot=slot)
    yield writer.move("leads", "handover", "start", plan, safety_confirmed=True)
    yield writer.move("leads", "handover", "complete", plan, handover_sheet=f"JFD-{code}", keys=6)


LENGTHS: dict[Callable[[Writer, int], Story], int] = {handover: 12, complaint: 5, repair: 3, newcomer: 1}


def chosen(seed: int, commands: int) -> list[Callable[[Writer, int], Story]]:
    """Stories whose commands are exactly so many, shuffled: about a quarter of the commands belong to handovers."""
    stories: list[Callable[[Writer, int], Story]] = []
    left = commands
    handovers = max(1, commands // 48) if commands >= LENGTHS[handover] else 0
    for _ in range(handovers):
        stories.append(handover)
        left -= LENGTHS[handover]
    turn = 0
    while left:
        one = (complaint, repair, newcomer)[turn % 3]
        turn += 1
        if LENGTHS[one] <= left:
            stories.append(one)
            left -= LENGTHS[one]
    random.Random(f"{seed}/stories").shuffle(stories)
    return stories
