"""An address with the id of a merged record leads to the record that stayed (L-04)."""

from __future__ import annotations

import pytest


@pytest.mark.requirement("L-04")
def test_the_address_of_a_merged_record_leads_to_the_survivor(browser, fake, order, monkeypatch):
    fetch, history = fake.fetch, fake.history
    stands_for = {"merged": order["id"]}.get
    monkeypatch.setattr(fake, "fetch", lambda service, name, id, who: fetch(service, name, stands_for(id, id), who))
    monkeypatch.setattr(fake, "history", lambda service, name, id, who: history(service, name, stands_for(id, id), who))
    answered = browser("desk").get("/maintenance/work_order/merged")
    assert answered.status_code == 302
    assert answered.headers["Location"].endswith(f"/maintenance/work_order/{order['id']}")
    followed = browser("desk").get(answered.headers["Location"])
    assert followed.status_code == 200
