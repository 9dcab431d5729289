"""The pages that are measured, and the browser that opens them: one connection a request, as a sync worker serves."""

from __future__ import annotations

import http.client
import re
import time
import zlib
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT = 60


class PageBroken(RuntimeError):
    """A page did not answer 200, or not with what was asked for."""


@dataclass(frozen=True)
class Answer:
    """A page and how long it took, in milliseconds, from connecting to the last byte."""

    status: int
    body: bytes
    milliseconds: float
    location: str = ""

    @property
    def compressed(self) -> int:
        """Bytes as a proxy would send it."""
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        return len(packer.compress(self.body) + packer.flush())


class Visitor:
    """A browser with its cookies."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = str(parts.hostname), parts.port, parts.path
        self._cookies: dict[str, str] = {}

    def status(self) -> int:
        """What its own URL answers; 0 when nobody does."""
        try:
            return self._ask("GET", self._path).status
        except OSError:
            return 0

    def sign_in(self, path: str, form: dict[str, str]) -> Visitor:
        """Through the login form, as people do."""
        page = self._ask("GET", path).body.decode()
        token = re.search(r'name="(csrf_token|csrfmiddlewaretoken)" value="([^"]+)"', page)
        if token is None:
            raise PageBroken(f"{path}: no form")
        done = self._ask("POST", path, {**form, token[1]: token[2]})
        if done.status != 302:
            raise PageBroken(f"{path}: not signed in ({done.status})")
        return self

    def open(self, path: str, marker: str) -> Answer:
        """A page that must be there and contain what was asked for."""
        answer = self._ask("GET", path)
        if answer.status != 200 or marker.encode() not in answer.body:
            raise PageBroken(
                f"{path}: {answer.status}, {answer.location or answer.body[:300].decode(errors='replace')}"
            )
        return answer

    def search(self, path: str, words: str) -> str:
        """Where the console's query form leads: what was typed reaches no address, so the words have a random name."""
        page = self._ask("GET", path).body.decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        if token is None:
            raise PageBroken(f"{path}: no form")
        return self._ask("POST", f"{path}query", {"csrf_token": token[1], "q": words}).location

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Connection": "close", "Cookie": cookies, "Accept-Language": "zh-CN"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        try:
            connection.request(method, path or "/", urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        took = (time.perf_counter() - begun) * 1000
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(answer.status, body, took, answer.headers.get("Location", ""))


@dataclass(frozen=True)
class Page:
    """One page in both applications: paths, and what must be in each. `scoped`: as the desk of one company."""

    name: str
    anju: str
    django: str
    marker: str
    scoped: bool = False


OURS, THEIRS = "/maintenance/work_order/", "/admin/orders/workorder/"
WORD = "渗水"


def pages(number: str, id: str, state: str, deep: int, word: str) -> list[Page]:
    """The pages, for an order that is there. `deep` is the last page that the console offers, `word` where its search
    for `WORD` is."""

    def both(name: str, asked: dict[str, str], other: dict[str, str], marker: str = "WO 20") -> Page:
        return Page(name, f"{OURS}?{urlencode(asked)}", f"{THEIRS}?{urlencode(other)}", marker)

    narrow = {"state": state, "urgency": "high"}, {"state__exact": state, "urgency__exact": "high"}
    return [
        Page("list", OURS, THEIRS, "WO 20"),
        Page("list of one company", OURS, THEIRS, "WO 20", scoped=True),
        both("filtered list", *narrow),
        both("search for a number", {"q": number}, {"q": number}, number),
        Page("search for a word", word, f"{THEIRS}?q={quote(WORD)}", WORD),
        both("last page", {"page": str(deep)}, {"p": str(deep)}),
        Page("record", f"{OURS}{id}", f"{THEIRS}{quote(id)}/change/", number),
    ]
