"""Everything that people read has a name in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.chassis.service import Service
from services.contracts import SERVICES, glossary
from services.contracts.errors import BY_NAME
from services.contracts.fields import KINDS, Field, marshmallow_field
from services.contracts.roles import Role
from tests.contract import terms

pytestmark = pytest.mark.unit
BOOKS = ("common", "console", "errors", *SERVICES)
CHINESE = re.compile(r"[一-鿿]")
#: Characters that only the traditional script has; the glossary is in simplified Chinese.
TRADITIONAL = re.compile("[滲業戶維報單開關處頁選擇級證號電話質檢]")


@pytest.mark.parametrize("name", SERVICES)
def test_every_term_of_a_service_has_both_languages(name: str, services: list[Service]) -> None:
    service = next((one for one in services if one.name == name), None)
    if service is None:
        pytest.skip(f"{name} does not exist yet")
    missing = terms.missing(service)
    assert missing == [], f"write in services/contracts/glossary/{name}.toml (or common.toml): {', '.join(missing)}"


def test_a_term_that_is_taken_away_is_missed(services: list[Service], monkeypatch: pytest.MonkeyPatch) -> None:
    service = next(one for one in services if one.name == "maintenance")
    book = {name: dict(inside) for name, inside in glossary.terms("maintenance").items()}
    del book["work_order"]["technician"], book["work_order"]["_"], book["rules"]["repeat_repair"]
    del book["fields"], book["commands"]["triage_work_order"]
    book["work_order"]["states"] = {"reported": ["已报修", "Reported"]}
    whole = glossary.terms
    monkeypatch.setattr(glossary, "terms", lambda name: book if name == "maintenance" else whole(name))
    missing = terms.missing(service)
    lost = {"work_order", "work_order.technician", "rules.repeat_repair", "commands.triage_work_order"}
    assert lost <= set(missing)
    assert "work_order.states.triaged" in missing
    assert "work_order.states.reported" not in missing


@pytest.mark.parametrize("folder", ["chassis", *SERVICES])
def test_every_error_code_has_a_sentence(folder: str) -> None:
    unknown = sorted(terms.error_codes(folder) - set(glossary.terms("errors")))
    assert unknown == [], f"write in services/contracts/glossary/errors.toml: {', '.join(unknown)}"


def test_every_error_of_the_tree_and_of_a_field_has_a_sentence() -> None:
    codes = {error.code for error in BY_NAME.values()}
    for kind in KINDS:
        field = marshmallow_field(Field(kind, "x", values=("a",), max_length=1, min=0, max=1, pattern="a"))
        codes |= {str(message) for message in field.error_messages.values() if re.fullmatch("[a-z_]+", str(message))}
        codes |= {str(check.error) for check in field.validators if getattr(check, "error", None)}
    assert sorted(codes - set(glossary.terms("errors"))) == []


def test_every_role_has_a_name() -> None:
    assert [role for role in Role if not glossary.term("common", "roles", role, language="zh")] == []


@pytest.mark.parametrize("book", BOOKS)
def test_a_term_is_chinese_and_english(book: str) -> None:
    wrong = []
    for path, value in leaves(glossary.terms(book)):
        pair = (
            isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) and one.strip() for one in value)
        )
        if not pair or CHINESE.search(value[1].replace("“{q}”", "")) or TRADITIONAL.search(value[0]):
            wrong.append(f"{path}: {value}")
    assert wrong == []


@pytest.mark.parametrize("book", BOOKS)
def test_both_languages_are_filled_with_the_same_facts(book: str) -> None:
    def facts(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    assert [path for path, (zh, en) in leaves(glossary.terms(book)) if facts(zh) != facts(en)] == []


def leaves(inside: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every term of a book with its place."""
    for name, value in inside.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
