"""Sale contracts: what is signed, what is refused, and how a contract ends before the handover (L-76, L-77)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.contracts.errors import Conflict, OwnSubmission, ValidationFailed
from services.contracts.events.leads import ContractSigned, ContractTerminated, HomeUpdated
from services.leads.contracts import Contract, contracts
from services.leads.customers import Customer
from services.leads.handovers import Handover
from services.leads.homes import Home
from tests.integration.leads.world import START, World, person, refused_everywhere

LEAD, DIRECTOR = person("wu.gang", "site_sales_lead"), person("he.min", "sales_director")


@pytest.mark.requirement("L-76", "X-72", "X-77")
def test_a_signed_contract_makes_a_prospective_owner(estate: Any, world: World) -> None:
    signed = estate.sign(is_mortgaged=True, bank="建设银行", loan_amount="1000000", planned_handover="2026-12-31")
    assert signed["number"] == "CT 2026-P01-000001"
    (told,) = world.told(ContractSigned)
    assert (told["contract_id"], told["home_id"], told["uid"]) == (signed["id"], estate.home_id, estate.uid)
    assert (told["amount"], told["planned_handover"]) == ("2000000.00", "2026-12-31")
    home = world.get(Home, estate.home_id)
    assert (home.state, home.owner_uid) == ("contracted", estate.uid)
    assert world.told(HomeUpdated)[-1]["owner_uid"] == estate.uid
    assert world.get(Customer, estate.uid).lifecycle_stage == "contracted"


@pytest.mark.requirement("L-65")
def test_a_home_is_sold_once(estate: Any, world: World) -> None:
    estate.sign()
    with pytest.raises(ValidationFailed) as refusal:
        estate.sign(uid=estate.customer("13900139000"))
    assert refusal.value.errors["home_id"][0] == {"code": "not_for_sale", "params": {"state": "contracted"}}
    assert len(world.all(Contract)) == 1


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"signed_on": START.date() + timedelta(days=1)}, "signed_on", "in_the_future"),
        ({"is_mortgaged": True}, "bank", "required"),
        ({"is_guaranteed": True}, "is_guaranteed", "not_mortgaged"),
        ({"is_mortgaged": True, "bank": "建行", "loan_amount": "2000000.01"}, "loan_amount", "loan_above_price"),
        ({"home_id": "P01-none"}, "home_id", "unknown_reference"),
        ({"uid": "nobody"}, "uid", "unknown_reference"),
    ],
)
def test_what_is_not_signed(estate: Any, world: World, given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        estate.sign(**given)
    assert refusal.value.errors[field][0]["code"] == code
    assert world.get(Home, estate.home_id).state == "on_sale"


@pytest.mark.requirement("L-77")
def test_the_director_ends_a_contract_and_all_that_was_planned(sold: Any, world: World) -> None:
    contract = world.all(Contract)[0]
    sold.handover("booked")
    with pytest.raises(Conflict):
        world.do("terminate_contract", {"id": contract.id}, by=DIRECTOR)
    world.do("request_termination_contract", {"id": contract.id, "reason": "贷款未批"}, by=LEAD)
    world.do("keep_contract", {"id": contract.id, "reason": "先换银行"}, by=DIRECTOR)
    world.do("request_termination_contract", {"id": contract.id, "reason": "仍未批"}, by=LEAD)
    world.do("terminate_contract", {"id": contract.id}, by=DIRECTOR)
    (told,) = world.told(ContractTerminated)
    assert (told["contract_id"], told["home_id"], told["reason"]) == (contract.id, sold.home_id, "仍未批")
    home = world.get(Home, sold.home_id)
    assert (home.state, home.owner_uid) == ("on_sale", None)
    assert [one.state for one in world.all(Handover)] == ["cancelled"]
    assert world.get(Customer, sold.uid).lifecycle_stage == "interested"
    assert sold.sign(uid=sold.customer("13900139000"))["state"] == "signed"


@pytest.mark.requirement("X-44")
def test_nobody_ends_the_contract_that_they_asked_to_end(estate: Any, world: World) -> None:
    both = person("he.min", "site_sales_lead", "sales_director")
    contract = estate.sign()
    world.do("request_termination_contract", {"id": contract["id"], "reason": "自愿"}, by=both)
    with pytest.raises(OwnSubmission):
        world.do("terminate_contract", {"id": contract["id"]}, by=both)


@pytest.mark.requirement("L-77")
def test_after_the_handover_a_contract_does_not_end(sold: Any, world: World) -> None:
    sold.handover("completed")
    contract = world.all(Contract)[0]
    with pytest.raises(Conflict):
        world.do("request_termination_contract", {"id": contract.id, "reason": "后悔"}, by=LEAD)


def test_every_other_pair_is_refused(estate: Any, world: World) -> None:
    tried = refused_everywhere(
        world,
        contracts,
        number=lambda n: f"CT {n}",
        home_id=lambda n: f"H{n}",
        uid=estate.uid,
        signed_on=START.date(),
        amount=1,
        is_mortgaged=False,
        is_guaranteed=False,
        project_id="P01",
        company_id="C01",
    )
    assert tried == 8
