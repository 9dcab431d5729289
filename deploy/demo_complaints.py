"""Demo data of complaints and disputes, in every part of their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deploy.demo_estate import ADMIN, Estate
from deploy.demo_story import Told

HOTLINE, HANDLER, SUPERVISOR, APPROVER, CENTRE = "han.mei", "li.na", "jiang.tao", "feng.hua", "yang.fan"
FINANCE = "chu.ting"
CABINET = {"topic": "fittings", "supplier": "欧居厨柜"}
WINDOW = {"topic": "leakage", "supplier": "华建门窗"}
AT_HOME = {
    "chen": "P01-1-2-1201",
    "liu": "P01-1-1-0802",
    "wang": "P01-2-1-0503",
    "huang": "P01-3-1-1102",
    "zhou": "P02-5-1-0601",
    "wu": "P02-5-2-1003",
}


class Complaints:
    """Each method tells one case as far as it has come."""

    def __init__(self, estate: Estate, keep: Callable[[str, str], str]) -> None:
        self.estate, self.tell, self.keep = estate, estate.story, keep

    def register(self, key: str, who: str, category: str, description: str, **more: Any) -> Told:
        """Somebody complained by telephone."""
        home = AT_HOME.get(who)
        place = {"home_id": self.estate.homes[home]} if home else {"project_id": "P01"}
        said = {"uid": self.estate.customers[who], "category": category, "description": description}
        entered = {"kind": "complaint", "channel": "hotline", **said, **place, **more}
        return self.tell.begin("complaints/case", "register", HOTLINE, f"case.{key}", **entered)

    def analysed(self, case: Told, cause: str, party: str, **more: Any) -> Told:
        """Answered, investigated, its cause known."""
        case.move("respond", HANDLER, first_contact="已电话联系客户，致歉并约定上门时间。")
        case.move("investigate", HANDLER, investigator=HANDLER)
        return case.move("analyse", HANDLER, cause=cause, responsible_party=party, **more)

    def tell_all(self) -> None:
        """The overdue one first: its limit is short for a moment only."""
        self.overdue()
        self.fresh()
        self.answered()
        self.investigated()
        self.waiting()
        self.resubmitted()
        self.executing()
        self.dispute()
        self.closed()
        self.groups()
        self.ordered()

    def overdue(self) -> None:
        """Nobody has called the customer in time."""
        limit = {"parameter": "complaint.alert_no_response", "valid_from": self.tell.moment(hours=-2)}
        self.tell.begin(
            *("complaints/parameter", "establish", ADMIN, "limit.short"),
            **limit,
            value="0.0003",
            reason="演示数据：让一件客诉超过首次响应时限",
        )
        self.register("overdue", "liu", "property_management", "地下车库照明连续三晚未开，报修后无人回复。")
        back = {**limit, "valid_from": self.tell.moment(hours=-1)}
        self.tell.begin(
            *("complaints/parameter", "establish", ADMIN, "limit.back"), **back, value="2", reason="演示数据：恢复"
        )

    def fresh(self) -> None:
        """Just registered; the customer is of high value, so one hour is left."""
        self.tell.found("complaints/high_value_customer", HANDLER, "high_value", uid=self.estate.customers["huang"].id)
        wish = "请当天给出整改时间。"
        self.register("fresh", "huang", "facilities", "入户电梯厅大理石地面开裂，清洁后仍有划痕。", expectation=wish)

    def answered(self) -> None:
        """Answered, with a date for the next answer."""
        case = self.register("answered", "zhou", "fee", "物业费账单与合同单价不一致，要求核对。", channel="counter")
        case.move("respond", HANDLER, first_contact="已核对账单，确认单价录入有误，三日内更正。")
        case.move("answer_interim", HANDLER, interim_answer="财务正在更正账单。", next_answer_on=self.tell.day(3))

    def investigated(self) -> None:
        """The property company has been asked."""
        case = self.register("parking", "wang", "sales_promise", "销售承诺的赠送车位至今未兑现。", suggested_level=2)
        case.move("respond", HANDLER, first_contact="已了解诉求，调取认购资料核实。")
        case.move("investigate", HANDLER, investigator=HANDLER)

    def waiting(self) -> None:
        """A plan waits for the company manager."""
        case = self.register("kitchen", "chen", "home_quality", "厨房吊柜脱落，餐具损坏，要求赔偿。", suggested_level=2)
        self.analysed(case, "吊柜膨胀螺栓数量不足，固定点落在轻质隔墙上。", "contractor", developer_share=20, **CABINET)
        plan = {"plan": "更换吊柜并按图增设四个固定点；赔偿餐具损失；减免半年物业费。", "amount_proposed": "8600.00"}
        consulted = {
            "consultation": "上门沟通，客户夫妇在场",
            "consultation_result": "客户接受更换，对赔偿金额基本认可。",
        }
        case.move("draft_plan", HANDLER, **plan, **consulted, repair_part="更换厨房吊柜，按图增设固定点。")
        found = self.keep("吊柜脱落现场勘查记录.txt", "固定点 2 处，设计 4 处；膨胀螺栓落在轻质隔墙上。")
        lost = self.keep("餐具损失清单.csv", "物品,件数,金额\n骨瓷餐具,24,3600\n玻璃器皿,12,800\n")
        case.move("submit_plan", HANDLER, evidence=[found, lost])

    def resubmitted(self) -> None:
        """Rejected in the first round, with a reason; the second waits."""
        case = self.register(
            "balcony", "wu", "design_change", "阳台玻璃栏板改为铁艺，与样板房不符。", suggested_level=2
        )
        self.analysed(case, "施工图变更后未书面告知客户。", "developer", developer_share=100)
        first = {"plan": "一次性补偿 20,000 元，不更换栏板。", "amount_proposed": "20000.00"}
        case.move("draft_plan", HANDLER, **first, consultation="电话沟通", consultation_result="客户坚持更换。")
        sample = self.keep("样板房阳台栏板照片说明.txt", "样板房：夹胶玻璃栏板，高 1.1 米；交付：铁艺栏杆。")
        case.move("submit_plan", HANDLER, evidence=[sample])
        case.move("reject_plan", APPROVER, reason="客户明确要求恢复原设计，只补偿解决不了问题；请核算更换费用后再报。")
        second = {"plan": "更换为玻璃栏板，另补偿 5,000 元。", "amount_proposed": "17800.00"}
        again = {"consultation": "上门出示更换方案与样品", "consultation_result": "客户同意更换，工期 10 天可接受。"}
        case.move("revise_plan", HANDLER, **second, **again, repair_part="拆除铁艺栏板，安装玻璃栏板。")
        case.move("submit_plan", HANDLER)

    def approved(self, case: Told, plan: str, amount: str, repair: str | None = None) -> Told:
        """A plan that was approved at once."""
        parts = {"repair_part": repair} if repair else {}
        case.move("draft_plan", HANDLER, plan=plan, amount_proposed=amount, **parts)
        record = self.keep("现场沟通记录.txt", f"与客户现场核对后形成：{plan}")
        case.move("submit_plan", HANDLER, evidence=[record])
        return case.move("approve_plan", APPROVER, comment="同意，按计划执行。")

    def negotiated(self, case: Told, offers: str) -> Told:
        """Presented to the customer."""
        said = {"minutes": "在客服中心会议室与客户当面沟通一小时。", "attendance": "客户及配偶、李娜、工程部周工"}
        return case.move("negotiate", HANDLER, **said, offers=offers)

    def signed(self, name: str) -> dict[str, str]:
        """By whom, and today."""
        return {"signed_by": name, "signed_on": self.tell.day(0)}

    def executing(self) -> None:
        """Agreed; its repair part is a work order of maintenance."""
        case = self.register("humidity", "liu", "home_quality", "主卧外墙内侧返潮发霉，影响居住。", suggested_level=2)
        self.analysed(case, "外窗上口防水收头不到位。", "contractor", developer_share=30, **WINDOW)
        self.approved(case, "拆除受潮墙面，重做窗口防水，恢复涂料。", "4200.00", "主卧外窗上口防水重做，墙面恢复。")
        self.negotiated(case, "十日内完成，质保重新计两年。")
        case.move("agree", HANDLER, agreement="按方案执行，十日内完成。", **self.signed("刘雅婷"))
        case.move("execute", HANDLER, executor=HANDLER, execute_by=self.tell.moment(hours=240))
        basis = "协议第二条：返潮期间临时居住补贴"
        self.compensated(case, "humidity.stay", basis, "3000.00", "刘雅婷", paid=False)
        moved = {"basis": "协议第三条：受潮衣物清洗费", "amount": "800.00", "payee": "刘雅婷"}
        self.tell.begin("complaints/compensation", "propose", HANDLER, "case.humidity.wash", case_id=case, **moved)

    def compensated(self, case: Told, key: str, basis: str, amount: str, payee: str, *, paid: bool) -> None:
        """Proposed on the agreement and approved; paid by finance, or waiting there."""
        said = {"basis": basis, "amount": amount, "payee": payee}
        one = self.tell.begin("complaints/compensation", "propose", HANDLER, f"case.{key}", case_id=case, **said)
        one.move("submit", HANDLER)
        one.move("approve", APPROVER, comment="与协议一致，同意支付。")
        if paid:
            one.move("pay", FINANCE, paid_on=self.tell.day(0), finance_ref="付款凭证 2026-0418")

    def dispute(self) -> None:
        """A dispute with a lawyer on the other side; both sides are at the table."""
        claim = {"counterpart": "王建国", "legal_basis": "商品房买卖合同第九条 逾期交付违约责任"}
        claim |= {
            "kind": "dispute",
            "channel": "email",
            "amount_claimed": "86000.00",
            "lawyer": "浙江钱江律师所 方律师",
        }
        said = "主张逾期交付违约金，已委托律师发函。"
        case = self.register("dispute", "wang", "contract", said, suggested_level=3, **claim)
        self.analysed(case, "因政府管控停工 21 天，扣除后仍逾期 9 天。", "developer", responsibility_note="按合同计。")
        tried = {"mediator": "街道调解室 何主任", "mediation_result": "双方同意继续协商。"}
        case.move("record_mediation", HANDLER, held_on=self.tell.day(0), **tried)
        self.approved(case, "按 9 天计付违约金，另赠一年物业费。", "31500.00")
        self.negotiated(case, "违约金 21,500 元，物业费 10,000 元。")

    def closed(self) -> None:
        """From the first call to the end."""
        case = self.register("attitude", "zhou", "service_attitude", "交付现场工作人员态度生硬，未解释收费项目。")
        self.analysed(case, "临时人员未经培训上岗。", "developer", developer_share=100)
        self.approved(case, "当面致歉，重新讲解收费项目，赠送到访礼品。", "200.00")
        self.negotiated(case, "当面致歉并赠送礼品。")
        case.move("agree", HANDLER, agreement="接受致歉。", **self.signed("周桂芳"))
        case.move("execute", HANDLER, executor=HANDLER)
        self.compensated(case, "attitude.gift", "协议：到访礼品折价", "200.00", "周桂芳", paid=True)
        case.move("check", HANDLER, result="已上门致歉，客户签收讲解单。", check_note="回访录音已归档。")
        case.move("feed_back", HANDLER, told="已告知整改与培训安排。", opinion="满意，希望不再发生。")
        letter = {"transfer_form": "work_contact_letter", "transfer_document": "工联函 2026-031"}
        whom = {**letter, "departments": ["customer_affairs"], "due_on": self.tell.day(20)}
        case.move("transfer_cause", HANDLER, **whom, corrective_action="临时人员上岗前完成两小时服务培训。")
        case.move("close", SUPERVISOR, outcome="settled", closing_note="客户满意，培训已安排。", satisfaction=4)

    def groups(self) -> None:
        """Owners of one project with one trouble: a group complaint in hand, another one only declared."""
        shared = [
            self.register(f"shared.{who}", who, "fee", said)
            for who, said in (
                ("chen", "公摊电费比去年翻倍，要求公示分摊明细。"),
                ("liu", "公摊水费按旧面积计算，要求重算并退还。"),
                ("wang", "公摊费用两个月未公示，业主群已有多户反映。"),
            )
        ]
        found = {"project_id": "P01", "category": "fee", "state": ["suspected", "confirmed", "handling"]}
        group = self.tell.found("complaints/group_complaint", SUPERVISOR, "group.shared", **found)
        group.move(
            *("confirm", SUPERVISOR),
            cause="公摊系数沿用预测面积，实测面积变更后未更新。",
            wording="公摊系数正在按实测面积重算，三日内公示，多收部分全部退还。",
            spokesperson=SUPERVISOR,
            representative="刘雅婷",
        )
        group.move("record_event", HANDLER, note="在社区活动室召开说明会，到场业主 26 户。")
        plan = {"plan": "按实测面积重算公摊系数并公示；多收费用抵扣下季度物业费。", "amount_proposed": "36000.00"}
        group.move("draft_plan", HANDLER, **plan).move("submit_plan", HANDLER).move("approve_plan", APPROVER)
        first = self.tell.found("complaints/group_member", HANDLER, "member.shared", case_id=shared[0].id)
        first.move("agree", HANDLER, agreement="接受重算结果，多收部分抵扣下季度物业费。", **self.signed("陈志远"))
        named = {"project_id": "P02", "category": "fee", "topic": "车位管理费上调", "cases": []}
        self.tell.begin("complaints/group_complaint", "declare", HANDLER, "group.fee", **named)

    def ordered(self) -> None:
        """Supervision orders: one to do, one done and waiting for the supervisor."""
        case = self.register("noise", "huang", "property_management", "设备层夜间噪声，多次反映未处理。")
        for key, hours, said in (
            ("visit", 24, "请于明日前会同物业夜间实测噪声并回复客户。"),
            ("report", 72, "三日内提交设备层降噪方案。"),
        ):
            asked = {"case_id": case.id, "instruction": said, "due_at": self.tell.moment(hours=hours)}
            order = self.tell.begin("complaints/supervision_order", "issue", SUPERVISOR, f"order.{key}", **asked)
            if key == "visit":
                order.move("report_done", HANDLER, result="夜间 22 时实测 46 分贝，已当面告知客户整改安排。")
