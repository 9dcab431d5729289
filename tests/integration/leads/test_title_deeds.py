"""The title deed of a home, row by row of L-127, its timed move and the chase log of L-128."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.actors import SYSTEM
from services.chassis.duties import Alert, Task
from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from services.contracts.events.leads import MortgageGuaranteeReleased, TitleDeedIssued, TitleDeedOverdue
from services.leads import title_deeds
from services.leads.contracts import Contract
from services.leads.projects import Project
from services.leads.title_deeds import TitleDeedCase, TitleDeedChase, cases
from tests.integration.leads.world import START, World, person, refused_everywhere

TODAY = START.date()
DUE = TODAY + timedelta(days=60)
#: 24:00 of the agency's date in Shanghai.
DUE_AT = datetime(2026, 5, 1, 16, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROWS: list[tuple[str, str, Any, dict[str, Any]]] = [
    (
        "not_started",
        "entrusted",
        "entrust_title_deed_case",
        {"agency": "安信代理", "agreement": "AG-1", "agreement_signed_on": TODAY, "due_on": DUE},
    ),
    ("entrusted", "in_process", "begin_title_deed_case", {"agency_status": "已受理", "reported_on": TODAY}),
    ("in_process", "overdue", title_deeds.fall_overdue, {}),
    ("in_process", "issued", "issue_title_deed_case", {"deed_number": "沪-1", "issued_on": TODAY}),
    ("overdue", "issued", "issue_title_deed_case", {"deed_number": "沪-2", "issued_on": TODAY}),
    ("issued", "mortgage_registered", "register_mortgage_title_deed_case", {"registration_number": "DY-1"}),
    (
        "mortgage_registered",
        "guarantee_release_requested",
        "request_release_title_deed_case",
        {"release_request": "RR-1"},
    ),
    ("guarantee_release_requested", "guarantee_released", "release_guarantee_title_deed_case", {"released_on": TODAY}),
    ("guarantee_released", "filed", "file_title_deed_case", {"archive_ref": "AR-1"}),
    ("issued", "filed", "file_title_deed_case", {"archive_ref": "AR-2"}),
]


@pytest.mark.requirement("L-127")
def test_the_declaration_is_the_table() -> None:
    declared = {(origin, to) for _, froms, to in cases.transitions for origin in froms}
    assert declared == {(origin, to) for origin, to, _, _ in ROWS}
    assert (cases.initial, cases.final) == ("not_started", ["filed"])


@pytest.mark.requirement("L-127")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_row_is_legal(world: World, row: tuple[str, str, Any, dict[str, Any]]) -> None:
    origin, to, command, payload = row
    case_id = _case(world, origin, is_mortgaged=(origin, to) != ("issued", "filed"), due_on=DUE).id
    if isinstance(command, str):
        world.do(command, {"id": case_id, **payload})
    else:
        world.perform(command, case_id)
    case = world.get(TitleDeedCase, case_id)
    assert case.state == to
    assert {name: getattr(case, name) for name in payload} == payload


@pytest.mark.requirement("L-127")
def test_every_other_pair_is_refused(world: World) -> None:
    _project(world)
    tried = refused_everywhere(
        world, cases, **{**_values(), "contract_id": lambda n: f"c{n}", "number": lambda n: f"TD {n}"}
    )
    assert tried == 9 * 10 - len(ROWS) - 2 - 3  # without `note_report` in two states and `chase` in three


@pytest.mark.requirement("L-127")
def test_what_a_deed_its_mortgage_and_its_release_tell(world: World) -> None:
    case_id = _case(world, "in_process").id
    world.do("issue_title_deed_case", {"id": case_id, "deed_number": "沪-1", "issued_on": TODAY})
    world.do("register_mortgage_title_deed_case", {"id": case_id, "registration_number": "DY-1"})
    with pytest.raises(IllegalMove):
        world.do("file_title_deed_case", {"id": case_id, "archive_ref": "AR"})
    world.do("request_release_title_deed_case", {"id": case_id, "release_request": "RR"})
    assert world.told(TitleDeedIssued) == [{"home_id": "P01-1", "deed_number": "沪-1", "issued_on": "2026-03-02"}]
    assert world.told(MortgageGuaranteeReleased) == []
    with pytest.raises(Forbidden):
        release = {"id": case_id, "released_on": TODAY}
        world.do("release_guarantee_title_deed_case", release, by=person("zhao", "project_department"))
    world.do("release_guarantee_title_deed_case", {"id": case_id, "released_on": TODAY}, by=person("fang", "finance"))
    assert world.told(MortgageGuaranteeReleased) == [{"home_id": "P01-1", "released_on": "2026-03-02"}]


@pytest.mark.requirement("L-127")
def test_the_mortgage_branch_is_for_mortgaged_homes_only(world: World) -> None:
    free, mortgaged = _case(world, "issued", is_mortgaged=False), _case(world, "issued", contract_id="c2")
    with pytest.raises(IllegalMove) as refusal:
        world.do("register_mortgage_title_deed_case", {"id": free.id, "registration_number": "DY"})
    assert refusal.value.code == "not_mortgaged"
    with pytest.raises(IllegalMove) as open_mortgage:
        world.do("file_title_deed_case", {"id": mortgaged.id, "archive_ref": "AR"})
    assert open_mortgage.value.code == "mortgage_open"


def test_an_agency_gets_a_file_under_a_signed_agreement_only(world: World) -> None:
    case_id = _case(world, "not_started").id
    _, _, command, payload = ROWS[0]
    for wrong, field in (({"agreement_signed_on": DUE}, "agreement_signed_on"), ({"due_on": TODAY}, "due_on")):
        with pytest.raises(ValidationFailed) as refusal:
            world.do(command, {"id": case_id, **payload, **wrong})
        assert field in refusal.value.errors
    with pytest.raises(ValidationFailed) as unsigned:
        world.do(command, {"id": case_id, **{key: payload[key] for key in ("agency", "agreement", "due_on")}})
    assert "agreement_signed_on" in unsigned.value.errors


@pytest.mark.requirement("L-127", "X-406")
def test_a_file_falls_overdue_when_the_agencys_date_has_passed_and_not_before(world: World) -> None:
    case_id = _case(world, "in_process", due_on=DUE).id
    world.at(DUE_AT - SECOND)
    assert world.get(TitleDeedCase, case_id).state == "in_process"
    world.at(DUE_AT)
    assert world.get(TitleDeedCase, case_id).state == "overdue"
    (told,) = world.told(TitleDeedOverdue)
    assert told == {"home_id": "P01-1", "agency": None, "due_at": "2026-05-01T16:00:00Z"}
    world.at(DUE_AT + SECOND)
    assert len(world.told(TitleDeedOverdue)) == 1
    (alert,) = world.all(Alert, Alert.rule == "title_deed_overdue")
    assert alert.recipient_role == "project_department"
    world.do("issue_title_deed_case", {"id": case_id, "deed_number": "沪-1", "issued_on": DUE})
    assert world.get(Alert, alert.id).state == "cleared"


@pytest.mark.requirement("L-127")
def test_a_deed_that_is_issued_in_time_never_falls_overdue(world: World) -> None:
    case_id = _case(world, "in_process", due_on=DUE).id
    world.do("issue_title_deed_case", {"id": case_id, "deed_number": "沪-1", "issued_on": TODAY})
    world.at(DUE_AT + timedelta(days=1))
    assert world.get(TitleDeedCase, case_id).state == "issued"
    assert world.told(TitleDeedOverdue) == []


@pytest.mark.requirement("L-127", "X-41")
def test_an_overdue_deed_climbs_to_the_company_manager_and_follows_the_close_out(world: World) -> None:
    _case(world, "in_process", due_on=DUE)
    world.do("begin_close_out_project", {"id": "P01", "handed_list": "清单"})
    world.do("close_sales_project", {"id": "P01", "sales_closed_on": TODAY})
    world.at(DUE_AT)
    (alert,) = world.all(Alert, Alert.rule == "title_deed_overdue")
    assert alert.recipient_role == "customer_affairs"
    world.at(DUE_AT + timedelta(hours=24) - SECOND)
    assert world.get(Alert, alert.id).step == 0
    world.at(DUE_AT + timedelta(hours=24))
    assert (world.get(Alert, alert.id).step, world.get(Alert, alert.id).recipient_role) == (1, "company_manager")
    assert world.at(DUE_AT + timedelta(days=9)) == 0


@pytest.mark.requirement("L-128")
def test_fourteen_days_without_a_chase_are_alerted_and_each_chase_counts_anew(world: World) -> None:
    case_id = _case(world, "entrusted").id
    note = {"id": case_id, "person": "周经理", "content": "催促进度", "promised_on": DUE}
    world.at(START + timedelta(days=13))
    world.do("chase_title_deed_case", note)
    world.at(START + timedelta(days=27) - SECOND)
    assert world.all(Alert) == []
    world.at(START + timedelta(days=27))
    (alert,) = world.all(Alert)
    assert alert.rule == "title_deed_not_chased"
    world.do("chase_title_deed_case", note)
    assert world.get(Alert, alert.id).state == "cleared"
    assert [one.state for one in world.all(Task)] == ["dropped"]
    world.at(START + timedelta(days=41))
    assert [one.state for one in world.all(Alert)] == ["cleared", "raised"]
    entries = world.all(TitleDeedChase, TitleDeedChase.title_deed_case_id == case_id)
    assert [(one.person, one.content, one.promised_on) for one in entries] == [("周经理", "催促进度", DUE)] * 2


@pytest.mark.requirement("L-128", "X-47")
def test_an_entry_of_the_chase_log_is_corrected_by_another_and_never_changed(world: World) -> None:
    case_id = _case(world, "overdue").id
    world.do("chase_title_deed_case", {"id": case_id, "person": "周经理", "content": "催促"})
    (entry,) = world.all(TitleDeedChase)
    with pytest.raises(sa.exc.DatabaseError), world.service.begin(SYSTEM, command="test") as work:
        work.session.execute(sa.update(TitleDeedChase).values(content="改写"))
    changes = {"corrects_id": entry.id, "correction_reason": "写错", "person": "周主任"}
    world.do("correct_title_deed_chase", changes)
    assert sorted(one.person for one in world.all(TitleDeedChase)) == ["周主任", "周经理"]


def test_a_contract_has_one_file(sold: Any, world: World) -> None:
    contract = world.all(Contract)[0]
    made = world.do("start_title_deed_case", {"contract_id": contract.id})
    assert (made["number"], made["home_id"], made["is_mortgaged"]) == ("TD 2026-P01-000001", sold.home_id, False)
    with pytest.raises(ValidationFailed):
        world.do("start_title_deed_case", {"contract_id": contract.id})


def _values() -> dict[str, Any]:
    return {
        "number": "TD 1",
        "home_id": "P01-1",
        "uid": "u1",
        "contract_id": "c1",
        "is_mortgaged": True,
        "project_id": "P01",
        "company_id": "C01",
    }


def _project(world: World) -> None:
    if not world.all(Project):
        world.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})


def _case(world: World, state: str, **values: Any) -> TitleDeedCase:
    _project(world)
    case: TitleDeedCase = world.add(cases, state, **{**_values(), **values})
    return case
