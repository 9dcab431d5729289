"""Values of tags are kept in Chinese; who reads English types and reads them in English (L-05)."""

from __future__ import annotations

from typing import Any

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.texts import TAG_VALUE
from services.contracts import glossary
from services.contracts.errors import ValidationFailed
from tests.console.conftest import PASSWORD, Browser, value_of
from tests.console.leads_book import fake, real_words

__all__ = ["fake", "real_words"]

NOTE = "/leads/customer_tag/new/note_customer_tag"
LIST = "/leads/customer_tag/"
GIVEN = {"tag": "purchase_purpose", "uid": "U1", "command_id": "c" * 32}


@pytest.fixture
def agent(make_app: Any, fake: FakeServices) -> Browser:
    app = make_app(fake)
    with app.app_context():
        create_account("zhao", "赵敏", PASSWORD, {"sales_agent": ["project:P01"]})
    browser = Browser(app.test_client())
    browser.login("zhao")
    return browser


@pytest.mark.parametrize(
    ("language", "typed", "kept"),
    [
        ("en", "Investment", "投资"),
        ("en", " investment ", "投资"),
        ("en", "投资", "投资"),
        ("zh", "投资", "投资"),
        ("en", "Flat", "Flat"),
    ],
)
def test_a_value_is_typed_in_the_words_of_the_page(
    agent: Browser, fake: FakeServices, language: str, typed: str, kept: str
) -> None:
    agent.post("/language/", {"language": language})
    assert agent.post(NOTE, {**GIVEN, "value": typed}).status_code == 302
    (given,) = [call[3] for call in fake.calls if call[1:3] == ("execute", "note_customer_tag")]
    assert given["value"] == kept


def test_a_list_is_filtered_by_the_words_of_the_page_and_goes_on_showing_them(
    agent: Browser, fake: FakeServices
) -> None:
    fake.put("leads", "customer_tag", uid="U1", tag="purchase_purpose", value="投资", project_id="P01")
    fake.put("leads", "customer_tag", uid="U2", tag="purchase_purpose", value="养老", project_id="P01")
    agent.post("/language/", {"language": "en"})
    shown = agent.get(f"{LIST}?value=investment").text
    assert value_of(shown, "value") == "Investment"
    asked = [call[3]["filters"] for call in fake.calls if call[1:3] == ("search", "customer_tag")]
    assert asked[-1]["value"] == "投资"


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "one of: Investment, Living in old age."), ("zh", "应为其中之一：投资、养老。")]
)
def test_a_refusal_names_what_can_be_chosen_in_the_words_of_the_page(
    agent: Browser, fake: FakeServices, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ValidationFailed.of("value", "tag_choice", choices=["投资", "养老"])

    monkeypatch.setattr(fake, "execute", refuse)
    agent.post("/language/", {"language": language})
    assert sentence in agent.post(NOTE, {**GIVEN, "value": "?"}).text


@pytest.mark.parametrize(("language", "sentence"), [("en", "Age, Region"), ("zh", "年龄段、居住区域")])
def test_tags_that_a_sentence_names_have_a_name_in_each_language(
    agent: Browser, fake: FakeServices, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    tags = [{"name": "年龄段", "name_en": "Age"}, {"name": "居住区域", "name_en": "Region"}]

    def refuse(*_: Any, **__: Any) -> None:
        raise ValidationFailed.of("value", "screening_missing", tags=tags)

    monkeypatch.setattr(fake, "execute", refuse)
    agent.post("/language/", {"language": language})
    assert sentence in agent.post(NOTE, {**GIVEN, "value": "?"}).text


def test_no_english_word_stands_for_two_values() -> None:
    lists = glossary.terms("common")["choices"]
    words = [pair for name in (TAG_VALUE, "concern_topic", "segment") for pair in lists[name].values()]
    values = {en.casefold(): {zh for zh, other in words if other.casefold() == en.casefold()} for _, en in words}
    assert [one for one in values.items() if len(one[1]) > 1] == []
