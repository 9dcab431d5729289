"""Demo data of what people say who do not complain: issues that employees heard of, and suggestions (C-03, C-04)."""

from __future__ import annotations

from typing import Any

from deploy.demo_estate import AFFAIRS, Estate
from deploy.demo_story import Told

CENTRE, DISCIPLINE, EMPLOYEE, HOTLINE = "yang.fan", "qi.ming", "kong.xin", "han.mei"
#: Front-line staff of the property company.
GUARD, CLEANER = "bai.qiang", "tang.mei"


class Voices:
    """What guards, cleaners and colleagues pass on, and what customers suggest."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """Issues in every part of their way, then suggestions."""
        self.issues()
        self.suggestions()

    def report(self, key: str, by: str, description: str, **more: str) -> Told:
        """Somebody was told something."""
        return self.tell.begin(
            "complaints/customer_issue", "report", by, f"issue.{key}", description=description, **more
        )

    def issues(self) -> None:
        """One that waits, one in work, one settled, one that became a work order."""
        where = {"place": "3 号楼东侧单元门", "customer_name": "陈先生", "customer_phone": "13900010001"}
        self.report("door", GUARD, "业主反映单元门夜里关不上，担心安全。", **where)
        lights = self.report("lights", CLEANER, "几位业主说地库 B2 转角照明不亮，老人不敢走。", place="地库 B2")
        given = {"classification": "repair", "instruction": "请会同物业当天修复并告知业主。"}
        lights.move("dispatch", CENTRE, department="project_department", due_at=self.tell.moment(hours=30), **given)
        bus = self.report("bus", EMPLOYEE, "邻居问社区班车周末是否加开。", place="翡翠湾南门", project_id="P01")
        given = {"classification": "enquiry", "instruction": "请核实班车安排并回复客户。"}
        bus.move("dispatch", CENTRE, department="customer_affairs", due_at=self.tell.moment(hours=48), **given)
        bus.move("finish", AFFAIRS, result="周末 9:00–18:00 每小时一班，已在业主群公告并电话告知。")
        bus.move("confirm", CENTRE)
        sink = self.report("sink", CLEANER, "业主说厨房水槽下面又渗水。", place="1 号楼 1 单元 802")
        sink.move("refer_repair", CENTRE, home_id=self.estate.homes["P01-1-1-0802"])

    def suggest(self, key: str, content: str, **more: Any) -> Told:
        """Somebody suggested something."""
        said = {"channel": "hotline", "content": content, "project_id": "P01", **more}
        return self.tell.begin("complaints/suggestion", "receive", HOTLINE, f"suggestion.{key}", **said)

    def suggestions(self) -> None:
        """One new, one at its department, one answered."""
        customers = self.estate.customers
        self.suggest("umbrella", "建议大堂放置雨伞架和脚垫。", uid=customers["lin"].id)
        told = "感谢建议，已请项目部研究，一周内答复您。"
        gym = self.suggest("gym", "建议会所健身房延长到晚上 22 点。", uid=customers["wang"].id)
        gym.move("acknowledge", HOTLINE, acknowledgement=told)
        gym.move("pass_on", HOTLINE, title="会所健身房延长开放", department="project_department")
        charging = self.suggest("charging", "建议地库增设充电桩。", uid=customers["liu"].id)
        charging.move("acknowledge", HOTLINE, acknowledgement="感谢建议，设计部将在一周内答复您。")
        to = {"title": "地库充电桩", "department": "discipline", "discipline": "design"}
        charging.move("pass_on", HOTLINE, **to)
        sent = self.tell.found("complaints/feedback", DISCIPLINE, "feedback.charging", suggestion_id=charging.id)
        sent.move("receive", DISCIPLINE)
        sent.move("answer", DISCIPLINE, answer="二期地库按车位 20% 预留，已列入图纸。", is_adopted=True)
        charging.move("answer", HOTLINE, answer="二期地库将按车位 20% 预留充电条件，谢谢您。")
