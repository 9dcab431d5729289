"""A day of 500 complaints through the REST API: nothing goes wrong, and every limit is where arithmetic puts it."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.contracts.vocabulary.complaints import CaseCategory
from tests.e2e.company import in_hours
from tests.e2e.conftest import PROJECT, Estate
from tests.e2e.rest import Person

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]
COMPLAINTS, CLERKS, SEED = 500, 6, 20260302
PATIENCE, BUSY = 60, 503
#: Two homes make no group complaint of one category, so that levels stay as they were told.
HOMES, ORDINARY, FAVOURED = 2, 12, 4
CHINA, HOUR = ZoneInfo("Asia/Shanghai"), timedelta(hours=1)
#: What the catalogue of requirements says (C-20, C-21, C-22).
FIRST_RESPONSE = {"ordinary": 2 * HOUR, "high_value": 1 * HOUR}
SOLUTION = 24 * HOUR
#: Who answers for a level of this project, before the close of its sales (C-30).
SUPERVISORS = {1: "complaint_supervisor", 2: "project_department", 3: "company_manager", 4: "group_centre"}
#: How long ago a property company had received what it forwards now; none of it is near a limit.
AGES = (10 / 60, 1.5, 3.0, 30.0)
#: How far the cases of the day come, by how many of a hundred.
FATES = {
    "waits": 34,
    "acknowledged": 6,
    "responded": 20,
    "interim": 10,
    "analysed": 6,
    "dispute": 5,
    "raised": 4,
    "submitted": 4,
    "rejected": 3,
    "approved": 2,
    "negotiating": 2,
    "closed": 1,
    "withdrawn": 3,
}
#: C-02.
CHANNELS = (
    *("hotline", "email", "online_chat", "counter", "property_company", "forum", "social_media"),
    *("follow_up_visit", "survey", "symposium", "employee"),
)
RECEIVERS, HANDLERS = ("han.mei", "li.na", "jiang.tao", "yang.fan"), ("li.na", "wu.gang")
EVIDENCE = [f"file:{'0a' * 32}/51200/20260301T100000Z/IMG_0001.jpg"]
Step = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Complaint:
    """One complaint of the day: what is told at the desk, and what becomes of it."""

    receiver: str
    handler: str
    told: dict[str, Any]
    fate: str

    def steps(self) -> Iterator[Step]:
        """`(user, command, payload)` of everything after the registration."""
        handler, fate = self.handler, self.fate
        if fate in ("waits", "acknowledged"):
            yield from [("han.mei", "acknowledge", {})] if fate == "acknowledged" else []
            return
        if fate == "withdrawn":
            yield "han.mei", "withdraw", {"statement": "客户不再追究。"}
            return
        yield handler, "respond", {"first_contact": "已致电客户。"}
        if fate == "interim":
            answer = {"interim_answer": "正在核实。", "next_answer_on": in_hours(72)[:10]}
            yield handler, "answer_interim", answer
        elif fate == "dispute" and self.told["kind"] == "complaint":
            yield handler, "make_dispute", {"counterpart": "客户本人", "reason": "双方各执一词。"}
        elif fate == "raised" and self.told["suggested_level"] < 4:
            yield "zhu.lin", "declare_crisis", {"reason": "多户联名。"}
        elif fate not in ("responded", "dispute", "raised"):
            yield from self._planned()

    def _planned(self) -> Iterator[Step]:
        handler, fate = self.handler, self.fate
        yield handler, "investigate", {"investigator": handler}
        yield handler, "analyse", {"cause": "施工疏漏。", "responsible_party": "contractor", "developer_share": 30}
        if fate == "analysed":
            return
        yield handler, "draft_plan", {"plan": "返修，另补偿 800 元。", "amount_proposed": "800.00"}
        yield handler, "submit_plan", {"evidence": EVIDENCE}
        if fate == "rejected":
            yield "feng.hua", "reject_plan", {"reason": "请先核算费用。"}
        elif fate != "submitted":
            yield "feng.hua", "approve_plan", {"comment": "同意。"}
        if fate in ("negotiating", "closed"):
            yield handler, "negotiate", {"minutes": "当面沟通。", "offers": "按方案。", "attendance": "双方"}
        if fate == "closed":
            yield from self._carried_out()

    def _carried_out(self) -> Iterator[Step]:
        handler, signed = self.handler, datetime.now(CHINA).date().isoformat()
        yield handler, "agree", {"agreement": "按方案执行。", "signed_by": "客户本人", "signed_on": signed}
        yield handler, "execute", {"executor": handler}
        yield handler, "check", {"result": "已返修。", "check_note": "合格。"}
        yield handler, "feed_back", {"told": "已告知结果。", "opinion": "满意。"}
        letter = {"transfer_form": "work_contact_letter", "transfer_document": "工联函", "departments": ["marketing"]}
        yield handler, "transfer_cause", {**letter, "no_action_reason": "偶发。"}
        yield "jiang.tao", "close", {"outcome": "settled", "closing_note": "客户满意。", "satisfaction": 5}


def the_day(homes: list[str], uids: list[str]) -> list[Complaint]:
    """500 complaints, the same each time: every kind, level, tier, channel, category, desk and fate among them."""
    draw = random.Random(SEED)

    def one(uid: str, home: str | None, category: CaseCategory) -> Complaint:
        (kind,) = draw.choices(["complaint", "dispute"], [4, 1])
        (level,) = draw.choices([1, 2, 3, 4], [6, 3, 1, 1])
        # Three posts on one topic would be a group complaint, which has a level of its own.
        channel = draw.choice([each for each in CHANNELS if each != "forum" or category == CaseCategory.OTHER])
        told: dict[str, Any] = {"kind": kind, "uid": uid, "category": category.value, "channel": channel}
        told |= {"description": "客户反映问题。", "suggested_level": level}
        told |= {"home_id": home} if home else {"project_id": PROJECT}
        if channel == "property_company":
            told |= {"forwarded_by": "evergreen", "received_at": in_hours(-draw.choice(AGES))}
        if kind == "dispute":
            told |= {"counterpart": "客户本人", "amount_claimed": "20000.00"}
        (fate,) = draw.choices(list(FATES), list(FATES.values()))
        return Complaint(draw.choice(RECEIVERS), draw.choice(HANDLERS), told, fate)

    matters = list(itertools.product(uids, [*homes, None], CaseCategory))
    return [one(*matter) for matter in draw.sample(matters, COMPLAINTS)]


def tell(complaint: Complaint, person: Callable[[str], Person], until: Callable[..., Any]) -> str:
    """Register it and lead it as far as it comes; every command has to be done. Returns its id."""

    def done(user: str, command: str, **payload: Any) -> dict[str, Any]:
        """As a careful client: an answer that a busy machine owes is asked for again under the same key."""
        key, answers = str(uuid.uuid4()), []

        def answered() -> bool:
            answers.append(person(user).post(f"complaints/{command}_case", key=key, **payload))
            return answers[-1].status != BUSY

        until(answered, PATIENCE, 0.5)
        return answers[-1].record

    case = done(complaint.receiver, "register", **complaint.told)
    for user, command, payload in complaint.steps():
        done(user, command, id=case["id"], **payload)
    return str(case["id"])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def expected_clocks(
    complaint: Complaint, case: dict[str, Any], tier: str
) -> dict[str, tuple[datetime, datetime | None]]:
    """`{clock: (due, stopped)}` from the time of registration, or that at which a property company had received it."""
    begun = moment(case["received_at"] if "forwarded_by" in complaint.told else case["created_at"])
    ended = max(moment(one["stopped_at"]) for one in case["clocks"]) if complaint.fate == "withdrawn" else None
    answered = moment(case["responded_at"]) if case["responded_at"] else ended
    solved = moment(case["solution_fed_back_at"]) if case["solution_fed_back_at"] else ended
    due = {"first_response": (begun + FIRST_RESPONSE[tier], answered), "solution": (begun + SOLUTION, solved)}
    if complaint.fate == "interim":
        day_after = date.fromisoformat(case["next_answer_on"]) + timedelta(days=1)
        due["next_answer"] = (datetime.combine(day_after, time(), CHINA), None)
    return due


@pytest.fixture
def customers(estate: Estate, person: Callable[[str], Person], until: Callable[..., Any]) -> dict[str, str]:
    """`{uid: tier}`; complaints knows all of them and who is of high value."""
    uids = [estate.customer()["id"] for _ in range(ORDINARY + FAVOURED)]
    known = {uid: "high_value" if at < FAVOURED else "ordinary" for at, uid in enumerate(uids)}
    centre = person("yang.fan")
    for uid in uids[:FAVOURED]:
        assert until(lambda uid=uid: centre.get(f"membership/profile/{uid}").status == 200, 15, 0.1)
        centre.do("membership", "designate_profile", id=uid, reason="千万级购房意向", adviser="shi.lan")
    for uid in uids[:FAVOURED]:
        assert until(
            lambda uid=uid: person("li.na").get(f"complaints/high_value_customer/{uid}").status == 200, 15, 0.1
        )
    return known


def parked(person: Callable[[str], Person]) -> list[str]:
    """What any service could not handle."""
    return [
        row["id"]
        for service in ("leads", "complaints", "maintenance", "membership")
        for row in person("yan.kai").rows(f"{service}/parked_message", page_size=100)
    ]


@pytest.mark.requirement("C-02", "C-20", "C-21", "C-22", "C-27", "C-28", "C-30", "C-41")
def test_a_day_of_five_hundred_complaints(
    estate: Estate, customers: dict[str, str], person: Callable[[str], Person], until: Callable[..., Any]
) -> None:
    homes = [estate.home() for _ in range(HOMES)]
    for home in homes:
        estate.known_to_complaints(home, next(reversed(customers)))
    complaints = the_day(homes, list(customers))
    for user in {*RECEIVERS, *HANDLERS, "feng.hua", "zhu.lin", "yan.kai"}:
        person(user)  # each signs in once, before many ask for them at once
    trouble = parked(person)

    with ThreadPoolExecutor(CLERKS) as clerks:
        ids = list(clerks.map(lambda one: tell(one, person, until), complaints))

    desk = person("li.na")
    before = datetime.now(UTC)
    found = {
        case["id"]: case
        for uid in customers
        for page in (1, 2)
        for case in desk.rows("complaints/case", uid=uid, page_size=100, page=page)
    }
    after = datetime.now(UTC)
    assert len(set(ids)) == COMPLAINTS
    assert len({found[id]["number"] for id in ids}) == COMPLAINTS
    for id, complaint in zip(ids, complaints, strict=True):
        check(complaint, found[id], customers[complaint.told["uid"]], before, after)
    assert parked(person) == trouble


def check(complaint: Complaint, case: dict[str, Any], tier: str, before: datetime, after: datetime) -> None:
    """The case as it was read between two moments is what was told, and its limits are where they have to be."""
    about = f"{case['number']}: {complaint}"
    assert case["tier"] == tier, about
    raised = complaint.fate == "raised" or case["group_suspected"] or case["breaches"] > 1
    assert case["level"] == complaint.told["suggested_level"] or raised, about
    assert case["supervisor_role"] == SUPERVISORS[case["level"]], about
    clocks = {one["name"]: one for one in case["clocks"]}
    expected = expected_clocks(complaint, case, tier)
    assert clocks.keys() == expected.keys(), about
    for name, (due, stopped) in expected.items():
        assert stopped is None or moment(case["created_at"]) <= stopped <= after, (about, name)
        shown = clocks[name]
        assert moment(shown["due_at"]) == due, (about, name)
        assert shown["stopped_at"] == (stopped and stopped.astimezone(UTC).isoformat().replace("+00:00", "Z")), (
            about,
            name,
        )
        late = due < (stopped or before)
        assert late == (due < (stopped or after)), "no age is near a limit"
        assert shown["breached"] == late, (about, name)
