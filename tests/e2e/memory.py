"""Somebody at a real browser, with the console in this process and the services in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from tests.console.conftest import PASSWORD


@contextmanager
def at_console(browser: Any, app: Flask, user: str, locale: str = "zh-CN") -> Iterator[Any]:
    """A page of somebody who has signed in."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page(base_url=f"http://127.0.0.1:{server.port}", locale=locale)
    page.goto("/login/")
    page.locator('input[name="username"]').fill(user)
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator("main button, form button.primary").first.click()
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    page.close()
    server.shutdown()
