"""Fields that name several records: chosen one after the other, or pasted by their numbers."""

from __future__ import annotations

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from services.contracts import glossary
from tests.console.conftest import Browser


@pytest.fixture
def real_words() -> bool:
    return True


def test_several_records_are_named_by_their_numbers_and_nobody_types_an_id(make_app):
    """Pasted numbers become ticked records; what is found in none, or in several, stays typed with its reason."""
    fake = FakeServices({"complaints": glossary.catalogue("complaints")})
    app = make_app(fake)
    with app.app_context():
        create_account("crm", "周工", "correct-horse-7", {"discipline": ["group"]})
    desk = Browser(app.test_client())
    desk.login("crm")
    url = "/complaints/red_line/new/draft_red_line"
    defects = [fake.put("complaints", "defect_case", number=f"DC {n}", title=f"外窗渗水 {n}") for n in (101, 102, 1021)]
    rest = {"title": "外窗", "discipline": "engineering", "stage": "construction", "standard": "内翻"}
    rest |= {"measurable_limit": "50 mm", "check_method": "淋水", "check_stage": "mock_b"}
    form = {**rest, "defect_ids": [defects[0]["id"]], "defect_ids__text": "DC 1021\nDC 9\n\nDC 10"}
    refused = desk.post(url, {**form, "command_id": "r" * 12})
    assert refused.status_code == 422
    for known in (defects[0], defects[2]):
        assert f'value="{known["id"]}" checked' in refused.text
    assert "DC 9: 找不到这条记录" in refused.text
    assert "DC 10: 找到多条" in refused.text
    assert "DC 9\nDC 10</textarea>" in refused.text
    ids = [defects[0]["id"], defects[2]["id"]]
    done = desk.post(url, {**rest, "defect_ids": ids, "defect_ids__text": "", "command_id": "s" * 12})
    assert done.status_code == 302
    id = done.headers["Location"].rsplit("/", 1)[1]
    assert fake._records["complaints", "red_line"][id]["defect_ids"] == ids
