"""Old brings new: each row of the table, in any order (B-51, B-52)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from services.contracts.events import Event
from services.contracts.events.leads import ContractSigned, ContractTerminated, CustomerUpdated
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.leads_sales import HomeReserved, ReservationCancelled, VisitRegistered
from services.contracts.events.membership_referrals import ReferralRegistered, ReferralVoided
from services.membership import referrals as steps
from services.membership.purchases import Purchase
from services.membership.referrals import UNREWARDED, Referral, referrals
from tests.integration.leads.world import World, delivery, refused_everywhere
from tests.integration.membership.conftest import HOME, UID, told_customer
from tests.integration.membership.news import hear, merged
from tests.integration.membership.referring import DEADLINE, FRIEND, OWN, club, kept, of, recommend, refusal

pytestmark = pytest.mark.integration
__all__ = ["club"]
BASE = {
    "number": "RF 1",
    "referrer_uid": UID,
    "name": "周晓彤",
    "phone": "13800138009",
    "uid": FRIEND,
    "has_consented": True,
    "channel": "telephone",
    "project_id": "P01",
    "company_id": "C01",
}
ROWS: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("registered", "matched", steps.match, {"uid": FRIEND}),
    ("matched", "visited", steps.visit, {}),
    ("matched", "reserved", steps.reserve, {}),
    ("visited", "reserved", steps.reserve, {}),
    *((origin, "contracted", steps.contract, {}) for origin in ("matched", "visited", "reserved")),
    ("contracted", "reward_due", steps.fall_due, {}),
    ("reward_due", "rewarded", "reward_referral", {"fee_home_id": OWN}),
    *((origin, "void", "cancel_referral", {"reason": "客户改变主意"}) for origin in UNREWARDED),
]


@pytest.mark.requirement("B-52")
def test_the_declaration_has_these_rows_and_no_other() -> None:
    declared = {(origin, to) for command, froms, to in referrals.transitions for origin in froms}
    assert declared == {(origin, to) for origin, to, _, _ in ROWS}


@pytest.mark.requirement("B-52")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_row_is_legal(club: World, row: tuple[str, str, Any, dict[str, Any]]) -> None:
    origin, to, command, payload = row
    record = club.add(referrals, origin, **BASE)
    if isinstance(command, str):
        club.do(command, {"id": record.id, **payload})
    else:
        club.perform(command, record.id, **payload)
    assert club.get(Referral, record.id).state == to


@pytest.mark.requirement("B-52")
def test_every_other_pair_is_refused(club: World) -> None:
    pairs = len(referrals.states) * len([move for move in referrals.moves.values() if move.kind != "create"])
    always = [move for move in referrals.moves.values() if move.kind == "change"]
    legal = sum(len(move.origin) for move in referrals.moves.values()) + len(always) * len(referrals.states)
    assert refused_everywhere(club, referrals, **BASE) == pairs - legal


@pytest.mark.requirement("B-51", "B-52")
def test_a_recommendation_is_told_with_what_leads_needs(club: World) -> None:
    made = recommend(club)
    (told,) = [one for one in club.told(ReferralRegistered) if one["referral_id"] == made["id"]]
    assert told == {
        "referral_id": made["id"],
        "number": made["number"],
        "referrer_uid": UID,
        "project_id": "P01",
        "name": "周晓彤",
        "phone": "138 0013 8009",
        "channel": "telephone",
        "at": "2026-03-02T02:00:00Z",
    }
    assert (made["state"], made["phone"], made["has_consented"]) == ("registered", "138****8009", True)


@pytest.mark.requirement("B-51", "B-52")
def test_who_recommends_owns_or_is_a_member_and_who_is_recommended_agreed(club: World) -> None:
    assert refusal(club, "register_referral", {**_given(), "referrer_uid": "nobody"}) == {
        "referrer_uid": "unknown_reference"
    }
    club.take(delivery(CustomerUpdated(uid="guest", record_version=1, name="李雷", lifecycle_stage="interested")))
    told = {**_given(), "referrer_uid": "guest"}
    assert refusal(club, "register_referral", told) == {"referrer_uid": "neither_owner_nor_member"}
    invited = club.do("invite_member", {"uid": "guest", "project_id": "P01"})
    assert refusal(club, "register_referral", told) == {"referrer_uid": "neither_owner_nor_member"}
    club.do("join_member", {"id": invited["id"], "channel": "sms"})
    assert club.do("register_referral", told)["state"] == "registered"
    club.take(delivery(CustomerUpdated(uid="buyer", record_version=1, name="韩梅梅", lifecycle_stage="contracted")))
    assert recommend(club, referrer_uid="buyer")["state"] == "registered"
    assert refusal(club, "register_referral", {**_given(), "has_consented": False}) == {
        "has_consented": "consent_needed"
    }


def _given() -> dict[str, Any]:
    told = {"referrer_uid": UID, "project_id": "P01", "name": "周晓彤", "phone": "13800138009"}
    return {**told, "has_consented": True, "channel": "telephone"}


BOUGHT = (ReferralMatched, VisitRegistered, HomeReserved, ContractSigned)
WITHDRAWN = (ReferralMatched, HomeReserved, ReservationCancelled)
ENDED = (ReferralMatched, ContractSigned, ContractTerminated)


@pytest.mark.requirement("B-52")
@pytest.mark.parametrize(
    ("events", "state", "cause"),
    [
        (BOUGHT, "contracted", None),
        (WITHDRAWN, "void", "reservation_cancelled"),
        (ENDED, "void", "contract_terminated"),
    ],
    ids=["bought", "withdrawn", "ended"],
)
def test_in_whatever_order_it_is_told_the_register_ends_the_same(
    club: World, events: tuple[type[Event], ...], state: str, cause: str | None
) -> None:
    found = []
    for order in itertools.permutations(events):
        made = recommend(club)
        club.take(*(of(event, made["id"]) for event in order))
        found.append(kept(club, made["id"]))
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["void_cause"], found[0]["uid"]) == (state, cause, FRIEND)
    assert found[0]["agent"] == "lin.xue"


@pytest.mark.requirement("B-52")
def test_what_leads_had_seen_before_it_heard_of_the_referral_counts(club: World) -> None:
    before = {"visit_id": "v9", "reservation_id": "r9", "home_id": HOME, "withdrawal_deadline": DEADLINE}
    seen, bought = recommend(club), recommend(club)
    club.take(of(ReferralMatched, seen["id"], visit_id="v9"))
    assert kept(club, seen["id"])["state"] == "visited"
    club.take(of(ReferralMatched, bought["id"], **before, contract_id="c9"))
    in_time = recommend(club)
    club.take(*(of(event, in_time["id"]) for event in BOUGHT))
    assert kept(club, bought["id"]) == kept(club, in_time["id"])


@pytest.mark.requirement("B-52")
@pytest.mark.parametrize("cause", ["self_referral", "active_customer", "referred_already", "invalid_phone"])
def test_whom_leads_refuses_is_nobody_new(club: World, cause: str) -> None:
    made = recommend(club)
    refused = of(ReferralRefused, made["id"], cause=cause)
    club.take(refused, refused)
    assert (kept(club, made["id"])["state"], kept(club, made["id"])["void_cause"]) == ("void", cause)
    told = [one for one in club.told(ReferralVoided) if one["referral_id"] == made["id"]]
    assert [one["cause"] for one in told] == [cause]


@pytest.mark.requirement("B-52")
def test_who_turns_out_to_have_recommended_themselves_gets_nothing(club: World) -> None:
    club.take(told_customer("me"))
    made = recommend(club, referrer_uid="me")
    club.take(of(ReferralMatched, made["id"], uid="me-too"))
    hear(club, merged("me", "me-too"))
    assert (kept(club, made["id"])["state"], kept(club, made["id"])["void_cause"]) == ("void", "self_referral")


@pytest.mark.requirement("L-74", "B-84")
def test_nothing_is_expected_of_a_cancelled_reservation(club: World) -> None:
    made = recommend(club)
    club.take(of(HomeReserved, made["id"], home_id="P01-3-2-1202"))
    assert club.get(Purchase, f"r-{made['id']}").state == "counted"
    club.take(of(ReservationCancelled, made["id"]))
    assert club.get(Purchase, f"r-{made['id']}").state == "over"
