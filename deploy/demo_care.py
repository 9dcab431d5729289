"""Demo data of the property company, the repairs and the owners' club."""

from __future__ import annotations

from typing import Any

from deploy.demo_estate import ADMIN, AFFAIRS, Estate
from deploy.demo_story import Story, Told

COMPANY = "evergreen"
DESK, HEAD, MANAGER, CLUB, HOTLINE = "xu.qing", "he.ping", "shi.lan", "zhang.yi", "han.mei"


def engage_company(tell: Story) -> None:
    """The property company and its contract; who looks after the households of each project."""
    tell.begin(
        *("maintenance/property_company", "register", HEAD, f"company.{COMPANY}"),
        code=COMPANY,
        name="常青物业服务有限公司",
        contract_from=tell.day(-400),
        contract_until=tell.day(700),
        contact="郭经理",
        phone="057186660001",
    )
    for project in ("P01", "P02"):
        appointed = {"property_company": COMPANY, "project_id": project, "appointed_from": tell.day(-380)}
        tell.begin("maintenance/engagement", "appoint", HEAD, f"engagement.{project}", **appointed).move(
            "activate", HEAD
        )
        tell.begin(*("membership/manager_roster", "add", ADMIN, f"roster.{project}"), user=MANAGER, project_id=project)


class Repairs:
    """Work orders in every part of their way."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def report(self, key: str, home: str, hours: float, repair_class: str, description: str, **more: Any) -> Told:
        """Somebody reported a defect some hours ago."""
        return self.tell.begin(
            *("maintenance/work_order", "report", DESK, f"order.{key}"),
            home_id=self.estate.homes[home],
            repair_class=repair_class,
            description=description,
            reported_at=self.tell.moment(hours=-hours),
            **{"reporter": "业主本人", **more},
        )

    def triage(self, order: Told, urgency: str = "normal", **more: Any) -> Told:
        """Covered, and as the reporter said."""
        judged = {"repair_class": order.record["repair_class"], "urgency": urgency, "in_warranty": True}
        return order.move("triage", DESK, **{**judged, **more})

    def dispatch(self, order: Told, urgency: str = "normal") -> Told:
        """Given to the property company."""
        return self.triage(order, urgency).move("dispatch", DESK, property_company=COMPANY)

    def visit(self, order: Told, arrived_before: float, technician: str = "张师傅") -> Told:
        """The technician has been at the home."""
        order.move("accept", DESK, technician=technician, appointment=self.tell.moment(hours=-arrived_before))
        at = self.tell.moment(hours=-arrived_before)
        return order.move("arrive", DESK, arrived_at=at, technician=technician)

    def report_all(self) -> None:
        """Eight orders; a ninth comes from the property company, others from a refusal and a complaint."""
        late = self.report("floor", "P01-1-1-0802", 61, "decoration", "次卧木地板起拱约两米，踩踏有异响。")
        self.triage(late)
        doorbell = self.report("doorbell", "P01-3-1-1102", 38, "equipment", "可视对讲无画面，访客无法开门。")
        self.dispatch(doorbell)
        window = self.report("window", "P02-5-1-0601", 20, "other", "客厅推拉窗锁扣损坏，无法锁闭。")
        self.dispatch(window)
        window.move("accept", DESK, technician="刘师傅", appointment=self.tell.moment(hours=4))
        crack = self.report("crack", "P02-5-2-1003", 44, "structural_crack", "客厅梁底出现贯通裂缝，长约 1.2 米。")
        self.visit(self.dispatch(crack, "high"), 18, "工程部 周工")
        found = {"findings": "裂缝宽 0.2 mm，未渗水，梁底贯通。", "cause": "温度收缩，养护不足。"}
        crack.move("survey", DESK, **found, liability="总包单位")
        plan = {"plan": "压力注胶封闭后贴碳纤维布一层，复测合格后恢复涂料。", "materials": "环氧注浆料、300 g 碳纤维布"}
        crack.move("submit_plan", DESK, **plan, duration_days=5, cost="6800.00")
        leak = self.report("leak", "P01-1-2-1201", 5, "leakage", "主卫顶面滴水，已用桶接水。", urgency="emergency")
        self.visit(self.dispatch(leak, "emergency"), 3).move("start", DESK)
        parts = self.report("floor_heating", "P01-2-1-0503", 70, "equipment", "地暖分集水器温控阀失灵，两个房间不热。")
        self.visit(self.dispatch(parts), 40).move("start", DESK)
        parts.move("suspend", DESK, reason="等待原厂温控阀到货", suspended_until=self.tell.moment(hours=48))
        done = self.report("socket", "P01-3-1-1102", 90, "other", "书房两个插座无电。")
        self.visit(self.dispatch(done, "high"), 80).move("start", DESK)
        finished = {"work_done": "更换断路器与插座两只，通电测试正常。", "completed_at": self.tell.moment(hours=-78)}
        done.move("complete", DESK, **finished)
        done.move("verify", DESK, result="现场复核，通电正常。")
        done.move("confirm", HOTLINE, rating=5, owner_remark="来得很快，讲解清楚。")
        done.move("close", DESK, cost="186.00", payer="developer")
        paint = self.report("paint", "P02-5-1-0601", 30, "decoration", "阳台外墙涂料脱落约一平方米。")
        self.visit(self.dispatch(paint), 10, "李师傅").move("start", DESK)
        finished = {"work_done": "铲除空鼓层，批腻子两遍后补刷外墙漆。", "completed_at": self.tell.moment(hours=-2)}
        paint.move("complete", DESK, **finished)


def welcome_owners(estate: Estate) -> None:
    """The club, the care plan and the calls after the handovers."""
    tell = estate.story
    for key, further in (("chen", True), ("huang", True), ("zhou", False)):
        member = tell.found("membership/member", CLUB, f"member.{key}", uid=estate.customers[key].id)
        member.move("join", CLUB, channel="mini_program")
        if further:
            member.move("activate", CLUB)
    valued = {"uid": estate.customers["huang"].id, "state": "high_value"}
    tell.found("membership/profile", AFFAIRS, "profile.huang", **valued).move("advise", AFFAIRS, adviser=MANAGER)
    answered = {"chen": (5, "交付讲解细致，钥匙和资料齐全。"), "wang": (2, "交付当天等候近两小时，无人引导。")}
    for key, (score, opinion) in answered.items():
        asked = {"uid": estate.customers[key].id, "theme": "handover"}
        call = tell.found("membership/follow_up", MANAGER, f"call.{key}", **asked)
        call.move("begin", MANAGER).move("complete", MANAGER, score=score, opinion=opinion)
        if score < 3:
            call.move("raise_issue", MANAGER, kind="complaint", issue="业主对交付现场组织不满意，要求说明改进安排。")
    handled = {"uid": estate.customers["zhou"].id, "theme": "complaint"}
    call = tell.found("membership/follow_up", MANAGER, "call.zhou.complaint", **handled).move("begin", MANAGER)
    call.move("complete", MANAGER, score=5, opinion="致歉诚恳，收费项目讲清楚了。")
    greeting = {"entry": "festival_greeting", "due_on": tell.day(-1), "content": "节日祝福短信与礼券。"}
    for key, home in (("chen", "P01-1-2-1201"), ("huang", "P01-3-1-1102")):
        whom = {"uid": estate.customers[key], "home_id": estate.homes[home]}
        tell.begin("membership/care_task", "plan", MANAGER, f"care.{key}", **greeting, **whom)
