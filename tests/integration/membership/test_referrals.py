"""Old brings new: each row of the table, in any order, to the reward (B-51 to B-53)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.errors import ValidationFailed
from services.contracts.events import Event
from services.contracts.events.leads import ContractSigned, ContractTerminated, CustomerUpdated
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.leads_sales import CustomersMerged, HomeReserved, ReservationCancelled, VisitRegistered
from services.contracts.events.membership import HighValueCustomerDesignated
from services.contracts.events.membership_referrals import ReferralRegistered, ReferralRewarded, ReferralVoided
from services.membership import referrals as steps
from services.membership.profiles import Profile
from services.membership.purchases import Purchase
from services.membership.referrals import UNREWARDED, Referral, referrals
from services.membership.service import SERVICE
from tests.integration.leads.world import START, World, delivery, refused_everywhere
from tests.integration.membership.conftest import HOME, UID, tell, told_home

pytestmark = pytest.mark.integration
FRIEND, OWN = "uid-2", "P01-3-2-1203"
#: Signed on 2 March: withdrawal until 24:00 of the 5th in Shanghai.
DEADLINE = datetime(2026, 3, 5, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACE = {"project_id": "P01", "company_id": "C01"}
BASE = {
    "number": "RF 1",
    "referrer_uid": UID,
    "name": "周晓彤",
    "phone": "13800138009",
    "uid": FRIEND,
    "has_consented": True,
    "channel": "telephone",
    **PLACE,
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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def club(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One club for all tests of this module, once on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('referrals') / 'membership.db'}"
    else:
        url = request.getfixturevalue("postgres").new_database().replace("postgresql://", "postgresql+psycopg2://")
    opened = World(SERVICE, url)
    tell(opened)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _morning(club: World) -> None:
    club.now = START


def recommend(club: World, **more: Any) -> dict[str, Any]:
    told = {"referrer_uid": UID, "project_id": "P01", "name": "周晓彤", "phone": "138 0013 8009"}
    return club.do("register_referral", {**told, "has_consented": True, "channel": "telephone", **more})


def refusal(club: World, command: str, payload: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refused:
        club.do(command, payload)
    return {field: found[0]["code"] for field, found in refused.value.errors.items()}


def of(event: type[Event], referral_id: str, **more: Any) -> Any:
    """An event of leads about a referral of this module."""
    who = {"uid": FRIEND, "project_id": "P01", "agent": "zhao.min"}
    facts: dict[type[Event], dict[str, Any]] = {
        ReferralMatched: {"uid": FRIEND, "agent": "lin.xue"},
        ReferralRefused: {"cause": "active_customer"},
        VisitRegistered: {"visit_id": f"v-{referral_id}", "kind": "first", "at": START, **who},
        HomeReserved: {
            "reservation_id": f"r-{referral_id}",
            "home_id": HOME,
            "deposit": 5,
            "signed_at": START,
            **who,
            "withdrawal_deadline": DEADLINE,
        },
        ReservationCancelled: {
            "reservation_id": f"r-{referral_id}",
            "home_id": HOME,
            "uid": FRIEND,
            "within_window": True,
        },
        ContractSigned: {
            "contract_id": f"c-{referral_id}",
            "number": "CT 1",
            "home_id": HOME,
            "uid": FRIEND,
            "amount": 100,
            "withdrawal_deadline": DEADLINE,
        },
        ContractTerminated: {
            "contract_id": f"c-{referral_id}",
            "number": "CT 1",
            "home_id": HOME,
            "uid": FRIEND,
            "reason": "退房",
        },
    }
    return delivery(event(**{"referral_id": referral_id, **facts[event], **more}))


def kept(club: World, referral_id: str) -> dict[str, Any]:
    """What the register says in the end, without what differs from referral to referral."""
    referral = club.get(Referral, referral_id)
    names = ("state", "uid", "agent", "home_id", "withdrawal_deadline", "void_cause")
    ids = {name: getattr(referral, name) is not None for name in ("visit_id", "reservation_id", "contract_id")}
    return {**{name: getattr(referral, name) for name in names}, **ids}


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


def due(club: World) -> str:
    made = recommend(club)
    club.take(of(ContractSigned, made["id"], withdrawal_deadline=None))
    return str(made["id"])


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
    club.take(delivery(CustomerUpdated(uid="me", record_version=1, name="王芳", lifecycle_stage="owner")))
    made = recommend(club, referrer_uid="me")
    club.take(of(ReferralMatched, made["id"], uid="me-too"))
    merged = CustomersMerged(surviving_uid="me", merged_uids=["me-too"], decided_by="zheng.jie", at=START)
    club.take(delivery(merged))
    assert (kept(club, made["id"])["state"], kept(club, made["id"])["void_cause"]) == ("void", "self_referral")


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


@pytest.mark.requirement("L-74", "B-84")
def test_nothing_is_expected_of_a_cancelled_reservation(club: World) -> None:
    made = recommend(club)
    club.take(of(HomeReserved, made["id"], home_id="P01-3-2-1202"))
    assert club.get(Purchase, f"r-{made['id']}").state == "counted"
    club.take(of(ReservationCancelled, made["id"]))
    assert club.get(Purchase, f"r-{made['id']}").state == "over"
