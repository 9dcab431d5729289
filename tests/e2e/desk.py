"""A person at the console, in a browser of their own: what they see and do, found by what the page says."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, expect

from tests.e2e.words import Words

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
LARGE, TELEPHONE = (1440, 900), (390, 844)
SECONDS = 15
#: Of several registers, whose command it is: `move` needs no service then.
REGISTERS = {
    "work_order": "maintenance",
    "case": "complaints",
    "supervision_order": "complaints",
    "handover": "leads",
    "split_dispute": "leads",
    "violation": "leads",
}


class Desk:
    """Signed in as one of the demo's people."""

    def __init__(
        self, browser: Browser, url: str, user: str, password: str, language: str = "zh", size: Any = LARGE
    ) -> None:
        self.words, self.url, self.user, self.password = Words(language), url, user, password
        view = {"width": size[0], "height": size[1]}
        self.context = browser.new_context(base_url=url, locale=LOCALES[language], viewport=view)
        self.page = self.context.new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def sign_in(self, password: str | None = None) -> Desk:
        """Through the login page."""
        self.page.goto("/login/")
        self.page.get_by_label(self.words.console("login.username")).fill(self.user)
        self.page.get_by_label(self.words.console("login.password")).fill(password or self.password)
        self.page.get_by_role("button", name=self.words.console("login.enter"), exact=True).click()
        return self

    def open(self, path: str) -> Desk:
        self.page.goto(path)
        return self

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def sticks_out(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def shows(self, text: str | re.Pattern[str]) -> None:
        """The page's content says this."""
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def flash(self, text: str) -> None:
        """The page tells what has just been done."""
        expect(self.page.get_by_role("status").filter(has_text=text)).to_be_visible()

    def do(self, command: str, /, **fields: Any) -> None:
        """Give a command from the record's or list's page: its button, its form, and the word that it was done."""
        label = self.begin(command)
        if fields:
            self.fill(command, **fields)
            self.send(label)
        self.flash(self.words.console("move.done", command=label))

    def begin(self, command: str) -> str:
        """Press the command's button; returns what it says."""
        label = self.words.command(_service(command), command)
        button = self.page.get_by_role("main").get_by_role("link", name=label, exact=True)
        button.or_(self.page.get_by_role("main").get_by_role("button", name=label, exact=True)).first.click()
        return label

    @property
    def form(self) -> Locator:
        return self.page.get_by_role("dialog").locator("form")

    def send(self, label: str) -> None:
        self.form.get_by_role("button", name=label, exact=True).click()

    def fill(self, command: str, /, **fields: Any) -> None:
        """Fill in the fields of the open form, each found by its label."""
        service = _service(command)
        for name, value in fields.items():
            label = self.words.field(service, _resource(command), name)
            control = self.control(label)
            if control.get_attribute("role") == "group":
                for one in value:
                    control.locator(f'input[value="{one}"]').check()
            elif control.get_attribute("role") == "radiogroup":
                control.locator(f'input[value="{str(value).lower()}"]').check()
            elif control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(value=value)
            elif control.get_attribute("type") == "file":
                control.set_input_files(value)
            elif control.locator("xpath=ancestor::*[@data-options]").count():
                control.press_sequentially(value, delay=10)
                self.form.get_by_role("option", name=value).first.click()
            else:
                control.fill(str(value))

    def control(self, label: str) -> Locator:
        """A control of the open form, by its whole label."""
        return self.form.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")).first

    def panel(self, service: str, register: str) -> Locator:
        """What the page tells of another register; it says its name with the number of its rows."""
        name = self.words(service, register)
        heading = re.compile(rf"^\s*{re.escape(name)}", re.IGNORECASE)
        if self.words.language == "en":
            first, of, rest = name.partition(" of ")
            stem = re.escape(first.removesuffix("y"))
            heading = re.compile(rf"^\s*{stem}(s|ies|y)?{of}{rest}", re.IGNORECASE)
        found = self.page.locator("section.panel, section.part").filter(
            has=self.page.get_by_role("heading", name=heading)
        )
        return found.first

    @property
    def number(self) -> str:
        """The number in the page's heading."""
        said = self.page.get_by_role("heading", level=1).inner_text()
        found = re.search(r"[A-Z]{2} \d{4}-\S+", said)
        assert found is not None, said
        return found[0]

    def close(self) -> None:
        self.context.close()
        assert self.faults == [], self.faults


def _resource(command: str) -> str:
    return next(name for name in REGISTERS if command.endswith(f"_{name}"))


def _service(command: str) -> str:
    return REGISTERS[_resource(command)]
