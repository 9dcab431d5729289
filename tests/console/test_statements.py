"""What a page costs the console's own database, and how many calls it makes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from admin.models import db


@pytest.mark.parametrize(("page", "statements", "calls"), [("list", 2, 1), ("record", 1, 2)])
def test_a_page_asks_once_for_its_session_and_its_person(
    app: Any, browser: Any, fake: Any, order: dict[str, Any], page: str, statements: int, calls: int
) -> None:
    desk = browser("desk")
    url = "/maintenance/work_order/" + (order["id"] if page == "record" else "")
    assert desk.get(url).status_code == 200  # names of people are asked once a minute
    made: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(*given: Any) -> None:
        made.append(given[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    asked = len(fake.calls)
    assert desk.get(url).status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(made) == statements, made
    assert len(fake.calls) - asked == calls
