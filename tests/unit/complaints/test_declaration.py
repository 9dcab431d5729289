"""The declaration says what the domain's tables say, and every word of it has a name in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.service import CHASSIS_PROCESSES
from services.complaints.cases import cases
from services.complaints.cases.case import OPEN
from services.complaints.service import SERVICE
from services.contracts import glossary
from services.contracts.events import published_by
from services.contracts.roles import Role

OWN = [process for process in SERVICE.processes if process not in CHASSIS_PROCESSES]

#: Section 3.2.4 of the domain catalogue, row by row.
TABLE: dict[str, list[tuple[str, str | None, str]]] = {
    "C-40": [("register_case", None, "registered")],
    "C-41": [("respond_case", "registered", "responded")],
    "C-42": [("investigate_case", "responded", "investigating")],
    "C-43": [("analyse_case", "investigating", "analysed")],
    "C-44": [("draft_plan_case", "analysed", "plan_drafted")],
    "C-45": [("submit_plan_case", "plan_drafted", "plan_submitted")],
    "C-46": [("reject_plan_case", "plan_submitted", "plan_drafted")],
    "C-47": [("approve_plan_case", "plan_submitted", "plan_approved")],
    "C-48": [("negotiate_case", "plan_approved", "negotiating")],
    "C-49": [("agree_case", "negotiating", "agreed")],
    "C-50": [("fail_negotiation_case", "negotiating", "plan_drafted")],
    "C-51": [("execute_case", "agreed", "executing")],
    "C-52": [("check_case", "executing", "checked")],
    "C-53": [("feed_back_case", "checked", "fed_back")],
    "C-54": [
        ("resume_execution_case", "fed_back", "executing"),
        ("resume_investigation_case", "fed_back", "investigating"),
    ],
    "C-55": [("transfer_cause_case", "fed_back", "cause_transferred")],
    "C-56": [("close_case", "cause_transferred", "closed")],
    "C-57": [("withdraw_case", state, "withdrawn") for state in OPEN[: OPEN.index("agreed")]],
    "C-58": [("approve_external_case", "negotiating", "external_resolution")],
    "C-59": [("reopen_case", "closed", "reopened")],
    "C-81": [("take_up_post_case", None, "registered")],
    "C-73": [("adopt_group_plan_case", state, "plan_approved") for state in ("analysed", "plan_drafted")],
}
EMITS = {
    "C-41": "complaint_responded",
    "C-43": "complaint_analysed",
    "C-46": "complaint_plan_rejected",
    "C-47": "complaint_plan_approved",
    "C-49": "complaint_agreed",
    "C-53": "complaint_fed_back",
    "C-56": "complaint_closed",
    "C-57": "complaint_withdrawn",
    "C-59": "complaint_reopened",
}


#: The rows that are more than a step: a figure, or an event that depends on the plan.
MORE = {"C-51", "C-58", "C-59"}


@pytest.mark.requirement(*(row for row in TABLE if row not in MORE))
def test_the_state_table_is_the_domains() -> None:
    declared = {(command, origin, to) for command, origins, to in cases.transitions for origin in (origins or (None,))}
    assert declared == {step for steps in TABLE.values() for step in steps}
    assert len(OPEN) == 13
    assert set(OPEN) | {"closed", "withdrawn", "external_resolution", "reopened"} == set(cases.states)


@pytest.mark.requirement(*EMITS)
def test_each_row_tells_its_event() -> None:
    for row, name in EMITS.items():
        command = TABLE[row][0][0]
        emitted = [published_by("complaints")[name]]
        assert list(SERVICE.commands[command].emits) == emitted, row


@pytest.mark.requirement("C-20", "C-21", "C-22", "C-23", "C-58", "C-59")
def test_the_figures_are_those_of_the_catalogue() -> None:
    figures = {name: (one.default, one.unit) for name, one in SERVICE.parameters.items()}
    assert figures["sla.high_value_response"] == (1, "h")
    assert figures["complaint.alert_no_response"] == (2, "h")
    assert figures["sla.ordinary_solution"] == (24, "h")
    assert figures["complaint.failed_rounds"] == (3, "rounds")
    assert figures["complaint.reopen_period"] == (30, "days")
    assert figures["sla.forum_reply"] == (24, "h")


@pytest.mark.requirement("X-45")
def test_every_role_that_the_matrix_may_name_can_read_the_case() -> None:
    readers = cases.reader_roles()
    for role in (
        Role.COMPANY_MANAGER,
        Role.RESPONSIBLE_LEADER,
        Role.CUSTOMER_CENTRE,
        Role.GROUP_CENTRE,
        Role.EXECUTIVE,
    ):
        assert str(role) in readers


def test_no_declaration_has_a_fault() -> None:
    assert [process.fault() for process in OWN] == [None] * len(OWN)


def words() -> list[tuple[str, ...]]:
    """The path in the glossary of everything that people see of complaints."""
    paths: list[tuple[str, ...]] = []
    for process in OWN:
        paths += [(process.name,), *((process.name, "states", state) for state in process.states)]
        paths += [("clocks", rule.name) for rule in process.clocks]
        paths += [("rules", rule.alarm.rule) for rule in process.clocks if rule.alarm]
        described = list(process.record.__fields__.values())
        for move in process.moves.values():
            paths.append(("commands", move.command))
            described += move.params
        for field in described:
            if field.choices and field.choices not in ("role", "executing_department"):
                paths += [("choices", field.choices, value) for value in field.values or ()]
    paths += [("events", name) for name in published_by("complaints")]
    paths += [("choices", "approval_kind", kind) for kind in ("complaint_plan", "external_resolution")]
    return sorted(set(paths))


@pytest.mark.parametrize("language", glossary.LANGUAGES)
def test_everything_has_a_name(language: str) -> None:
    assert [path for path in words() if glossary.term("complaints", *path, language=language) is None] == []
    nameless: list[Any] = []
    for process in OWN:
        described = [*process.record.__fields__, *(f.name for m in process.moves.values() for f in m.params)]
        for name in described:
            paths = ((process.name, name), ("fields", name))
            if not any(glossary.term("complaints", *path, language=language) for path in paths):
                nameless.append((process.name, name))
    for event in published_by("complaints").values():
        for field in event.fields():
            paths = (("case", field.name), ("enquiry", field.name), ("fields", field.name))
            if not any(glossary.term("complaints", *path, language=language) for path in paths):
                nameless.append((event.__name__, field.name))
    assert nameless == []


def test_every_command_has_its_sentence() -> None:
    assert [move.command for process in OWN for move in process.moves.values() if not move.summary.endswith(".")] == []
