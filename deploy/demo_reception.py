"""Demo data of the sales floor: a week of calls and visits, what followed them, an objection and its new script."""

from __future__ import annotations

from typing import Any

from deploy.demo_estate import Estate
from deploy.demo_story import Told

LEAD, MARKETING, HOTLINE = "qian.jun", "zhou.yan", "han.mei"
PEOPLE = {
    "he": ("何雨桐", "13900020001"),
    "luo": ("罗志远", "13900020002"),
    "tan": ("谭晓燕", "13900020003"),
    "peng": ("彭建华", "13900020004"),
    "su": ("苏静怡", "13900020005"),
    "cai": ("蔡明辉", "13900020006"),
    "han": ("韩秋实", "13900020007"),
    "wen": ("温立新", "13900020008"),
}
TOLD = "已电话回访，约周末再看。"


class Reception:
    """From the first call of the week to this morning's visit."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """In the order in which it happened."""
        self.call("he", "lin.xue", 150, "website", topic="budget", needs="三房，总价 350 万以内", is_invited=True)
        self.call("luo", "gao.peng", 128, "mini_program", topic="facilities", needs="关心学区")
        came = self.visit("he", "lin.xue", 104, has_called=True, objection="首付压力大", objection_topic="budget")
        self.follow_up(came, "lin.xue", "invited", TOLD)
        self.script()
        first = self.visit("tan", "fang.hui", 98, place="bus_tour", party_size=3, needs="婚房，两房")
        self.follow_up(first, "fang.hui", "reached", "已发户型图，客户与家人商量。")
        wrong = self.visit("peng", "gao.peng", 76, needs="改善型四房")
        self.follow_up(wrong, "gao.peng", "no_answer", "无人接听。")
        self.correct(wrong)
        again = self.visit("he", "lin.xue", 52, been_before=True, has_called=True, needs="确定三房南向")
        self.follow_up(again, "lin.xue", "reached", "已约签认购书。")
        known = {"how_named": "owner_referral", "referrer_uid": self.estate.customers["liu"]}
        brought = self.visit("su", "lin.xue", 30, is_recommended=True, deputy="lin.xue", **known)
        self.follow_up(brought, "zhao.min", "reached", "老业主推荐，意向明确。")
        self.visit("luo", "zhao.min", 5, has_called=True, objection="学校还没建成", objection_topic="facilities")
        self.call("cai", "zhao.min", 2, "referral", needs="大平层", is_invited=True)
        self.today()
        self.lose()

    def call(self, who: str, agent: str, hours: float, source: str, **more: Any) -> Told:
        """Somebody calls the sales site."""
        name, phone = PEOPLE[who]
        said = {
            "name": name,
            "phone": phone,
            "project_id": "P01",
            "source": source,
            "at": self.tell.moment(hours=-hours),
        }
        appointed = {"appointment_at": self.tell.moment(hours=48 - hours)} if more.get("is_invited") else {}
        key, taken = f"call.{who}.{hours}", {"is_invited": False, "agent": agent}
        return self.tell.begin("leads/call_entry", "register", LEAD, key, **{**taken, **said, **appointed, **more})

    def visit(self, who: str, agent: str, hours: float, **more: Any) -> Told:
        """Somebody comes to see homes."""
        name, phone = PEOPLE[who]
        intake = {"been_before": False, "has_called": False, "is_recommended": False}
        said = {"name": name, "phone": phone, "project_id": "P01", "at": self.tell.moment(hours=-hours), **intake}
        key, received = f"visit.{who}.{hours}", {"agent": agent, **said}
        return self.tell.begin("leads/visit_entry", "register", LEAD, key, **{**received, **more})

    def today(self) -> None:
        """Somebody is met at a stand in town, and somebody calls the hotline: nobody has that one yet."""
        intake = {"been_before": False, "has_called": False, "is_recommended": False, "project_id": "P01"}
        met = {"place": "outreach_stand", "needs": "两房，预算 240 万", **intake}
        name, phone = PEOPLE["han"]
        self.tell.begin("leads/visit_entry", "meet", "fang.hui", "visit.han", name=name, phone=phone, **met)
        name, phone = PEOPLE["wen"]
        called = {"project_id": "P01", "source": "telephone", "is_invited": False, "needs": "询问开盘时间"}
        self.tell.begin("leads/call_entry", "register", HOTLINE, "call.wen", name=name, phone=phone, **called)

    def follow_up(self, entry: Told, agent: str, result: str, note: str) -> None:
        """The agent turns to the customer again."""
        number = entry.record["number"]
        due = self.tell.found("leads/sales_follow_up", agent, f"follow.{entry.key}", reference=number)
        due.move("record", agent, channel="telephone", result=result, note=note)

    def script(self) -> None:
        """Marketing answers the first objection of the week with another script."""
        asked = self.tell.found("leads/objection", MARKETING, "objection.budget", topic="budget")
        asked.move("revise_script", MARKETING, script="首付可分两期，并可使用住房公积金组合贷款。")

    def correct(self, wrong: Told) -> None:
        """The party was larger than the entry says."""
        said = {"corrects_id": wrong.id, "correction_reason": "同行人数登记有误", "party_size": 4}
        self.tell.begin("leads/visit_entry", "correct", LEAD, f"{wrong.key}.fixed", **said)

    def lose(self) -> None:
        """Somebody has bought elsewhere."""
        entry = self.call("peng", "gao.peng", 1, "telephone", needs="告知已在别处购房")
        stage = self.tell.found("leads/customer_stage", LEAD, "stage.peng", uid=entry.record["uid"])
        stage.move("lose", "gao.peng", lost_reason="location", reason="选择了地铁口楼盘")
