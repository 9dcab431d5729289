"""Keeping customers' records (X-322): two that may be one side by side, and those that lack something."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from services.contracts import SERVICES, glossary
from tests.console.conftest import Browser, value_of

HERE = {"project_id": "P01", "company_id": "C1"}
PAIR = "/leads/duplicate_candidate/D1"
LEFT = "4850ac14-94d3-49c2-91be-a140ff2518db"
PEOPLE = {"steward": "data_steward", "affairs": "customer_affairs", "handler": "complaint_handler"}


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    one = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    lacks = {"missing_tags": ["region", "purchase_budget"], "is_complete": False}
    whole = {"missing_tags": [], "is_complete": True}
    known = {"kind": "person", "state": "registered", **HERE}
    one.put("leads", "customer", id="U1", number="CU 1", name="王先生", phone="13800001234", **known, **lacks)
    one.put("leads", "customer", id="U2", number="CU 2", name="王建国", phone="13899991234", **known, **whole)
    one.put("leads", "customer", id="U3", number="CU 3", name="刘雅", phone="13877776666", **known, **whole)
    one.put("leads", "tag", id="region", code="region", name="居住区域", name_en="Region", **HERE)
    one.put("leads", "tag", id="purchase_budget", code="purchase_budget", name="购房预算", name_en="Budget", **HERE)
    suspected = {"uid": "U1", "other_uid": "U2", "state": "suspected"}
    one.put("leads", "duplicate_candidate", id="D1", number="DC 1", **suspected, **HERE)
    for uid, posts in (("U1", 2), ("U2", 1)):
        for _ in range(posts):
            one.put("complaints", "case", uid=uid, **HERE)
    one.reports["leads", "customer_holdings"] = [
        {"values": {"resource": name, "field": field, "records": number}, "behind": {}}
        for name, field, number in (
            ("call_entry", "uid", 3),
            ("visit_entry", "uid", 2),
            ("visit_entry", "referrer_uid", 5),
            ("home", "owner_uid", 1),
        )
    ]
    return one


@pytest.fixture
def enter(make_app: Any) -> Any:
    app = make_app()
    with app.app_context():
        for name, role in PEOPLE.items():
            create_account(name, name, "correct-horse-7", {role: ["company:C1"]})

    def one(name: str, language: str = "zh") -> Browser:
        browser = Browser(app.test_client())
        browser.login(name)
        browser.post("/language/", {"language": language})
        return browser

    return one


def line(page: str, label: str) -> tuple[bool, list[str]]:
    """A row of the comparison by its label: whether it is marked, and its cells as text."""
    for marked, row in re.findall(r'<tr( class="differs")?>(<th scope="row">.*?)</tr>', page, re.DOTALL):
        head, *cells = [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        if head.startswith(label):
            return bool(marked), cells
    raise AssertionError(label)


def current(page: str) -> list[str]:
    """The lines of the menu about customers that are said to be this page."""
    return re.findall(r'<a href="/leads/customer/[^"]*" aria-current="page">([^<]*)</a>', page)


@pytest.mark.requirement("X-322")
def test_a_pair_stands_side_by_side_with_what_each_has(enter: Any, fake: FakeServices) -> None:
    page = enter("steward").get(PAIR).text
    assert line(page, "姓名或名称") == (True, ["王先生", "王建国"])
    assert line(page, "类型") == (False, ["个人", "个人"])
    assert line(page, "电话") == (True, ["138****1234", "138****1234"]), "a number belongs to one customer only"
    assert "13800001234" not in page
    names = ("来电登记", "来访登记 · 客户", "来访登记 · 推荐人", "房屋 · 业主")
    assert [line(page, name)[1] for name in names] == [["3", "3"], ["2", "2"], ["5", "5"], ["1", "1"]]
    assert '<a href="/leads/home/?owner_uid=U1">1</a>' in page
    assert [call[3]["uid"] for call in fake.calls if call[1:3] == ("report", "customer_holdings")] == ["U1", "U2"]
    asked = [call[0] for call in fake.calls if call[1] == "search_each"]
    assert len(asked) == len(set(asked)), "one question to each service"
    by_affairs = enter("affairs").get(PAIR).text
    assert '<a href="/leads/visit_entry/?uid=U2">2</a>' in by_affairs
    assert ">5</a>" not in by_affairs, "no list is found by it"


@pytest.mark.requirement("X-322")
@pytest.mark.parametrize("survivor", ["U1", "U2"])
def test_either_record_is_kept_from_the_same_place(enter: Any, fake: FakeServices, survivor: str) -> None:
    steward = enter("steward")
    page = steward.get(PAIR).text
    button = rf'formaction="({PAIR}/[^"]*propose_merge[^"]*)" name="survivor_uid" value="{survivor}"'
    action = re.search(button, page)
    assert action, page
    assert not re.search('href="[^"]*(propose_merge|dismiss)_duplicate', page), "the ways on are in one place"
    form = {name: value_of(page, name) for name in ("command_id", "version")}
    refused = steward.post(action[1], {**form, "survivor_uid": survivor, "reason": ""})
    assert refused.status_code == 422
    done = steward.post(action[1], {**form, "survivor_uid": survivor, "reason": "同一号码家属"})
    assert done.status_code == 302, done.text
    (call,) = [one for one in fake.calls if one[1] == "execute"]
    assert call[2:4] == (
        "propose_merge_duplicate_candidate",
        {"survivor_uid": survivor, "reason": "同一号码家属", "id": "D1"},
    )


@pytest.mark.requirement("X-322")
def test_a_pair_is_dismissed_and_one_that_was_merged_is_one(enter: Any, fake: FakeServices) -> None:
    affairs = enter("affairs")
    page = affairs.get(PAIR).text
    assert 'survivor_uid"' not in page, "only the steward proposes"
    form = {name: value_of(page, name) for name in ("command_id", "version")}
    action = re.search(rf'formaction="({PAIR}/[^"]*dismiss[^"]*)"', page)
    assert action
    assert affairs.post(action[1], {**form, "reason": "父子"}).status_code == 302
    after = affairs.get(PAIR).text
    assert "formaction" not in after
    assert line(after, "类型")[1] == ["个人", "个人"], "what was judged can still be looked at"


@pytest.mark.requirement("X-322")
@pytest.mark.parametrize(("language", "title"), [("zh", "资料不全的客户"), ("en", "Incomplete customers")])
def test_those_that_lack_something_are_a_list_of_their_own(enter: Any, language: str, title: str) -> None:
    steward = enter("steward", language)
    desk = steward.get("/").text
    assert title in desk
    assert "CU 1" in desk
    address = re.search(r'<li><a href="(/leads/customer/\?[^"]+)"', desk)
    assert address
    page = steward.get(address[1].replace("&amp;", "&")).text
    assert f"<h1>{title}</h1>" in page
    assert "王先生" in page
    assert "王建国" not in page
    assert 'data-ref="leads/tag|purchase_budget"' in page
    assert current(page) == [title]
    register = str(glossary.terms("leads")["customer"]["_"][language == "en"])
    whole = [register if language == "zh" else f"{register}s"]
    assert current(steward.get("/leads/customer/").text) == current(steward.get("/leads/customer/U1").text) == whole
    assert current(enter("handler", language).get(address[1].replace("&amp;", "&")).text) == whole, "not in their menu"
    refs = {"ref": ["leads/tag|purchase_budget", "leads/tag|region"]}
    named = {"zh": {"购房预算", "居住区域"}, "en": {"Budget", "Region"}}
    assert set(steward.post("/work/labels", refs).json["labels"].values()) == named[language]
    assert 'data-ref="leads/tag|region"' in steward.get("/leads/customer/U1").text


@pytest.mark.requirement("X-322")
def test_a_proposed_merge_shows_all_that_become_one(enter: Any, fake: FakeServices) -> None:
    left = {"register": "customer_stage", "id": LEFT, "state": "visited"}
    fake.put("leads", "customer_merge", id="M1", number="CM 1", survivor_uid="U2", merged_uids=["U1", "U3"],
             reason="同一家", state="proposed", conflicts=[left], **HERE)  # fmt: skip
    page = enter("affairs").get("/leads/customer_merge/M1").text
    assert line(page, "姓名或名称") == (True, ["王建国", "王先生", "刘雅"])
    assert "formaction" not in page
    assert "登记簿：客户阶段；状态：" in page
    assert LEFT not in page
