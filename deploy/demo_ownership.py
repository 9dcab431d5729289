"""Demo data of ownership: protections in all states, a disputed split, what the director is asked to decide."""

from __future__ import annotations

from typing import Any

from deploy.demo_estate import Estate
from deploy.demo_story import Told

ZHAO, LIN, GAO, FANG = "zhao.min", "lin.xue", "gao.peng", "fang.hui"
LEAD, DIRECTOR = "qian.jun", "sun.li"
#: key: name, telephone
VISITORS = {
    "open_call": ("孟繁星", "13600047001"),
    "first": ("杜若飞", "13600047002"),
    "again": ("江明月", "13600047003"),
    "two": ("宋雨桐", "13600047004"),
    "late": ("罗嘉伟", "13600047005"),
    "back": ("韦晓东", "13600047006"),
    "moved": ("苏文静", "13600047007"),
    "bought": ("唐宏伟", "13600047008"),
}
CALLED = {"source": "telephone", "is_invited": True}
INTAKE = {"been_before": False, "has_called": False, "is_recommended": False}
DAY = -24.0


class Ownership:
    """Whose customers came when, and what they bought."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story
        self.customers: dict[str, Told] = {}

    def tell_all(self) -> None:
        """The customers with their contacts, one after the other, then the deals."""
        for key, (name, phone) in VISITORS.items():
            known = {"name": name, "phone": phone, "project_id": "P01", "source": "telephone"}
            told = self.tell.begin("leads/customer", "register", LEAD, f"visitor.{key}", kind="person", **known)
            self.customers[key] = told
        self.call("open_call", ZHAO, 2)
        self.visit("first", ZHAO, 12.5)
        self.visit("again", LIN, 9)
        self.visit("again", LIN, 2)
        self.visit("two", GAO, 8)
        self.visit("two", ZHAO, 3)
        self.visit("late", FANG, 20)
        self.visit("back", GAO, 5)
        self.call("back", LIN, 6)
        self.visit("back", FANG, 4, named_agent=LIN, how_named="by_name", deputy=FANG)
        self.visit("moved", FANG, 6)
        self.transfer()
        self.sell()
        self.ask()

    def call(self, key: str, by: str, days_ago: float) -> None:
        """A call that an agent took, written into the register later."""
        at = self.tell.moment(hours=DAY * days_ago)
        about = {"uid": self.customers[key], "project_id": "P01", "at": at, "agent": by}
        self.tell.begin("leads/call_entry", "register", LEAD, f"call.{key}.{days_ago}", **CALLED, **about)

    def visit(self, key: str, by: str, days_ago: float, **more: Any) -> None:
        """A visit that an agent received, written into the register later."""
        at = self.tell.moment(hours=DAY * days_ago)
        about = {"uid": self.customers[key], "project_id": "P01", "at": at, "agent": by}
        self.tell.begin("leads/visit_entry", "register", LEAD, f"visit.{key}.{days_ago}", **INTAKE, **about, **more)

    def transfer(self) -> None:
        """One customer goes to another agent with the director's approval; a second request waits."""
        asked = {"project_id": "P01", "giver": FANG, "taker": ZHAO, "why": "方慧下周起调往锦绣城。"}
        moved = self.customers["moved"]
        granted = self.tell.begin("leads/ownership_exception", "request", LEAD, "exception.moved", uid=moved, **asked)
        granted.move("grant", DIRECTOR)

    def sell(self) -> None:
        """A deal inside another agent's call window: half each, and one of them disputes it."""
        self.call("bought", LIN, 4)
        self.visit("bought", GAO, 2)
        reservation = self.tell.begin(
            *("leads/reservation", "sign", GAO, "reservation.bought"),
            home_id=self.estate.homes["P01-3-2-0901"],
            uid=self.customers["bought"],
            deposit="50000.00",
            agreement="RG-2026-0118",
            terms_version="2026-03",
            has_withdrawal_clause=True,
        )
        split = self.tell.found("leads/split_decision", LEAD, "split.bought", deal_id=reservation.id)
        claim = "客户到访后由我全程接待并促成认购，来电人未再跟进。"
        dispute = self.tell.begin(
            *("leads/split_dispute", "raise_claim", GAO, "dispute.bought"), decision_id=split, claim=claim
        )
        dispute.move("answer", LIN, statement="来电当天已邀约客户到访，登记可查。")

    def ask(self) -> None:
        """A discount that waits for the director, and a name transfer that was refused."""
        home, buyer = self.estate.homes["P01-3-2-0901"], self.customers["bought"]
        about: dict[str, Any] = {"home_id": home, "uid": buyer, "agent": GAO}
        self.tell.begin(
            *("leads/restricted_request", "submit", LEAD, "request.discount"),
            function="discount",
            discount="60000.00",
            why="客户一次性付款，申请总价优惠六万元。",
            **about,
        )
        refused = self.tell.begin(
            *("leads/restricted_request", "submit", LEAD, "request.transfer"),
            function="name_transfer",
            new_uid=self.customers["again"],
            why="客户希望签约时更名为亲属。",
            **about,
        )
        refused.move("refuse", DIRECTOR, reason="认购后不得更名，请按退订办理。")
