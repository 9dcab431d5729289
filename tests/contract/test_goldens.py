"""No event may change in a way that an older reader or writer would notice; proven with data and by mutation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.documents import goldens
from services.contracts.events import Event
from services.contracts.events.maintenance import WorkOrderDispatched
from services.contracts.fields import Field
from tests.contract.samples import disagreements

pytestmark = pytest.mark.unit
EVENTS = [pytest.param(event, id=f"{event.publisher}/{event.wire_name}") for event in goldens.all_events()]


@pytest.mark.parametrize("event", EVENTS)
def test_the_golden_is_there_and_says_what_the_event_says(event: type[Event]) -> None:
    golden = goldens.committed(goldens.path_of(event))
    assert golden is not None, f"{event.wire_name} has no golden: run ./anju contracts"
    assert golden == goldens.golden_of(event), f"{event.wire_name} has changed: run ./anju contracts"


@pytest.mark.parametrize("event", EVENTS)
def test_what_is_written_today_loads_with_the_golden(event: type[Event]) -> None:
    golden = goldens.fields_in(goldens.committed(goldens.path_of(event)) or goldens.golden_of(event))
    assert disagreements(golden, event.fields(), written=event.fields()) == []


@pytest.mark.parametrize("event", EVENTS)
def test_what_the_golden_writes_loads_today(event: type[Event]) -> None:
    golden = goldens.fields_in(goldens.committed(goldens.path_of(event)) or goldens.golden_of(event))
    assert disagreements(golden, event.fields(), written=golden) == []


def test_nothing_is_broken_by_the_rule_that_the_command_uses() -> None:
    assert goldens.broken(goldens.all_events()) == []


def test_no_golden_has_lost_its_event() -> None:
    known = {(event.publisher, event.wire_name): event.dataversion for event in goldens.all_events()}
    for path in sorted((goldens.FOLDER / "events").rglob("*.json")):
        name, version = path.name.removesuffix(".json").rsplit(".v", 1)
        present = known.get((path.parent.name, name))
        assert present is not None, (
            f"{path.name}: a published event was removed; keep it, or remove its goldens knowingly"
        )
        assert int(version) <= present


FIELDS = WorkOrderDispatched.fields()


def changed(which: str, **rule: object) -> list[Field]:
    """The fields with one rule of one of them changed."""
    return [replace(one, **rule) if one.name == which else one for one in FIELDS]  # type: ignore[arg-type]


BREAKING: dict[str, tuple[list[Field], str]] = {
    "a required field is removed": ([one for one in FIELDS if one.name != "description"], "removed"),
    "an optional field is removed": ([one for one in FIELDS if one.name != "source_ref"], "removed"),
    "a field is renamed": (changed("contact", name="contact_person"), "removed"),
    "a new field is required": ([*FIELDS, Field("text", "floor", max_length=10)], "new and required"),
    "an optional field becomes required": (changed("contact", required=True), "required was false"),
    "a required field becomes optional": (changed("description", required=False), "required was true"),
    "a length is narrowed": (changed("description", max_length=200), "max_length was 4000"),
    "a length is widened": (changed("description", max_length=5000), "max_length was 4000"),
    "a length is given": (changed("urgency", kind="text", values=None, max_length=3), "kind was"),
    "a choice is taken away": (changed("urgency", values=("normal", "high")), "values was"),
    "a choice is added": (changed("urgency", values=("normal", "high", "emergency", "never")), "values was"),
    "a text becomes a number": (changed("description", kind="integer", max_length=None), "kind was"),
    "a moment becomes a date": (changed("visit_due", kind="date"), "kind was"),
    "one becomes many": (changed("contact", many=True), "many was"),
    "a pattern is narrowed": (changed("home_id", pattern="[0-9]{1,40}"), "pattern was"),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_refused(change: str) -> None:
    today, said = BREAKING[change]
    assert any(said in problem for problem in goldens.breaks(FIELDS, today))
    apart = disagreements(FIELDS, today, written=FIELDS) + disagreements(FIELDS, today, written=today)
    assert apart, "the rule refuses what data would survive"


@pytest.mark.parametrize(
    "today",
    [
        pytest.param([*FIELDS, Field("text", "floor", required=False, max_length=10)], id="a new optional field"),
        pytest.param(changed("description", multiline=False), id="how it is shown"),
        pytest.param(changed("contact", mask="phone"), id="how it is masked"),
        pytest.param(changed("home_id", to="leads/unit"), id="what it points at"),
    ],
)
def test_an_additive_change_is_allowed(today: list[Field]) -> None:
    assert goldens.breaks(FIELDS, today) == []
    assert disagreements(FIELDS, today, written=FIELDS) == []
    assert disagreements(FIELDS, today, written=today) == []


def test_the_command_refuses_to_overwrite_a_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    promised = goldens.golden_of(WorkOrderDispatched)
    promised["fields"] = [one.to_json() for one in [*FIELDS, Field("text", "floor", required=False)]]
    monkeypatch.setattr(goldens, "FOLDER", tmp_path)
    path = goldens.path_of(WorkOrderDispatched)
    path.parent.mkdir(parents=True)
    path.write_text(goldens.written(promised), encoding="utf-8")
    with pytest.raises(goldens.ContractBroken, match="work_order_dispatched v1: floor was removed"):
        goldens.files()
