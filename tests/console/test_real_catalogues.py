"""The services as they are: every list, form and record of every generated catalogue opens, and has its names."""

from __future__ import annotations

import re
from html import unescape

import pytest

from admin.accounts import create_account
from admin.catalogues import Catalogues
from admin.doubles import FakeServices
from services.contracts import SERVICES, glossary
from services.contracts.roles import Role
from tests.console.conftest import Browser, value_of

PRESENT = [service for service in SERVICES if (glossary.HERE / "catalogue" / f"{service}.json").exists()]


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.mark.parametrize("service", PRESENT)
def test_every_register_of_a_service_opens(make_app, service):
    fake = FakeServices({service: glossary.catalogue(service)})
    app = make_app(fake)
    with app.app_context():
        roles = {role.value: ["group"] for role in Role if role is not Role.SYSTEM}
        create_account("boss", "总管", "correct-horse-7", roles)
    boss = Browser(app.test_client())
    boss.login("boss")
    book = fake.catalogues[service]
    for name in book["resources"]:
        record = fake.put(service, name)
        for url in (f"/{service}/{name}/", f"/{service}/{name}/{record['id']}", f"/{service}/{name}/?state=x&order=y"):
            assert boss.get(url).status_code == 200, url
    for name, command in book["commands"].items():
        target = "new" if command["kind"] == "create" else fake.put(service, command["resource"])["id"]
        url = f"/{service}/{command['resource']}/{target}/{name}"
        # Who decides an approval is in the authority matrix: the service tells, not the catalogue.
        expected = 200 if set(command["by"]) - {"system"} or command["decision"] else 403
        assert boss.get(url).status_code == expected, url


@pytest.mark.parametrize("service", PRESENT)
def test_every_name_is_in_the_glossary(service):
    described = Catalogues({service: glossary.catalogue(service)})
    missing = []
    for resource in described.all_resources():
        if not glossary.term(service, resource.name, language="zh"):
            missing.append(resource.path)
        for state in resource.states:
            paths = ((resource.name, "states", state), ("states", state))
            if not any(glossary.term(service, *path, language="zh") for path in paths):
                missing.append(f"{resource.path}.states.{state}")
        for clock in resource.clocks:
            paths = ((resource.name, "clocks", clock), ("clocks", clock))
            if not any(glossary.term(service, *path, language="zh") for path in paths):
                missing.append(f"{resource.path}.clocks.{clock}")
        for name in resource.fields:
            paths = ((resource.name, name), ("fields", name))
            if not any(glossary.term(service, *path, language="zh") for path in paths):
                missing.append(f"{resource.path}.{name}")
    missing += [f"unit {one['unit']}" for one in described.parameters(service) if not _unit(one["unit"])]
    assert not missing


def _unit(unit: str) -> str | None:
    return glossary.term("console", "unit", unit, language="zh")


@pytest.mark.requirement("X-390", "X-47")
def test_an_entry_of_a_register_can_be_corrected_from_its_page_and_nothing_else(make_app):
    fake = FakeServices({"leads": glossary.catalogue("leads")})
    app = make_app(fake)
    with app.app_context():
        create_account("boss", "总管", "correct-horse-7", {"site_sales_lead": ["project:P01"]})
    lead = Browser(app.test_client())
    lead.login("boss")
    entry = fake.put("leads", "call_entry", number="CE 2026-P01-000001", project_id="P01")
    address = f"/leads/call_entry/new/correct_call_entry?corrects_id={entry['id']}"
    assert address in lead.get(f"/leads/call_entry/{entry['id']}").text
    listed = lead.get("/leads/call_entry/").text
    assert "new/register_call_entry" in listed
    assert "correct_call_entry" not in listed
    form = lead.get(address).text
    assert value_of(form, "corrects_id") == entry["id"]
    assert value_of(lead.get("/leads/call_entry/new/register_call_entry").text, "project_id") == "P01", "their only one"


@pytest.mark.requirement("X-47")
def test_a_correction_begins_with_what_the_entry_says_and_sends_what_was_changed(make_app):
    fake = FakeServices({"leads": glossary.catalogue("leads")})
    app = make_app(fake)
    with app.app_context():
        create_account("boss", "总管", "correct-horse-7", {"site_sales_lead": ["project:P01"]})
    lead = Browser(app.test_client())
    lead.login("boss")
    told = {"at": "2026-05-01T02:00:23Z", "agent": "lin.xue", "named_agent": "gao.peng", "how_named": "by_name"}
    said = {"needs": "三房\n南向", "party_size": 3, "been_before": True, "uid": "U1", "place": "sales_site"}
    entry = fake.put("leads", "visit_entry", number="FV 2026-P01-000001", project_id="P01", **told, **said)
    at = "/leads/visit_entry/new/correct_visit_entry"
    form = lead.get(f"{at}?corrects_id={entry['id']}").text
    shown = {name: value_of(form, name) for name in ("agent", "party_size", "at", "uid", "needs__before")}
    assert shown == {
        "agent": "lin.xue",
        "party_size": "3",
        "at": "2026-05-01T10:00",
        "uid": "U1",
        "needs__before": "三房\n南向",
    }
    as_it_was = {name: unescape(value) for name, value in re.findall(r'name="(\w+)__before" value="([^"]*)"', form)}
    sent = {f"{name}__before": value for name, value in as_it_was.items()} | as_it_was
    sent |= {"corrects_id": entry["id"], "corrects_id__was": entry["id"], "corrects_id__text": entry["id"]}
    sent |= {"uid__text": "U1", "uid__was": "U1", "correction_reason": "登记有误", "command_id": "c" * 32}
    fixed = lead.post(at, {**sent, "party_size": "4", "named_agent": "", "how_named": ""})
    assert fixed.status_code == 302
    (given,) = [call[3] for call in fake.calls if call[1:3] == ("execute", "correct_visit_entry")]
    assert given == {
        "corrects_id": entry["id"],
        "correction_reason": "登记有误",
        "party_size": 4,
        "named_agent": None,
        "how_named": None,
    }
