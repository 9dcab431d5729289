"""A sales floor with an owner who recommends friends, as the club tells of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.leads_sales import VisitRegistered
from services.contracts.events.membership_referrals import ReferralRegistered
from services.leads.customers import CustomerStage
from services.leads.reception.follow_ups import SalesFollowUp
from services.leads.referrals.register import ReferredCustomer
from tests.integration.leads.deals import LEAD, Floor, agent, on
from tests.integration.leads.world import World, delivery


class Site(Floor):
    """The sales floor with an owner whom `lin` served, and friends whom the owner recommends."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.owner = self.customer()
        self.visit(self.owner, "lin")
        self.reserve(self.owner, "lin")
        self.friends = 0

    def phone(self) -> str:
        """The telephone of somebody of whom nobody has heard."""
        self.friends += 1
        return f"139001{self.friends:05}"

    def news(self, phone: str, at: datetime | None = None, **more: Any) -> ReferralRegistered:
        """What the club tells of a recommendation."""
        self.friends += 1
        told = {"referral_id": f"rf-{self.friends}", "number": f"RF {self.friends}", "referrer_uid": self.owner}
        who = {"project_id": "P01", "name": "周晓彤", "phone": phone, "channel": "telephone"}
        return ReferralRegistered(**{**told, **who, "at": at or self.world.now, **more})

    def recommend(self, phone: str, at: datetime | None = None, **more: Any) -> str:
        """The club tells of it; the id of the referral."""
        told = self.news(phone, at, **more)
        self.world.take(delivery(told))
        return told.referral_id

    def match(self, phone: str, at: datetime | None = None, **more: Any) -> dict[str, Any]:
        """The same, and how it was matched."""
        referral_id = self.recommend(phone, at, **more)
        (told,) = self.about(ReferralMatched, referral_id)
        return told

    def refused(self, phone: str, at: datetime | None = None, **more: Any) -> tuple[str, str | None]:
        referral_id = self.recommend(phone, at, **more)
        (told,) = self.about(ReferralRefused, referral_id)
        assert self.about(ReferralMatched, referral_id) == []
        return told["cause"], told["uid"]

    def about(self, event: Any, referral_id: str) -> list[dict[str, Any]]:
        return [one for one in self.world.told(event) if one["referral_id"] == referral_id]

    def come(self, phone: str, by: str = "zhao", **more: Any) -> dict[str, Any]:
        intake = {"been_before": False, "has_called": False, "is_recommended": True, "project_id": "P01"}
        who = {"phone": phone, "name": "周晓彤"}
        return self.world.do("register_visit_entry", {**who, **intake, "agent": by, **more}, by=LEAD)

    def correct(self, visit: dict[str, Any], **more: Any) -> dict[str, Any]:
        said = {"corrects_id": visit["id"], "correction_reason": "登记有误", **more}
        return self.world.do("correct_visit_entry", said, by=LEAD)

    def referral_of(self, visit: dict[str, Any]) -> str | None:
        """Whose first visit it was told to be."""
        (told,) = [one for one in self.world.told(VisitRegistered) if one["visit_id"] == visit["id"]]
        referral_id: str | None = told["referral_id"]
        return referral_id

    def sign(self, uid: str, home: str, **more: Any) -> dict[str, Any]:
        deal = {"home_id": home, "uid": uid, "amount": "2000000", "signed_on": self.world.now.date(), **more}
        return self.world.do("sign_contract", deal, by=agent("lin"))

    def serving(self, uid: str) -> str | None:
        (stage,) = self.world.all(CustomerStage, CustomerStage.uid == uid)
        agent: str | None = stage.agent
        return agent

    def due(self, uid: str) -> list[SalesFollowUp]:
        """The calls that are due because of a referral."""
        return self.world.all(SalesFollowUp, SalesFollowUp.uid == uid, SalesFollowUp.cause == "referral")

    def of(self, referral_id: str) -> ReferredCustomer:
        found: ReferredCustomer = self.world.get(ReferredCustomer, referral_id)
        return found


@pytest.fixture(scope="module")
def site(shared: World) -> Site:
    return Site(shared)


@pytest.fixture(autouse=True)
def noon(site: Site) -> None:
    site.world.now = on(10, 12)
