"""The state of a list as its URL has it: filters, order, page. What could be personal data never gets into a URL.

A search text, and a filter on a masked field, stay on the server under a random name (`s=...`) in the person's session;
only what looks like a human number (`WO 2026-P01-000123`) may stand in the URL itself.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import session
from werkzeug.datastructures import MultiDict

from admin import values
from admin.described import Resource
from admin.texts import TAG_VALUE, tag_value_typed
from services.contracts.fields import Field

SIZES = (20, 50, 100)
#: Services count no further than this, so there is no page beyond it.
FARTHEST = 10_000
KEPT = 20
LONGEST = 100
NUMBER = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z0-9 _/-]{3,40}")
PHONE_LIKE = re.compile(r"\d{7,}")
#: What a URL says for a field in which nothing is written.
NOTHING = "-"
#: A code of the contracts (a role, a register, a rule): says nothing about a person.
CODE = re.compile(r"[a-z][a-z_]{1,60}")


@dataclass(frozen=True)
class ListQuery:
    """What a list is asked for. `problems` are names of parameters that made no sense and were left out."""

    q: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    order: str = ""
    page: int = 1
    size: int = SIZES[0]
    token: str = ""
    problems: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the door `search`."""
        asked: dict[str, Any] = {
            "filters": dict(self.filters),
            "page": self.page - 1,
            "page_size": self.size,
            "tabs": True,
        }
        if self.q:
            asked["q"] = self.q
        if self.order:
            asked["order"] = self.order
        return asked

    @property
    def narrowed(self) -> bool:
        """Whether anything but the page was asked for."""
        return bool(self.q or self.filters)

    def state(self) -> str:
        """The one state that is filtered by, or an empty string."""
        chosen = self.filters.get("state")
        return chosen if isinstance(chosen, str) else chosen[0] if isinstance(chosen, list) and len(chosen) == 1 else ""

    def string(self, **changes: Any) -> str:
        """The query string of this list with changes: `order`, `page`, `size`, or `state` (empty takes it off)."""
        other = replace(self, **{key: value for key, value in changes.items() if key != "state"})
        hidden = set(_kept(self.token).get("filters", {})) if self.token else set()
        pairs: list[tuple[str, str]] = []
        for name, value in other.filters.items():
            if name in hidden or (name == "state" and "state" in changes):
                continue
            if isinstance(value, dict):
                pairs += [(f"{name}_{bound}", _day(text)) for bound, text in value.items()]
            else:
                pairs += [(name, _written(one)) for one in (value if isinstance(value, list) else [value])]
        if changes.get("state"):
            pairs.append(("state", changes["state"]))
        if self.token:
            pairs.append(("s", self.token))
        elif other.q:
            pairs.append(("q", other.q))
        if other.order:
            pairs.append(("order", other.order))
        if other.size != SIZES[0]:
            pairs.append(("size", str(other.size)))
        if other.page > 1 and not changes.keys() & {"state", "order", "size"}:
            pairs.append(("page", str(other.page)))
        return urlencode(pairs)


def _written(value: Any) -> str:
    return NOTHING if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _day(text: str) -> str:
    return values.local_input(text)[:10] if "T" in text else text


def read(resource: Resource, given: MultiDict[str, str]) -> ListQuery:
    """The query that a URL or a form asks for. Nonsense is clamped or named in `problems`; nothing here raises."""
    problems: list[str] = []
    kept = _kept(given.get("s", ""))
    found: dict[str, Any] = dict(kept.get("filters", {}))
    for name in resource.filters:
        field = resource.field(name)
        value = _filter(resource, name, field, given, problems)
        if value not in (None, [], {}, ""):
            found[name] = value
    order = given.get("order", "")
    if order and order.removeprefix("-") not in resource.sortable:
        problems.append("order")
        order = ""
    size = _whole(given.get("size"), SIZES[0], "size", problems)
    size = min(SIZES, key=lambda one: (abs(one - size), one))
    page = _whole(given.get("page"), 1, "page", problems)
    page = max(1, min(page, FARTHEST // size))
    q = (given.get("q") or kept.get("q", "")).strip()[:LONGEST].replace("\x00", "")
    return ListQuery(q, found, order, page, size, given.get("s", "") if kept else "", tuple(problems))


def remember(resource: Resource, query: ListQuery) -> ListQuery:
    """The same query, with what may be personal kept on the server instead of in the URL."""
    hidden = {name: value for name, value in query.filters.items() if _is_private(resource.field(name), value)}
    private_q = bool(query.q) and (not NUMBER.fullmatch(query.q) or bool(PHONE_LIKE.search(query.q)))
    if not hidden and not private_q:
        return replace(query, token="")
    return replace(query, token=_keep(query.q, hidden))


def remember_words(words: str) -> str:
    """Keep what was typed into a search on the server; returns the token that stands for it in an address."""
    return _keep(words.strip().replace("\x00", "")[:LONGEST], {})


def remembered_words(token: str) -> str:
    """What was typed, or an empty string once it is forgotten."""
    return str(_kept(token).get("q", ""))


def _keep(q: str, filters: dict[str, Any]) -> str:
    """In the session, the latest `KEPT` of them."""
    token = secrets.token_urlsafe(6)
    kept = dict(session.get("queries", {}))
    for old in list(kept)[: max(0, len(kept) - KEPT + 1)]:
        del kept[old]
    kept[token] = {"q": q, "filters": filters}
    session["queries"] = kept
    return token


def _kept(token: str) -> dict[str, Any]:
    kept: dict[str, Any] = session.get("queries", {}).get(token) or {}
    return kept


def _is_private(field: Field | None, value: Any) -> bool:
    """Free text may name a person; the values of every other kind are codes, days and ids."""
    if field is None or field.kind != "text" or field.name == "state":
        return False
    said = [one for one in (value if isinstance(value, list) else [value]) if one is not None]
    return not all(CODE.fullmatch(str(one)) for one in said)


def _filter(resource: Resource, name: str, field: Field | None, given: MultiDict[str, str], problems: list[str]) -> Any:
    kind = field.kind if field else "text"
    if name == "state":
        allowed: tuple[str, ...] | None = resource.states
    else:
        allowed = field.values if field and kind == "choice" else None
    if kind in ("moment", "date"):
        first, last = given.get(f"{name}_from", "")[:10], given.get(f"{name}_to", "")[:10]
        if kind == "moment":
            bounds = values.day_bounds(first, last)
        else:
            bounds = {key: text for key, text in (("from", first), ("to", last)) if values.parsed(text)}
        if len(bounds) < bool(first) + bool(last):
            problems.append(name)
        return bounds
    may_be_empty = field is not None and not field.required
    typed = [one[:LONGEST].strip() for one in given.getlist(name) if one.strip()]
    chosen = [None if one == NOTHING and may_be_empty else one for one in typed]
    if chosen == [None]:
        return chosen
    if kind == "boolean":
        return {"true": True, "false": False}.get(chosen[0] or "") if chosen else None
    if allowed is not None:
        known = [one for one in chosen if one is None or one in allowed]
        if len(known) < len(chosen):
            problems.append(name)
        chosen = known
    if kind == "integer":
        numbers = [int(one) for one in chosen if one and re.fullmatch(r"-?\d{1,9}", one)]
        if len(numbers) < len(chosen):
            problems.append(name)
        return numbers if len(numbers) > 1 else numbers[0] if numbers else None
    if field is not None and field.choices == TAG_VALUE:
        chosen = [one and tag_value_typed(one) for one in chosen]
    return chosen if len(chosen) > 1 else chosen[0] if chosen else None


def _whole(text: str | None, default: int, name: str, problems: list[str]) -> int:
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text):
        problems.append(name)
        return default
    return int(text)
