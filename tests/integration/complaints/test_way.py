"""The state table of the domain, row by row: from where to where a case moves, and what is told (C-40 to C-59)."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import SYSTEM
from services.complaints.cases import Case, cases
from services.complaints.service import SERVICE
from services.contracts.errors import Forbidden, IllegalMove, NotFound, ValidationFailed
from services.contracts.events.maintenance import WorkOrderCreated, WorkOrderVerified
from services.contracts.fields import Field
from tests.integration.complaints.world import HANDLER, MANAGER, OPERATOR, SUPERVISOR, WAY, World, person

EVERYBODY = person("all", *{role for move in cases.moves.values() for role in map(str, move.by) if role != "system"})
AGAIN = {"plan": "新方案", "consultation": "再次与客户沟通", "consultation_result": "可以接受"}


@pytest.mark.requirement("C-40", "C-41", "C-42", "C-43", "C-44", "C-45", "C-47", "C-48", "C-49")
@pytest.mark.requirement("C-51", "C-52", "C-53", "C-55", "C-56")
def test_the_ordinary_way(world: World) -> None:
    case = world.register()
    assert case["state"] == "registered"
    for state, command, actor, payload in WAY:
        case = world.do(command, actor, id=case["id"], **payload)
        assert case["state"] == state
    assert [row.name for row in world.events(record_id=case["id"])] == [
        "complaint_registered",
        "complaint_responded",
        "complaint_analysed",
        "complaint_plan_approved",
        "complaint_agreed",
        "complaint_fed_back",
        "complaint_closed",
    ]
    (closed,) = world.told("complaint_closed")
    assert (closed["uid"], closed["outcome"], closed["satisfaction"]) == ("U1", "settled", 4)
    assert case["handler"] == "han"
    assert case["responded_at"] is not None
    (action,) = world.found("corrective_action", case_id=case["id"])
    assert (action["state"], action["department"]) == ("requested", "project_department")


@pytest.mark.requirement("X-21")
def test_the_agent_never_closes_a_complaint_whatever_other_roles_it_was_given(world: World) -> None:
    case = world.to("cause_transferred")
    agent = person("bot", "ai_agent", "complaint_supervisor")
    with pytest.raises(IllegalMove) as refused:
        world.do("close_case", agent, id=case["id"], outcome="settled", closing_note="已答复")
    assert refused.value.code == "person_needed"
    assert world.do("close_case", SUPERVISOR, id=case["id"], **WAY[-1][3])["state"] == "closed"


@pytest.mark.requirement("C-46", "C-50", "X-36.1")
def test_every_round_is_kept_with_its_decision_and_its_reason(world: World) -> None:
    case = world.soon_to("plan_submitted", draft_plan_case={"consultation": "电话沟通", "consultation_result": "嫌少"})
    case = world.do("reject_plan_case", MANAGER, id=case["id"], reason="补偿过高")
    assert (case["state"], case["plan_version"]) == ("plan_drafted", 1)
    with pytest.raises(IllegalMove) as refused:
        world.do("submit_plan_case", HANDLER, id=case["id"])
    assert refused.value.code == "plan_to_revise"
    with pytest.raises(ValidationFailed) as unheard:
        world.do("revise_plan_case", HANDLER, id=case["id"], plan="新方案")
    assert unheard.value.errors["consultation"][0]["code"] == "consult_again"

    world.do("revise_plan_case", HANDLER, id=case["id"], amount_proposed="3000", **AGAIN)
    world.do("revise_plan_case", HANDLER, id=case["id"], amount_proposed="3500", **AGAIN)
    world.do("submit_plan_case", HANDLER, id=case["id"])
    world.do("approve_plan_case", MANAGER, id=case["id"], comment="可行")
    world.do("negotiate_case", HANDLER, id=case["id"], minutes="纪要", offers="3500", attendance="双方")
    case = world.do("fail_negotiation_case", HANDLER, id=case["id"], differences="金额")
    assert (case["state"], case["failed_rounds"]) == ("plan_drafted", 1)
    case = world.do("revise_plan_case", HANDLER, id=case["id"], plan="第三版")
    assert case["plan_version"] == 3

    first, second, third = world.found("plan", order="plan_version", case_id=case["id"])
    assert (first["state"], first["decision_reason"], first["decided_by"]) == ("rejected", "补偿过高", "ma")
    assert (first["consultation"], first["consultation_result"]) == ("电话沟通", "嫌少")
    assert (second["state"], second["decision_reason"], second["differences"]) == ("refused", "可行", "金额")
    assert (second["amount_proposed"], second["consultation"]) == ("3500.00", "再次与客户沟通")
    assert (third["state"], third["plan"]) == ("drafted", "第三版")
    assert [(one["round"], one["state"]) for one in world.found("approval", order="round", record_id=case["id"])] == [
        (1, "rejected"),
        (2, "approved"),
    ]
    (rejected,) = world.told("complaint_plan_rejected")
    (approved,) = world.told("complaint_plan_approved")
    assert (rejected["plan_version"], rejected["reason"]) == (1, "补偿过高")
    assert (approved["plan_version"], approved["approver"]) == (2, "ma")


def _repaired(world: World, case_id: str, order_id: str) -> None:
    """Maintenance makes an order of what was asked for last, and it is done."""
    (*_, request) = world.case(case_id)["repairs_asked"]
    order = {"order_id": order_id, "number": f"WO {order_id}", "case_id": case_id}
    about: Any = {"home_id": "H1", "project_id": "P01", "repair_class": "other", "source": "complaint"}
    world.hear(WorkOrderCreated(**order, **about, source_ref=request, visit_due=world.now))
    world.hear(WorkOrderVerified(**order, result="合格"))


@pytest.mark.requirement("C-54")
def test_a_customer_who_is_not_satisfied(world: World) -> None:
    case = world.soon_to("executing", draft_plan_case={"repair_part": "重做防水"})
    _repaired(world, case["id"], "W1")
    world.to("fed_back", case["id"])
    case = world.do("resume_execution_case", HANDLER, id=case["id"], opinion="仍渗水", repair_part="再次重做")
    assert (case["state"], case["opinion"]) == ("executing", "仍渗水")
    assert [one["description"] for one in world.told("complaint_repair_requested")] == ["重做防水", "再次重做"]
    with pytest.raises(IllegalMove) as undone:
        world.to("checked", case["id"])
    assert undone.value.code == "repair_open"
    _repaired(world, case["id"], "W2")
    world.to("fed_back", case["id"])
    case = world.do("resume_investigation_case", HANDLER, id=case["id"], opinion="原因不对")
    assert case["state"] == "investigating"
    case = world.to("plan_drafted", case["id"])
    assert case["plan_version"] == 2


@pytest.mark.requirement("C-57")
def test_the_customer_may_withdraw_until_there_is_an_agreement(world: World) -> None:
    states = [state for state, *_ in WAY]
    for state in ["registered", *states[: states.index("agreed")]]:
        case = world.do("withdraw_case", OPERATOR, id=world.placed(state), statement="不再追究")
        assert (case["state"], case["withdrawal_statement"]) == ("withdrawn", "不再追究")
    for state in states[states.index("agreed") :]:
        with pytest.raises(IllegalMove):
            world.do("withdraw_case", OPERATOR, id=world.placed(state, closed_at=world.now), statement="不再追究")
    assert {one["statement"] for one in world.told("complaint_withdrawn")} == {"不再追究"}


@pytest.mark.requirement("C-57")
def test_a_plan_that_waits_for_its_decision_goes_with_the_case(world: World) -> None:
    case = world.soon_to("plan_submitted")
    world.do("withdraw_case", OPERATOR, id=case["id"], statement="不再追究")
    assert [one["state"] for one in world.found("approval", record_id=case["id"])] == ["withdrawn"]
    assert [one["state"] for one in world.found("plan", case_id=case["id"])] == ["dropped"]


@pytest.mark.requirement("C-58")
def test_the_loop_of_rounds_has_a_way_out_with_the_managers_consent(world: World) -> None:
    case = world.soon_to("negotiating")
    asked = {"external_forum": "mediation", "external_grounds": "三轮未果"}
    for failed in range(3):
        with pytest.raises(IllegalMove) as early:
            world.do("request_external_case", HANDLER, id=case["id"], **asked)
        assert (early.value.code, early.value.params) == ("too_few_rounds", {"failed": failed, "needed": 3})
        world.do("fail_negotiation_case", HANDLER, id=case["id"], differences="金额")
        world.do("revise_plan_case", HANDLER, id=case["id"], plan=f"第{failed + 2}版")
        world.to("negotiating", case["id"])
    world.do("request_external_case", HANDLER, id=case["id"], **asked)
    assert world.case(case["id"])["state"] == "negotiating"
    world.do("reject_external_case", MANAGER, id=case["id"], reason="再谈一次")
    world.do("request_external_case", HANDLER, id=case["id"], **asked)
    case = world.do("approve_external_case", MANAGER, id=case["id"])
    assert (case["state"], case["external_forum"]) == ("external_resolution", "mediation")


def test_an_agreement_makes_the_asked_consent_pointless(world: World) -> None:
    case_id = world.soon_to("negotiating")["id"]
    world.do(
        "establish_parameter_value" if "establish_parameter_value" in SERVICE.commands else "establish_parameter",
        person("admin", "administrator", scope="group"),
        parameter="complaint.failed_rounds",
        value="0",
        reason="test",
        valid_from="2026-01-01T00:00:00Z",
    )
    world.do("request_external_case", HANDLER, id=case_id, external_forum="court", external_grounds="x")
    world.to("agreed", case_id)
    assert [one["state"] for one in world.found("approval", kind="external_resolution")] == ["withdrawn"]


@pytest.mark.requirement("C-59")
def test_a_closed_case_goes_on_as_a_new_one_until_day_thirty(world: World) -> None:
    case = world.case(world.placed("closed", closed_at=world.now))
    world.later(datetime.timedelta(days=30, hours=13, minutes=59))  # 23:59 of day 30 in Shanghai
    old = world.do("reopen_case", OPERATOR, id=case["id"], reason="又漏了")
    assert old["state"] == "reopened"
    new = world.case(old["continued_as"])
    assert (new["state"], new["continues"], new["number"]) == ("registered", case["id"], "CP 2026-P01-000002")
    assert (new["description"], new["uid"], new["home_id"]) == ("又漏了", "U1", "H1")
    (told,) = world.told("complaint_reopened")
    assert (told["case_id"], told["number"], told["continued_as"]) == (case["id"], case["number"], new["id"])
    assert [row.name for row in world.events()] == ["complaint_registered", "complaint_reopened"]


@pytest.mark.requirement("C-59")
def test_after_thirty_days_only_a_repeat_fault_opens_it_again(world: World) -> None:
    case_id = world.placed("closed", closed_at=world.now)
    world.later(datetime.timedelta(days=30, hours=14))  # 00:00 of day 31
    with pytest.raises(IllegalMove) as late:
        world.do("reopen_case", OPERATOR, id=case_id, reason="又漏了")
    assert (late.value.code, late.value.params["days"]) == ("reopen_period_over", 30)
    assert world.actions(case_id, OPERATOR)["reopen_case"]["obstacle"]["code"] == "reopen_period_over"
    with SERVICE.begin(SYSTEM, command="test") as work:
        work.get(Case, case_id).repeat_fault_at = world.now
    assert world.do("reopen_case", OPERATOR, id=case_id, reason="又漏了")["state"] == "reopened"


@pytest.mark.requirement("C-55")
def test_a_cause_is_transferred_with_an_action_or_with_the_reason_for_none(world: World) -> None:
    case_id = world.placed("fed_back")
    letter = {"transfer_form": "meeting_minutes", "transfer_document": "纪要", "departments": ["marketing"]}
    for wrong in ({}, {"corrective_action": "培训", "no_action_reason": "无需"}):
        with pytest.raises(ValidationFailed) as refused:
            world.do("transfer_cause_case", HANDLER, id=case_id, **letter, **wrong)
        assert refused.value.errors["corrective_action"][0]["code"] == "action_or_reason"
    case = world.do("transfer_cause_case", HANDLER, id=case_id, **letter, no_action_reason="偶发")
    assert case["state"] == "cause_transferred"
    assert world.told("corrective_action_requested") == []


@pytest.mark.requirement("C-62")
def test_not_ours_needs_somebody_who_takes_it_on(world: World) -> None:
    case_id = world.placed("cause_transferred")
    closing = {"outcome": "not_ours", "closing_note": "属市政管网"}
    with pytest.raises(ValidationFailed) as shirked:
        world.do("close_case", SUPERVISOR, id=case_id, **closing)
    assert shirked.value.errors["accepting_party"][0]["code"] == "required"
    case = world.do("close_case", SUPERVISOR, id=case_id, **closing, accepting_party="自来水公司")
    assert (case["state"], case["accepting_party"]) == ("closed", "自来水公司")


@pytest.mark.requirement("C-42")
def test_somebody_else_may_be_named_to_investigate(world: World) -> None:
    case = world.to("investigating")
    after = world.do("change_investigator_case", HANDLER, id=case["id"], investigator="li")
    assert (after["state"], after["investigator"]) == ("investigating", "li")


@pytest.mark.requirement("C-60")
def test_what_a_dispute_rests_on_is_brought_up_to_date(world: World) -> None:
    case = world.register(kind="dispute", counterpart="王先生")
    now = {"counterpart": "王先生、李女士", "legal_basis": "合同第九条", "lawyer": "赵律师"}
    after = world.do("change_dispute_case", HANDLER, id=case["id"], **now)
    assert after | now == after
    with pytest.raises(IllegalMove):
        world.do("change_dispute_case", HANDLER, id=world.placed("responded"), **now)


@pytest.mark.requirement("C-61")
def test_the_case_stays_with_the_centre_that_accompanies_the_customer(world: World) -> None:
    case = world.to("investigating")
    after = world.do("accompany_case", HANDLER, id=case["id"], accompanied_to="finance", reason="退款")
    assert (after["state"], after["handler"], after["accompanied_to"]) == ("investigating", "han", "finance")
    assert [task.role for task in world.tasks(case["id"], "accompany_customer")] == ["finance"]


def sample(field: Field) -> Any:
    if field.many:
        return [sample(Field(**{**vars(field), "many": False}))]
    if field.values:
        return field.values[0]
    samples: dict[str, Any] = {"integer": 3, "decimal": "1", "money": "1", "boolean": True, "json": {}, "files": []}
    samples |= {"date": "2026-03-02", "moment": "2026-03-03T00:00:00Z"}
    return samples.get(field.kind, "ab")


@pytest.mark.requirement("C-40", "C-46", "C-50", "C-57")
def test_every_pair_of_state_and_command_that_the_table_lacks_is_refused(world: World) -> None:
    ids = {state: world.placed(state, closed_at=world.now) for state in cases.states}
    before = {case.id: case.version for case in world.all(Case)}
    count = len(world.events())
    allowed, wrong = 0, []
    for move in cases.moves.values():
        payload = {field.name: sample(field) for field in move.params if field.required}
        for state, case_id in ids.items():
            if move.kind == "create" or move.allows(state):
                allowed += 1
                continue
            try:
                world.do(move.command, EVERYBODY, id=case_id, **payload)
                wrong.append((move.command, state, "done"))
            except IllegalMove as refusal:
                if refusal.code != "illegal_move" or refusal.params != {"command": move.command, "state": state}:
                    wrong.append((move.command, state, refusal.code))
            except Exception as other:
                wrong.append((move.command, state, repr(other)))
    assert wrong == []
    assert 0 < allowed < len(cases.moves) * len(ids)
    assert {case.id: case.version for case in world.all(Case)} == before
    assert len(world.events()) == count


def test_only_who_may_gives_a_command(world: World) -> None:
    case_id = world.register()["id"]
    with pytest.raises(Forbidden):
        world.do("raise_level_case", OPERATOR, id=case_id, level=2, reason="x")
    with pytest.raises(NotFound):
        world.do("respond_case", person("far", "complaint_handler", scope="project:P02"), id=case_id, first_contact="x")
    with pytest.raises(Forbidden):
        world.register(person("far", "hotline_operator", scope="project:P02"), separate_reason="x")
    for command in ("note_breach_case", "set_tier_case"):
        with pytest.raises((Forbidden, ValidationFailed)):
            world.do(command, {**EVERYBODY, "roles": {**EVERYBODY["roles"], "system": ["group"]}}, id=case_id)
    assert world.case(case_id)["version"] == 1


def test_the_history_of_a_case_tells_its_rounds(world: World) -> None:
    case = world.soon_to("plan_submitted")
    world.do("reject_plan_case", MANAGER, id=case["id"], reason="补偿过高")
    with SERVICE.reading(SYSTEM) as work:
        entries = views.history(work, "case", case["id"])["result"]
    decided = next(one for one in entries if one["kind"] == "approval" and one["name"] == "rejected")
    assert json.dumps(decided, ensure_ascii=False).count("补偿过高") == 1
    submitted = next(one for one in entries if one["kind"] == "approval" and one["name"] == "submitted")
    assert submitted["detail"]["snapshot"]["plan"] == "返修并补偿"
