"""A form in the dialog keeps what was typed, whatever the answer to it was. The services are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from admin import files
from tests.console.conftest import fake, make_app, order, real_words, small_books, template_database
from tests.e2e.memory import at_console

__all__ = ["fake", "make_app", "order", "real_words", "small_books", "template_database"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def form(browser: Any, make_app: Any, order: Any) -> Iterator[Any]:
    """A page with the form of a command open over a record."""
    with at_console(browser, make_app(), "desk") as page:
        page.goto(f"/maintenance/work_order/{order['id']}")
        page.locator('a[data-dialog][href*="cancel_work_order"]').first.click()
        page.locator("dialog textarea, dialog input[name=reason]").first.fill("业主自己修好了")
        yield page


def send(page: Any) -> None:
    page.locator("dialog button.primary").click()


def kept(page: Any, message: str) -> None:
    expect(page.locator("dialog .unsent")).to_contain_text(message)
    expect(page.locator("dialog [name=reason]")).to_have_value("业主自己修好了")
    expect(page.locator("dialog button.primary")).to_be_enabled()


def test_a_refusal_that_is_no_form_stands_above_the_form(form: Any) -> None:
    refusal = '<section class="problem"><p class="big">413</p><h1>内容太大</h1><p>提交的内容超过 21 MB。</p></section>'
    form.route("**/cancel_work_order", lambda route: route.fulfill(status=413, content_type="text/html", body=refusal))
    send(form)
    kept(form, "提交的内容超过 21 MB。")


def test_a_connection_that_breaks_is_told(form: Any) -> None:
    form.route("**/cancel_work_order", lambda route: route.abort())
    send(form)
    kept(form, "没有发送成功")
    form.unroute("**/cancel_work_order")
    send(form)
    expect(form.locator("dialog")).not_to_be_visible()


def test_who_was_signed_out_meanwhile_keeps_what_they_typed(form: Any) -> None:
    form.context.clear_cookies()
    send(form)
    kept(form, "页面已过期")


def test_a_file_that_is_too_large_is_not_even_sent(form: Any) -> None:
    form.locator("dialog form").evaluate(
        """(form, most) => {
            form.insertAdjacentHTML("beforeend", `<input type="file" id="f" data-most="${most}"
                data-too-large="太大：{name}" data-together="合计太大">`);
            weighFiles(form.querySelector("#f"));
        }""",
        files.MOST_BYTES,
    )
    chosen = form.locator("dialog #f")
    for size, says in ((files.MOST_BYTES + 1, "太大：照片.jpg"), (files.MOST_BYTES, "")):
        chosen.evaluate(
            """(input, size) => {
                const list = new DataTransfer();
                list.items.add(new File([new ArrayBuffer(size)], "照片.jpg"));
                input.files = list.files;
                input.dispatchEvent(new Event("change"));
            }""",
            size,
        )
        assert chosen.evaluate("input => input.validationMessage") == says
