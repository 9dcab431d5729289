"""A referral through both services, each told what the other one announced: from the owner's word to the reward."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import inbox
from services.chassis.actors import SYSTEM
from services.chassis.tables import Outgoing
from services.chassis.wire import CONTENT_TYPE
from services.leads.homes import Home
from services.leads.portraits.statements import CustomerTag
from services.leads.service import SERVICE as LEADS
from services.membership.referrals import Referral
from services.membership.service import SERVICE as MEMBERSHIP
from tests.integration.leads.world import START, World, person

pytestmark = pytest.mark.integration
PHONE = "13900030001"
LIN, LEAD = person("lin", "sales_agent"), person("qian.jun", "site_sales_lead")


class Both:
    """Leads and membership at one moment; `hear` carries what each has told since to the other."""

    def __init__(self, folder: Path) -> None:
        self.sales = World(LEADS, f"sqlite:///{folder / 'leads.db'}")
        self.club = World(MEMBERSHIP, f"sqlite:///{folder / 'membership.db'}")
        self.heard = {self.sales: 0, self.club: 0}
        self.sales.service.found()
        self.sales.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})
        self.owner = self.customer("13900030000")
        self.sold = self.home()
        self.contract(self.owner, self.sold)
        self.hear()

    def customer(self, phone: str) -> str:
        told = {"kind": "person", "name": "王芳", "phone": phone, "project_id": "P01"}
        return str(self.sales.do("register_customer", told)["id"])

    def home(self) -> str:
        code = f"P01-{len(self.sales.all(Home)) + 1}"
        self.sales.do("set_up_home", {"code": code, "project_id": "P01", "building": "1", "unit": "1"})
        self.sales.do("open_sale_home", {"id": code, "opened_on": "2026-01-01", "price": "2000000"})
        return code

    def contract(self, uid: str, home: str) -> dict[str, Any]:
        deal = {"home_id": home, "uid": uid, "amount": "2000000", "signed_on": self.sales.now.date()}
        return self.sales.do("sign_contract", deal, by=LIN)

    def hear(self, now: bool = True) -> None:
        while now and sum(self._carry(*pair) for pair in ((self.sales, self.club), (self.club, self.sales))):
            pass

    def _carry(self, teller: World, hearer: World) -> int:
        with teller.service.reading(SYSTEM) as work:
            later = sa.select(Outgoing).where(Outgoing.position > self.heard[teller]).order_by(Outgoing.position)
            rows = list(work.session.scalars(later))
        wanted = [row.body for row in rows if row.name in hearer.service.reactions]
        hearer.take(*(inbox.Delivery(body.encode(), CONTENT_TYPE, "utf-8", {}) for body in wanted))
        self.heard[teller] = max((row.position for row in rows), default=self.heard[teller])
        return len(wanted)

    def close(self) -> None:
        self.sales.close()
        self.club.close()

    def at(self, days: int) -> None:
        for world in (self.sales, self.club):
            world.at(START + timedelta(days=days))


def recommend(both: Both) -> str:
    told = {"referrer_uid": both.owner, "project_id": "P01", "name": "周晓彤", "phone": PHONE}
    return str(both.club.do("register_referral", {**told, "has_consented": True, "channel": "telephone"})["id"])


def come(both: Both) -> str:
    said = {"name": "周晓彤", "phone": PHONE, "project_id": "P01", "been_before": False, "has_called": False}
    return str(both.sales.do("register_visit_entry", {**said, "is_recommended": True, "agent": "lin"}, by=LEAD)["uid"])


def reserve(both: Both, uid: str) -> dict[str, Any]:
    deal = {"uid": uid, "home_id": both.home(), "deposit": "50000", "has_withdrawal_clause": True}
    return both.sales.do("sign_reservation", deal, by=LIN)


@pytest.mark.requirement("B-51", "B-52", "B-53", "L-47", "L-74")
@pytest.mark.parametrize("promptly", [True, False], ids=["promptly", "late"])
def test_from_the_recommendation_to_the_reward(tmp_path: Path, promptly: bool) -> None:
    both = Both(tmp_path)
    referral_id = recommend(both)
    both.hear(promptly)
    both.at(1)
    uid = come(both)
    both.hear(promptly)
    deal = reserve(both, uid)
    both.hear(promptly)
    both.contract(uid, deal["home_id"])
    both.hear()
    referral = both.club.get(Referral, referral_id)
    assert (referral.state, referral.uid, referral.agent) == ("contracted", uid, "lin")
    assert (referral.reservation_id, referral.home_id) == (deal["id"], deal["home_id"])
    both.at(4)
    assert both.club.get(Referral, referral_id).state == "contracted", "signed on the 3rd: until 24:00 of the 6th"
    both.at(5)
    assert both.club.get(Referral, referral_id).state == "reward_due"
    both.club.do("reward_referral", {"id": referral_id, "kind": "gift", "gift": "茶具"})
    both.hear()
    (tag,) = [one for one in both.sales.all(CustomerTag) if one.tag == "referrer"]
    assert (tag.uid, tag.value) == (both.owner, "是")
    both.close()
