"""A refusal names the field, the rule and the rule's figure, in both languages, wherever it is made."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest

from services.contracts import glossary
from services.contracts.events.maintenance import MessageRejected
from services.contracts.events.property import RepairReported
from services.contracts.fields import Field, broken_rules, schema_of
from services.maintenance import gateway

SCHEMA = schema_of(
    "Sample",
    [
        Field("text", "name", max_length=20),
        Field("text", "tags", max_length=5, many=True),
        Field("integer", "floors", min=1, max=200),
        Field("integer", "rounds", min=1),
        Field("decimal", "share", max=1),
        Field("choice", "level", values=("a", "b")),
    ],
)


def broken(**payload: Any) -> dict[str, Any]:
    with pytest.raises(ma.ValidationError) as wrong:
        SCHEMA.load({"name": "x", "tags": [], "floors": 1, "rounds": 1, "share": "1", "level": "a", **payload})
    return broken_rules(SCHEMA, wrong.value)


@pytest.mark.parametrize(
    ("payload", "code", "figures", "zh", "en"),
    [
        ({"name": "x" * 21}, "too_long", {"max": 20}, "最多 20 个字符。", "At most 20 characters."),
        ({"tags": ["x", "x" * 6]}, "too_long", {"max": 5}, "最多 5 个字符。", "At most 5 characters."),
        ({"tags": ["x"] * 101}, "too_many", {"max": 100}, "最多 100 项。", "At most 100 of these."),
        (
            {"floors": 201},
            "number_range",
            {"min": 1, "max": 200},
            "应在 1 到 200 之间。",
            "This must be from 1 to 200.",
        ),
        ({"rounds": 0}, "at_least", {"min": 1}, "不能小于 1。", "This must be at least 1."),
        ({"share": "2"}, "at_most", {"max": 1}, "不能大于 1。", "This must be at most 1."),
        ({"level": "c"}, "choice", {"choices": ["a", "b"]}, "应为选项之一。", "This must be one of the choices."),
    ],
)
def test_the_figures_are_those_of_the_rule_that_is_broken(
    payload: dict[str, Any], code: str, figures: dict[str, Any], zh: str, en: str
) -> None:
    assert broken(**payload) == {next(iter(payload)): [{"code": code, "params": figures}]}
    assert (glossary.sentence(code, "zh", **figures), glossary.sentence(code, "en", **figures)) == (zh, en)


class Told:
    """A unit of work that only keeps what is announced."""

    def emit(self, event: Any, **facts: Any) -> None:
        self.event, self.facts = event, facts


@pytest.mark.requirement("X-403")
def test_a_property_company_is_told_which_rule_its_message_broke() -> None:
    told: Any = Told()
    report = {"source_ref": "T-1", "home_id": "H1", "repair_class": "equipment", "reported_at": "2026-11-01T08:00:00Z"}
    with pytest.raises(ma.ValidationError) as wrong:
        RepairReported.load({**report, "description": "x" * 4001})
    errors = broken_rules(RepairReported.schema(), wrong.value)
    gateway.answer("acme", "m-1", "repair_reported", "field_invalid", {"errors": errors}, told)
    assert told.event is MessageRejected
    assert told.facts["fields_at_fault"] == sorted(errors)
    assert "too_long" in told.facts["rules_broken"]
    assert "最多 4000 个字符。" in told.facts["message"]
    assert "At most 4000 characters." in told.facts["message_en"]
    gateway.answer("acme", "m-2", "repair_accepted", "unknown_order", {"field": "order_id", "id": "nope"}, told)
    assert (told.facts["fields_at_fault"], told.facts["rules_broken"]) == (["order_id"], [])
    assert told.facts["message_en"] == "There is no such work order."
