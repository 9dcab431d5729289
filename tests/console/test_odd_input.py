"""What nobody means to type gets a sentence, not a fault."""

from __future__ import annotations

import pytest

from admin import values


@pytest.mark.parametrize("text", ["²", "+-5", "--5", "", "five", "1" * 16, "1_000", "٣"])
def test_no_whole_number(text):
    assert values.whole(text) is None


def test_whole_numbers():
    assert [values.whole(text) for text in (" 5 ", "-5", "+5", "007")] == [5, -5, 5, 7]
    assert (values.whole("10", 9), values.whole("9", 9)) == (None, 9)


@pytest.mark.parametrize("odd", ["²", "+-5"])
def test_odd_numbers_in_pages_and_forms(browser, order, odd):
    desk, admin = browser("desk"), browser("admin")
    assert admin.get("/people/", query_string={"page": odd}).status_code == 200
    assert desk.post("/maintenance/work_order/views", {"forget": odd}).status_code == 302
    url = f"/maintenance/work_order/{order['id']}/cancel_work_order"
    assert desk.post(url, {"reason": "x", "version": odd, "command_id": "a" * 12}).status_code < 500


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+08:00"])
def test_a_record_with_a_moment_at_the_end_of_the_calendar_is_shown(browser, fake, moment):
    odd = fake.put("maintenance", "work_order", number="WO 9", project_id="P01", reported_at=moment)
    desk = browser("desk")
    assert desk.get(f"/maintenance/work_order/{odd['id']}").status_code == 200
    assert desk.get("/maintenance/work_order/").status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1800-05-05"])
def test_a_day_at_the_end_of_the_calendar_is_left_out_of_a_query(browser, order, day):
    for end in ("from", "to"):
        answer = browser("desk").get(f"/maintenance/work_order/?created_at_{end}={day}", follow_redirects=True)
        assert answer.status_code == 200
        assert order["number"] in answer.text
