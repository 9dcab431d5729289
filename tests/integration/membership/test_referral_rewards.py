"""The reward of old brings new, and the value of whoever brings a buyer (B-52, B-53, B-82)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.events.leads import ContractSigned, ContractTerminated
from services.contracts.events.leads_sales import HomeReserved
from services.contracts.events.membership import HighValueCustomerDesignated, HighValueCustomerRevoked
from services.contracts.events.membership_referrals import ReferralRewarded
from services.membership.profiles import Profile
from services.membership.referrals import Referral
from tests.integration.leads.world import START, World
from tests.integration.membership.conftest import UID, told_customer, told_home
from tests.integration.membership.news import SECOND, buys, ends, hear
from tests.integration.membership.referring import DEADLINE, OWN, club, due, kept, of, recommend, refusal

pytestmark = pytest.mark.integration
__all__ = ["club"]


@pytest.mark.requirement("B-52", "B-82")
def test_the_reward_is_due_when_nobody_can_withdraw_any_more(club: World) -> None:
    made = recommend(club, referrer_uid="uid-3")
    club.take(of(HomeReserved, made["id"]), of(ContractSigned, made["id"]))
    club.at(DEADLINE - SECOND)
    assert kept(club, made["id"])["state"] == "contracted"
    assert club.all(Task, Task.record_id == made["id"]) == []
    club.at(DEADLINE)
    assert kept(club, made["id"])["state"] == "reward_due"
    (task,) = club.all(Task, Task.record_id == made["id"])
    assert (task.subject, task.role, task.state) == ("referral_reward_due", "club_officer", "open")
    assert club.get(Profile, "uid-3").state == "high_value", "who brings a buyer is of high value"
    assert [one["reason"] for one in club.told(HighValueCustomerDesignated) if one["uid"] == "uid-3"] == [
        made["number"]
    ]


@pytest.mark.requirement("B-52")
def test_without_a_withdrawal_window_the_reward_is_due_at_the_contract(club: World) -> None:
    made = recommend(club)
    club.take(of(ContractSigned, made["id"], withdrawal_deadline=None))
    assert kept(club, made["id"])["state"] == "reward_due"


@pytest.mark.requirement("B-52", "B-53")
def test_the_reward_is_two_years_of_property_fee_and_is_told(club: World) -> None:
    referral_id = due(club)
    assert refusal(club, "reward_referral", {"id": referral_id}) == {"fee_home_id": "required"}
    others = {"id": referral_id, "fee_home_id": OWN, "points": 5}
    assert refusal(club, "reward_referral", others) == {"points": "another_reward"}
    club.take(told_home("P01-9", owner_uid="uid-3"))
    assert refusal(club, "reward_referral", {"id": referral_id, "fee_home_id": "P01-9"}) == {
        "fee_home_id": "not_the_referrers_home"
    }
    rewarded = club.do("reward_referral", {"id": referral_id, "fee_home_id": OWN})
    assert (rewarded["state"], rewarded["reward"], rewarded["fee_years"]) == ("rewarded", "property_fee", 2)
    assert (rewarded["rewarded_by"], rewarded["rewarded_at"]) == ("li.na", "2026-03-02T02:00:00Z")
    (told,) = [one for one in club.told(ReferralRewarded) if one["referral_id"] == referral_id]
    assert (told["referrer_uid"], told["kind"], told["value"], told["fee_home_id"]) == (UID, "property_fee", "2", OWN)
    (task,) = club.all(Task, Task.record_id == referral_id)
    assert task.state == "done"


@pytest.mark.requirement("B-52", "B-53")
@pytest.mark.parametrize(("kind", "given", "value"), [("points", 8000, "8000"), ("gift", "茶具一套", "茶具一套")])
def test_points_or_a_gift_instead(club: World, kind: str, given: Any, value: str) -> None:
    referral_id = due(club)
    assert refusal(club, "reward_referral", {"id": referral_id, "kind": kind}) == {kind: "required"}
    rewarded = club.do("reward_referral", {"id": referral_id, "kind": kind, kind: given})
    assert (rewarded["reward"], rewarded[kind], rewarded["fee_years"]) == (kind, given, None)
    assert [one["value"] for one in club.told(ReferralRewarded) if one["referral_id"] == referral_id] == [value]


@pytest.mark.requirement("B-53", "X-58")
def test_the_years_are_data(club: World) -> None:
    command = next(name for name in club.service.commands if name.startswith("establish_"))
    club.now = START - timedelta(days=900)
    figure = {"parameter": "referral.reward_fee", "reason": "活动"}
    club.do(command, {**figure, "value": "3", "valid_from": START - timedelta(days=800)})
    club.do(command, {**figure, "value": "2", "valid_from": START - timedelta(days=700)})
    referral_id = due(club)
    club.now = START - timedelta(days=750)
    assert club.do("reward_referral", {"id": referral_id, "fee_home_id": OWN})["fee_years"] == 3


@pytest.mark.requirement("B-52")
def test_the_officer_cancels_with_a_reason_and_a_rewarded_one_is_reviewed(club: World) -> None:
    made, paid = recommend(club), due(club)
    assert refusal(club, "cancel_referral", {"id": made["id"]}) == {"reason": "required"}
    assert club.do("cancel_referral", {"id": made["id"], "reason": "客户不愿被联系"})["void_cause"] == "cancelled"
    club.do("reward_referral", {"id": paid, "kind": "gift", "gift": "茶具"})
    club.take(of(ContractTerminated, paid))
    assert kept(club, paid)["state"] == "rewarded"
    assert [one.subject for one in club.all(Task, Task.record_id == paid, Task.state == "open")] == [
        "rewarded_referral_ended"
    ]


@pytest.mark.requirement("B-82")
def test_high_value_ends_with_the_last_deal_that_it_was_for(club: World) -> None:
    club.take(told_customer("giver"))
    first, second = due(club, referrer_uid="giver"), due(club, referrer_uid="giver")

    def after_the_end_of(referral_id: str) -> str:
        club.take(of(ContractTerminated, referral_id))
        assert kept(club, referral_id)["state"] == "void"
        return str(club.get(Profile, "giver").state)

    assert after_the_end_of(first) == "high_value", "the second friend has bought"
    assert after_the_end_of(second) == "ordinary"
    (revoked,) = [one for one in club.told(HighValueCustomerRevoked) if one["uid"] == "giver"]
    assert revoked["reason"] == club.get(Referral, second).number
    third = due(club, referrer_uid="giver")
    hear(club, buys("giver", OWN, "10000000.00"))
    assert after_the_end_of(third) == "high_value", "they have bought in the class themselves"
    hear(club, ends("giver", OWN))


@pytest.mark.requirement("B-82")
def test_high_value_for_another_reason_outlives_the_deal(club: World) -> None:
    club.take(told_customer("magnate"))
    hear(club, buys("magnate", OWN, "10000000.00"), ends("magnate", OWN))
    club.take(of(ContractTerminated, due(club, referrer_uid="magnate")))
    assert club.get(Profile, "magnate").state == "high_value"
