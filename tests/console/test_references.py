"""References in lists and approvals: links that lead somewhere, names for all of them, and no HTML shown as text."""

from __future__ import annotations

import uuid

from admin import inbox
from admin.accounts import create_account
from admin.catalogues import catalogues
from admin.directory import person_name
from admin.doubles import FakeServices
from services.contracts import SERVICES, glossary
from tests.console.conftest import Browser


def test_a_subject_of_another_service_is_linked_there_and_an_unknown_one_is_text(browser, fake):
    home = fake.put("leads", "home", label="滨江花园 3-1201", project_id="P01")
    for number, (resource, id) in enumerate({"leads/home": home["id"], "leads/castle": "9"}.items()):
        fake.put("maintenance", "task", subject="s", record_number=f"N{number}")
        kept = list(fake._records["maintenance", "task"].values())[-1]
        kept.update(resource=resource, record_id=id)
    page = browser("desk").get("/maintenance/task/").text
    assert f'href="/leads/home/{home["id"]}"' in page
    assert "/maintenance/leads" not in page
    assert 'href=""' not in page
    assert "N1" in page


def test_more_than_a_hundred_references_get_their_names(browser, fake):
    homes = [fake.put("leads", "home", label=f"滨江花园 {n}", project_id="P01") for n in range(130)]
    answer = browser("desk").post("/work/labels", {"ref": [f"leads/home|{one['id']}" for one in homes]})
    assert len(answer.get_json()["labels"]) == 130


def test_a_reference_that_changed_between_rounds_is_shown_whole(app):
    def of(home: str) -> inbox.Round:
        one = object.__new__(inbox.Round)
        one.__dict__.update(
            register=catalogues().at("maintenance/approval"),
            record={"resource": "work_order", "snapshot": {"home_id": home}},
        )
        return one

    with app.test_request_context():
        before, now = (of(str(uuid.UUID(int=n))) for n in (1, 2))
        before.record["id"] = now.record["id"] = "x"
        (fact,) = inbox.compare(before, now)
        assert fact.changed
        for pieces in (fact.before, fact.now):
            ((changed, text),) = pieces
            assert changed
            assert text.startswith('<span data-ref="leads/home|')
            assert str(text.__html__()) == text, "it is HTML and not escaped again"


def test_property_companies_have_their_names_for_everybody_who_meets_their_codes(make_app):
    fake = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    fake.put("maintenance", "property_company", id="lvcheng", code="lvcheng", name="绿城物业", company_id="C1")
    action = fake.put("complaints", "corrective_action", property_company="lvcheng", company_id="C1")
    app = make_app(fake)
    with app.app_context():
        create_account("design", "设计", "correct-horse-7", {"discipline": ["company:C1"]})
    design = Browser(app.test_client())
    design.login("design")
    assert design.get("/maintenance/property_company/").status_code == 403
    url = f"/complaints/corrective_action/{action['id']}"
    assert "绿城物业" in design.get(url).text
    asked = len(fake.calls)
    assert "绿城物业" in design.get(url).text
    assert [call[1] for call in fake.calls[asked:]] == ["fetch", "history"], "asked once a minute, not once a page"
    with app.test_request_context():
        assert person_name("company:lvcheng") == "绿城物业"
