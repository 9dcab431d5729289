"""Compensation: evidence before any amount, the approver by amount, only what was agreed, paid once by finance."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import AnjuError, Forbidden, IllegalMove, OwnSubmission, ValidationFailed
from tests.integration.complaints.test_figures import counted, run
from tests.integration.complaints.world import EVIDENCE, HANDLER, MANAGER, OPERATOR, World, person

FINANCE = person("cai", "finance")
PAID = {"paid_on": "2026-03-02", "finance_ref": "FK-2026-0311"}


def proposed(world: World, amount: str = "8000", case_id: str | None = None, **facts: Any) -> dict[str, Any]:
    """A compensation of an agreed case."""
    case = case_id or world.soon_to("agreed")["id"]
    said = {"case_id": case, "basis": "协议第二条", "amount": amount, "payee": "王先生"}
    return world.do("propose_compensation", HANDLER, **{**said, **facts})


def approved(world: World, **facts: Any) -> dict[str, Any]:
    one = proposed(world, **facts)
    world.do("submit_compensation", HANDLER, id=one["id"])
    return world.do("approve_compensation", MANAGER, id=one["id"])


def refused(wrong: pytest.ExceptionInfo[ValidationFailed]) -> dict[str, str]:
    return {field: rules[0]["code"] for field, rules in wrong.value.errors.items()}


@pytest.mark.requirement("C-11")
@pytest.mark.parametrize("evidence", [None, [], ["https://elsewhere.example/a.jpg"]])
def test_a_plan_with_an_amount_is_not_submitted_without_an_uploaded_file(world: World, evidence: Any) -> None:
    case = world.soon_to("plan_drafted")
    with pytest.raises(ValidationFailed) as bare:
        world.do("submit_plan_case", HANDLER, id=case["id"], evidence=evidence)
    assert refused(bare) == {"evidence": "evidence_needed"}
    assert world.case(case["id"])["state"] == "plan_drafted"
    submitted = world.do("submit_plan_case", HANDLER, id=case["id"], evidence=EVIDENCE)
    assert (submitted["state"], submitted["evidence"]) == ("plan_submitted", EVIDENCE)
    (approval,) = world.found("approval", record_id=case["id"])
    assert approval["snapshot"]["evidence"] == EVIDENCE


@pytest.mark.requirement("C-11")
def test_evidence_may_be_there_already(world: World) -> None:
    for add in ("register_case", "attach_report_case", "add_evidence_case"):
        early = {"evidence": EVIDENCE} if add == "register_case" else {}
        case = world.register(category="fee", separate_reason="x", **early)
        if add == "attach_report_case":
            said = {"channel": "counter", "description": "再次反映"}
            world.do(add, OPERATOR, id=case["id"], evidence=EVIDENCE, **said)
        elif add == "add_evidence_case":
            world.do(add, HANDLER, id=case["id"], evidence=EVIDENCE)
        world.to("plan_submitted", case["id"], submit_plan_case={"evidence": None})


def test_a_plan_without_an_amount_needs_no_evidence(world: World) -> None:
    for nothing in (None, "0"):
        world.soon_to(
            "plan_submitted", draft_plan_case={"amount_proposed": nothing}, submit_plan_case={"evidence": None}
        )


def test_added_evidence_keeps_what_is_there(world: World) -> None:
    case = world.register(evidence=["old.jpg"])
    with pytest.raises(ValidationFailed):
        world.do("add_evidence_case", HANDLER, id=case["id"], evidence=[])
    more = world.do("add_evidence_case", HANDLER, id=case["id"], evidence=["old.jpg", *EVIDENCE])
    assert more["evidence"] == ["old.jpg", *EVIDENCE]


@pytest.mark.requirement("C-64", "X-36.13")
def test_the_way_to_the_payment(world: World) -> None:
    one = proposed(world)
    assert (one["state"], one["evidence"], one["cause"]) == ("proposed", EVIDENCE, "防水层破损")
    assert world.do("submit_compensation", HANDLER, id=one["id"])["state"] == "submitted"
    with pytest.raises(Forbidden):
        world.do("approve_compensation", person("li", "complaint_handler"), id=one["id"])
    accepted = world.do("approve_compensation", MANAGER, id=one["id"])
    assert (accepted["state"], accepted["approver"]) == ("approved", "ma")
    assert accepted["approved_at"] == "2026-03-02T02:00:00Z"
    with pytest.raises(Forbidden):
        world.do("pay_compensation", MANAGER, id=one["id"], **PAID)
    paid = world.do("pay_compensation", FINANCE, id=one["id"], **PAID)
    assert [paid[name] for name in ("state", "paid_on", "finance_ref", "paid_by")] == [
        *("paid", "2026-03-02", "FK-2026-0311", "cai")
    ]
    (told,) = world.told("compensation_paid")
    assert told == {
        "case_id": one["case_id"],
        "case_number": one["case_number"],
        "compensation_id": one["id"],
        "number": one["number"],
        "uid": "U1",
        "home_id": "H1",
        "project_id": "P01",
        "category": "fee",
        "amount": "8000.00",
        "paid_on": "2026-03-02",
        "at": "2026-03-02T02:00:00Z",
    }
    with pytest.raises(IllegalMove):
        world.do("pay_compensation", FINANCE, id=one["id"], **PAID)


@pytest.mark.requirement("C-64")
def test_only_what_was_agreed_is_paid(world: World) -> None:
    case = world.soon_to("agreed", agree_case={"amount_agreed": "5000"})
    first = proposed(world, "3000", case["id"])
    with pytest.raises(ValidationFailed) as beyond:
        proposed(world, "2000.01", case["id"])
    assert refused(beyond) == {"amount": "beyond_agreement"}
    assert beyond.value.errors["amount"][0]["params"] == {"agreed": "5000.00", "left": "2000.00"}
    second = proposed(world, "2000", case["id"])
    again = {"basis": "x", "payee": "王先生", "evidence": EVIDENCE}
    with pytest.raises(ValidationFailed):
        world.do("revise_compensation", HANDLER, id=second["id"], amount="2000.01", **again)
    world.do("withdraw_compensation", HANDLER, id=first["id"], reason="重复")
    assert world.do("revise_compensation", HANDLER, id=second["id"], amount="5000", **again)["amount"] == "5000.00"
    for wrong in ("0", "0.01"):
        with pytest.raises(ValidationFailed):
            proposed(world, wrong, case["id"])


def test_nothing_is_proposed_before_the_agreement(world: World) -> None:
    case = world.soon_to("negotiating")
    with pytest.raises(ValidationFailed) as early:
        proposed(world, case_id=case["id"])
    assert refused(early) == {"case_id": "nothing_agreed"}


def test_not_more_is_agreed_than_was_approved(world: World) -> None:
    case = world.soon_to("negotiating")
    said = {"agreement": "x", "signed_by": "王先生", "signed_on": "2026-03-02"}
    with pytest.raises(ValidationFailed) as more:
        world.do("agree_case", HANDLER, id=case["id"], amount_agreed="8000.01", **said)
    assert refused(more) == {"amount_agreed": "beyond_plan"}
    assert world.do("agree_case", HANDLER, id=case["id"], **said)["amount_agreed"] == "8000.00"


@pytest.mark.requirement("X-36.13", "X-45")
@pytest.mark.parametrize(
    ("amount", "expected"),
    [("999.99", "customer_centre"), ("1000", "company_manager"), ("5000", "responsible_leader")],
)
def test_the_amount_names_who_approves(world: World, amount: str, expected: str) -> None:
    admin = person("admin", "administrator", scope="group")
    bands = ({"amount_below": "1000", "to": "customer_centre"}, {"amount_from": "5000", "to": "responsible_leader"})
    for band in bands:
        row = {"kind": "compensation", "valid_from": "2026-01-01", "approver_role": band.pop("to")}
        world.do("add_authority_rule", admin, **row, **band)
    one = proposed(world, amount)
    world.do("submit_compensation", HANDLER, id=one["id"])
    (waiting,) = world.found("approval", record_id=one["id"])
    assert waiting["approver_role"] == expected
    for role in {"customer_centre", "company_manager", "responsible_leader"} - {expected}:
        with pytest.raises(AnjuError):
            world.do("approve_compensation", person("other", role), id=one["id"])
    assert world.do("approve_compensation", person("chief", expected), id=one["id"])["state"] == "approved"


@pytest.mark.requirement("X-36.13")
def test_a_rejected_one_is_proposed_anew(world: World) -> None:
    one = proposed(world)
    world.do("submit_compensation", HANDLER, id=one["id"])
    with pytest.raises(OwnSubmission):
        world.do("approve_compensation", person("han", "company_manager"), id=one["id"])
    with pytest.raises(ValidationFailed):
        world.do("reject_compensation", MANAGER, id=one["id"], reason="")
    world.do("reject_compensation", MANAGER, id=one["id"], reason="依据不足")
    again = {"basis": "协议第二条及票据", "amount": "6000", "payee": "王先生", "evidence": EVIDENCE}
    assert world.do("revise_compensation", HANDLER, id=one["id"], **again)["state"] == "proposed"
    world.do("submit_compensation", HANDLER, id=one["id"])
    rounds = world.found("approval", order="round", record_id=one["id"])
    assert [(row["round"], row["state"], row["amount"]) for row in rounds] == [
        (1, "rejected", "8000.00"),
        (2, "submitted", "6000.00"),
    ]
    assert rounds[0]["snapshot_hash"] != rounds[1]["snapshot_hash"]


def test_what_is_approved_cannot_be_changed(world: World) -> None:
    one = approved(world)
    again = {"basis": "x", "amount": "1", "payee": "别人", "evidence": EVIDENCE}
    with pytest.raises(IllegalMove):
        world.do("revise_compensation", HANDLER, id=one["id"], **again)


@pytest.mark.requirement("C-11")
def test_no_compensation_is_submitted_without_evidence(world: World) -> None:
    one = proposed(world)
    bare = {"basis": "x", "amount": "10", "payee": "王先生", "evidence": []}
    world.do("revise_compensation", HANDLER, id=one["id"], **bare)
    with pytest.raises(ValidationFailed) as missing:
        world.do("submit_compensation", HANDLER, id=one["id"])
    assert refused(missing) == {"evidence": "evidence_needed"}


@pytest.mark.parametrize(("paid_on", "code"), [("2026-03-03", "in_the_future"), ("2026-03-01", "before_approval")])
def test_the_day_of_the_payment(world: World, paid_on: str, code: str) -> None:
    one = approved(world)
    with pytest.raises(ValidationFailed) as wrong:
        world.do("pay_compensation", FINANCE, id=one["id"], **{**PAID, "paid_on": paid_on})
    assert refused(wrong) == {"paid_on": code}


@pytest.mark.requirement("C-52", "C-64")
def test_a_case_is_not_checked_while_a_compensation_is_unpaid(world: World) -> None:
    case = world.soon_to("executing")
    one = approved(world, case_id=case["id"])
    with pytest.raises(IllegalMove) as open_one:
        world.to("checked", case["id"])
    assert (open_one.value.code, open_one.value.params["numbers"]) == ("compensation_open", one["number"])
    world.do("pay_compensation", FINANCE, id=one["id"], **PAID)
    world.to("checked", case["id"])


@pytest.mark.requirement("C-129")
def test_amounts_by_cause(world: World) -> None:
    case = world.soon_to("agreed", placed={"responsible_party": "contractor"})
    one = approved(world, amount="3000", case_id=case["id"])
    world.do("pay_compensation", FINANCE, id=one["id"], **PAID)
    proposed(world, "2000", one["case_id"])
    dropped = proposed(world, "100", one["case_id"])
    world.do("withdraw_compensation", HANDLER, id=dropped["id"], reason="x")
    other = world.placed("agreed", category="delivery", responsible_party="developer", amount_agreed=500)
    proposed(world, "500", other, evidence=EVIDENCE)
    rows = run(world, "compensation_by_cause", FINANCE)
    figures = ("category", "responsible_party", "compensations", "paid", "amount_paid", "amount_open")
    assert [tuple(row["values"][name] for name in figures) for row in rows] == [
        ("delivery", "developer", 1, 0, "0.00", "500.00"),
        ("fee", "contractor", 3, 1, "3000.00", "2000.00"),
    ]
    for row in rows:
        for count, filters in row["behind"].items():
            assert row["values"][count] == counted(world, "compensation_by_cause", filters, FINANCE)
