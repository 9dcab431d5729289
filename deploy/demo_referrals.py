"""Demo data of old brings new: a referral at every step, one that is rewarded and one that came to nothing."""

from __future__ import annotations

from deploy.demo_estate import ADMIN, PROJECT, Estate
from deploy.demo_story import Told

CLUB, LEAD, AGENT = "zhang.yi", "qian.jun", "zhao.min"
#: key: name, telephone, referrer, how the club heard of it
FRIENDS = {
    "new": ("方晓雯", "13600051001", "chen", "mini_program"),
    "came": ("邵明轩", "13600051002", "liu", "telephone"),
    "reserved": ("于海洋", "13600051003", "huang", "activity"),
    "bought": ("梁嘉怡", "13600051004", "chen", "community_group"),
    "rewarded": ("袁思远", "13600051005", "huang", "telephone"),
    "self": ("陈先生", "13900010001", "chen", "telephone"),
}


class Referrals:
    """Owners recommend their friends, who come, reserve and buy."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """Each as far as it has come."""
        self.recommend("new")
        self.recommend("self")
        self.come("came")
        self.reserve("reserved", "P01-6-1-0301")
        home, buyer = self.reserve("bought", "P01-6-1-0501")
        self.buy("bought", home, buyer)
        home, buyer = self.home("P01-6-1-0701"), self.come("rewarded")
        self.buy("rewarded", home, buyer)
        bought = {"uid": buyer, "state": ["reward_due", "rewarded"]}
        due = self.tell.found("membership/referral", CLUB, "reward", **bought)
        due.move("reward", CLUB, fee_home_id=self.estate.homes["P01-3-1-1102"])

    def recommend(self, key: str) -> Told:
        """The club writes it down; the friend agreed to be called."""
        name, phone, referrer, channel = FRIENDS[key]
        told = {"name": name, "phone": phone, "has_consented": True, "channel": channel, "project_id": "P01"}
        whose = {"referrer_uid": self.estate.customers[referrer]}
        return self.tell.begin("membership/referral", "register", CLUB, f"referral.{key}", **told, **whose)

    def come(self, key: str) -> str:
        """The friend comes to the sales site, as soon as sales have heard of them; who they are."""
        referral = self.recommend(key)
        given = self.tell.found("leads/referred_customer", LEAD, f"given.{key}", referral_id=referral.id)
        about = {"uid": given.record["uid"], "project_id": "P01", "been_before": False, "has_called": False}
        came = {"is_recommended": True, "agent": AGENT}
        self.tell.begin("leads/visit_entry", "register", LEAD, f"referred.{key}", **came, **about)
        return str(about["uid"])

    def home(self, code: str) -> Told:
        """A home that can be had."""
        place = {"project_id": "P01", "phase": "一期", "building": "6幢", "unit": "1单元", "unit_type": "三室两厅"}
        home = self.tell.begin("leads/home", "set_up", ADMIN, code, code=code, area="118.60", **place)
        return home.move("open_sale", PROJECT, opened_on=self.tell.day(-30), price="3360000.00")

    def reserve(self, key: str, code: str) -> tuple[Told, str]:
        """The friend takes a home, and may withdraw for some days."""
        home, buyer = self.home(code), self.come(key)
        paper = {"agreement": f"RG-2026-{code[-4:]}", "terms_version": "2026-03", "has_withdrawal_clause": True}
        taken = {"home_id": home, "uid": buyer, "deposit": "50000.00"}
        self.tell.begin("leads/reservation", "sign", AGENT, f"reservation.referred.{key}", **taken, **paper)
        return home, buyer

    def buy(self, key: str, home: Told, buyer: str) -> None:
        """The friend buys it."""
        deal = {"home_id": home, "uid": buyer, "amount": "3360000.00", "signed_on": self.tell.day(0)}
        self.tell.begin("leads/contract", "sign", AGENT, f"contract.referred.{key}", **deal)
