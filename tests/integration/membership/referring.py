"""Referrals and what leads tells of them, for the tests of old brings new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.contracts.errors import ValidationFailed
from services.contracts.events import Event
from services.contracts.events.leads import ContractSigned, ContractTerminated
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.leads_sales import HomeReserved, ReservationCancelled, VisitRegistered
from services.membership.referrals import Referral
from tests.integration.leads.world import START, World, delivery
from tests.integration.membership.conftest import HOME, UID

FRIEND, OWN = "uid-2", "P01-3-2-1203"
#: Signed on 2 March: withdrawal until 24:00 of the 5th in Shanghai.
DEADLINE = datetime(2026, 3, 5, 16, tzinfo=UTC)


@pytest.fixture
def club(shared: World) -> World:
    """The club on a Monday morning, with the referrals of the tests before."""
    shared.now = START
    return shared


def recommend(club: World, **more: Any) -> dict[str, Any]:
    told = {"referrer_uid": UID, "project_id": "P01", "name": "周晓彤", "phone": "138 0013 8009"}
    return club.do("register_referral", {**told, "has_consented": True, "channel": "telephone", **more})


def refusal(club: World, command: str, payload: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refused:
        club.do(command, payload)
    return {field: found[0]["code"] for field, found in refused.value.errors.items()}


def of(event: type[Event], referral_id: str, **more: Any) -> Any:
    """An event of leads about a referral."""
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


def due(club: World, **more: Any) -> str:
    """A referral whose friend has bought and cannot withdraw any more."""
    made = recommend(club, **more)
    club.take(of(ContractSigned, made["id"], withdrawal_deadline=None))
    return str(made["id"])
