"""Pages of the sales floor beside the board: follow-ups, registers with corrections, violations, splits, exceptions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from services.contracts import SERVICES, glossary
from services.contracts.fields import to_wire
from tests.console.conftest import Browser, value_of

HERE = {"project_id": "P01", "company_id": "C1"}
PEOPLE = {"agent": "sales_agent", "lead": "site_sales_lead", "director": "sales_director"}


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    return FakeServices({service: glossary.catalogue(service) for service in SERVICES})


@pytest.fixture
def enter(make_app: Any) -> Any:
    app = make_app()
    with app.app_context():
        for name, role in PEOPLE.items():
            create_account(name, f"{name}一", "correct-horse-7", {role: ["company:C1"]})

    def one(name: str) -> Browser:
        browser = Browser(app.test_client())
        browser.login(name)
        return browser

    return one


def limit(name: str, hours: float, share: float = 0.2) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "name": name,
        "started_at": to_wire(now - timedelta(hours=1)),
        "due_at": to_wire(now + timedelta(hours=hours)),
        "stopped_at": None,
        "paused": False,
        "share": share,
        "breached": hours < 0,
    }


def cells(page: str, of: str) -> dict[str, str]:
    """The row of a list that holds a text: its cells by their labels."""
    row = next(one for one in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if of in one)
    found = re.findall(r'<td data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.DOTALL)
    return {label: re.sub(r"<[^>]+>", "", cell).strip() for label, cell in found}


CHOICES = glossary.terms("common")["choices"]


@pytest.mark.requirement("X-305")
def test_my_protections_say_how_long_what_next_and_since_when(enter: Any, fake: FakeServices) -> None:
    kept = {"uid": "U1", "agent": "agent", "basis": "first_visit", "starts_on": "2026-05-01", "ends_on": "2026-05-16"}
    told = {"due_on": "2026-05-12", "last_contact_at": "2026-05-03T02:00:00Z", "stage": "visited"}
    clocks = [limit("visit_window", 49)]
    fake.put("leads", "protection", number="PR 1", state="open", clocks=clocks, **kept, **told, **HERE)
    row = cells(enter("agent").get("/leads/protection/").text, "U1")
    assert row["剩余时间"].startswith("剩 2 天")
    assert row["应邀约到访日"] == "2026-05-12"
    assert row["最近联系"] == "2026-05-03 10:00"
    assert row["客户阶段"] == CHOICES["lifecycle_stage"]["visited"][0]


@pytest.mark.requirement("X-307")
def test_follow_ups_wait_on_the_agents_desk_with_their_limit(enter: Any, fake: FakeServices) -> None:
    limits = {"visit": limit("after_visit", 20), "silence": limit("follow_up", -2)}
    for number, (cause, clock) in enumerate(limits.items(), 1):
        due = {"uid": "U1", "cause": cause, "agent": "agent", "counted_from": "2026-05-01T02:00:00Z"}
        fake.put("leads", "sales_follow_up", number=f"FU {number}", state="open", clocks=[clock], **due, **HERE)
    agent = enter("agent")
    assert {"FU 1", "FU 2"} <= set(re.findall(r"FU \d", agent.get("/").text))
    page = agent.get("/leads/sales_follow_up/").text
    rows = [cells(page, f"FU {number}") for number in (1, 2)]
    assert [row["跟进缘由"] for row in rows] == [CHOICES["follow_up_cause"][cause][0] for cause in limits]
    assert rows[0]["剩余时间"].startswith("剩 19 小时")
    assert rows[1]["剩余时间"].startswith("超 2 小时")


@pytest.mark.requirement("X-311", "X-47")
@pytest.mark.parametrize("register", ["call_entry", "visit_entry"])
def test_an_entry_is_corrected_by_another_and_says_so(enter: Any, fake: FakeServices, register: str) -> None:
    known = {"uid": "U1", "agent": "agent", "at": "2026-05-01T02:00:00Z", **HERE}
    first = fake.put("leads", register, number="E 1", **known)
    lead = enter("lead")
    page = lead.get(f"/leads/{register}/{first['id']}").text
    ways = set(re.findall(rf'(?:action|href)="(/leads/{register}/[^"]*)"', page.split("</header>")[-1]))
    correct = f"/leads/{register}/new/correct_{register}?corrects_id={first['id']}"
    at = {one for one in ways if first["id"] in one}
    assert at == {correct, f"/leads/{register}/{first['id']}/related"}, "nothing else can be done"
    form = lead.get(correct)
    assert form.status_code == 200
    given = {
        "command_id": value_of(form.text, "command_id"),
        "corrects_id": first["id"],
        "correction_reason": "写错了人",
    }
    done = lead.post(f"/leads/{register}/new/correct_{register}", given)
    assert done.status_code == 302, done.text
    newer = done.location.rsplit("/", 1)[1]
    number = fake.fetch("leads", register, newer, ACTOR)["result"]["number"]
    after = lead.get(f"/leads/{register}/{first['id']}").text
    assert re.search(rf'已被更正[^<]*<a href="/leads/{register}/{newer}">{number}</a>', after)
    assert "corrects_id=" not in after, "the newest one is corrected"
    corrected = lead.get(f"/leads/{register}/{newer}").text
    assert f'data-ref="leads/{register}|{first["id"]}"' in corrected
    assert "写错了人" in corrected
    assert "已被更正" not in corrected


ACTOR = {"user": "lead", "name": "lead", "roles": {"site_sales_lead": ["company:C1"]}}


@pytest.mark.requirement("X-315")
def test_a_split_shows_its_rule_in_words_and_who_decided(enter: Any, fake: FakeServices) -> None:
    split = {
        "deal_id": "K1",
        "deal_number": "RS 1",
        "uid": "U1",
        "closer": "agent",
        "rule_code": "r2",
        "decider": "system",
    }
    shares = {"first_agent": "agent", "first_share": 50, "second_agent": "lead", "second_share": 50}
    one = fake.put("leads", "split_decision", number="SD 1", state="payable", **split, **shares, **HERE)
    fake.put("leads", "split_decision", number="SD 2", state="payable", **{**split, "decider": "override"}, **HERE)
    director = enter("director")
    listed = director.get("/leads/split_decision/").text
    page = director.get(f"/leads/split_decision/{one['id']}").text
    assert cells(listed, "SD 1")["适用规则"] == CHOICES["split_rule"]["r2"][0]
    assert [cells(listed, number)["裁定方式"] for number in ("SD 1", "SD 2")] == ["按规则", "人工裁定"]
    assert CHOICES["split_rule"]["r2"][0] in page
    assert {"agent一", "lead一"} <= set(re.findall(r"<dd>([^<]*)</dd>", page))
    assert re.findall(r">(SD \d)<", director.get("/leads/split_decision/?decider=override").text) == ["SD 2"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "售楼员：agent一；依据：首访；成交时状态：保护中；据此裁定：是"),
        ("en", "Agent: agent一; Basis: First visit; At the deal: Open; Decisive: Yes"),
    ],
)
def test_several_people_and_codes_within_a_structure_are_written_as_words(
    enter: Any, fake: FakeServices, language: str, words: str
) -> None:
    considered = [{"agent": "agent", "basis": "first_visit", "standing": "open", "is_decisive": True}]
    split = fake.put("leads", "split_decision", number="SD 1", state="held", considered=considered, **HERE)
    fake.put("leads", "split_dispute", number="DP 1", decision_id=split["id"], respondents=["lead", "agent"], **HERE)
    director = enter("director")
    director.post("/language/", {"language": language})
    parties = {"zh": "lead一、agent一", "en": "lead一, agent一"}
    assert parties[language] in cells(director.get("/leads/split_dispute/").text, "DP 1").values()
    assert words in director.get(f"/leads/split_decision/{split['id']}").text


@pytest.mark.requirement("X-315")
@pytest.mark.parametrize(
    ("register", "command", "said", "shown"),
    [
        (
            "restricted_request",
            "submit_restricted_request",
            {
                "function": "discount",
                "agent": "agent",
                "uid": "U1",
                "home_id": "H1",
                "discount": "2.5",
                "why": "老客户推荐",
            },
            ["2.5", "老客户推荐", "agent一"],
        ),
        (
            "ownership_exception",
            "request_ownership_exception",
            {"project_id": "P01", "giver": "agent", "taker": "lead", "why": "离职交接"},
            ["离职交接", "agent一", "lead一"],
        ),
    ],
)
def test_discounts_and_exceptions_are_asked_for_by_the_lead_and_read_by_the_director(
    enter: Any, fake: FakeServices, register: str, command: str, said: dict[str, str], shown: list[str]
) -> None:
    lead, director = enter("lead"), enter("director")
    url = f"/leads/{register}/new/{command}"
    assert url in lead.get(f"/leads/{register}/").text
    form = {"command_id": value_of(lead.get(url).text, "command_id"), **said}
    done = lead.post(url, form)
    assert done.status_code == 302, done.text
    id = done.location.rsplit("/", 1)[1]
    fake._records["leads", register][id] |= HERE
    page = director.get(f"/leads/{register}/{id}").text
    for one in shown:
        assert one in page, one
    assert director.get(url).status_code == 403, "who decides does not ask"
