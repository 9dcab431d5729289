"""Demo data of what is learnt from complaints: actions, defect cases, red lines, sensitive points, hot-spots."""

from __future__ import annotations

from deploy.demo_care import COMPANY
from deploy.demo_estate import AFFAIRS, PROJECT
from deploy.demo_story import Story, Told

HANDLER, SUPERVISOR, DISCIPLINE, GROUP, LEADER = "li.na", "jiang.tao", "qi.ming", "zhu.lin", "chen.jing"
LETTER = {"transfer_form": "work_contact_letter"}


class Lessons:
    """What the cases of the estate have taught."""

    def __init__(self, story: Story) -> None:
        self.tell = story

    def tell_all(self) -> None:
        """Actions of four departments, then the libraries, then the ranking and a department's answer."""
        self.actions()
        self.red_line(self.defect())
        self.points()
        self.hotspots()

    def action(self, key: str, department: str, asked: str, cause: str, due: int, letter: str, **more: str) -> Told:
        """A cause is handed to a department."""
        known = {"department": department, "action": asked, "cause": cause, "due_on": self.tell.day(due)}
        given = {"kind": "corrective", "project_id": "P01", "transfer_document": letter, **LETTER, **known, **more}
        return self.tell.begin("complaints/corrective_action", "request", HANDLER, f"action.{key}", **given)

    def actions(self) -> None:
        """One of each part of the way, one of them at the property company."""
        window = {"discipline": "engineering", "kind": "preventive"}
        asked = "外窗上口防水收头列入样板验收，附影像资料。"
        done = self.action("window", "discipline", asked, "外窗上口防水收头不到位。", 14, "工联函 2026-033", **window)
        done.move("accept", DISCIPLINE).move("begin", DISCIPLINE, measures="编制节点样板并组织交底。")
        done.move("finish", DISCIPLINE, result="样板已完成，三家施工单位已交底。")
        asked = "吊柜固定点按图逐户复查，轻质隔墙处加设钢板。"
        cabinet = self.action(
            "cabinet", "project_department", asked, "吊柜固定点落在轻质隔墙上。", 20, "工联函 2026-034"
        )
        cabinet.move("accept", PROJECT).move("begin", PROJECT, measures="先查已报修楼栋。")
        asked = "地下车库照明每晚巡查并登记，故障两小时内修复。"
        lights = {"property_company": COMPANY}
        self.action("lights", "property_company", asked, "夜间巡查缺失。", 10, "工联函 2026-035", **lights)
        asked = "停止使用“赠送车位”的说法，修订销售说辞。"
        self.action("parking", "marketing", asked, "销售说辞与合同约定不一致。", 7, "例会纪要 2026-12")

    def defect(self) -> Told:
        """Known from several homes, worded by three disciplines, published."""
        known = {"title": "外窗上口渗水", "category": "home_quality", "topic": "leakage", "found_in": "P01"}
        said = {
            "description": "雨后外窗上口内侧返潮，涂料起皮。",
            "problem": "防水层在窗口上沿断开，未做收头内翻。",
            "harm": "墙面发霉、木饰面变形，客户反复报修，影响居住与口碑。",
        }
        defect = self.tell.begin(
            "complaints/defect_case", "draft", HANDLER, "defect.window", **known, **said, frequency=6, cost="26400.00"
        )
        wordings = {
            "design": "窗口上沿节点未表达防水收头，应补充 1:5 节点详图。",
            "cost": "收头附加层未计入清单，每樘约增加 35 元。",
            "engineering": "防水卷材应内翻不少于 50 mm 并设附加层，淋水试验合格后方可封闭。",
        }
        for discipline, wording in wordings.items():
            defect.move("word", DISCIPLINE, discipline=discipline, wording=wording)
        told = {"prevention": "节点样板先行，淋水试验逐樘留影。", "red_line_proposal": "收头内翻 ≥ 50 mm。"}
        defect.move("translate", HANDLER, **told).move("publish", AFFAIRS)
        layout = {"title": "玄关无收纳空间", "category": "design_change", "topic": "layout", "found_in": "P02"}
        self.tell.begin(
            *("complaints/defect_case", "draft", HANDLER, "defect.hall"),
            **layout,
            description="B2 户型玄关净宽 1.05 m，无法设置鞋柜。",
            problem="玄关与餐厅墙体位置未考虑收纳深度。",
            harm="多户自行改造，破坏成品饰面并引起投诉。",
        )
        return defect

    def red_line(self, defect: Told) -> None:
        """One in force, with a check that is met and one whose exception waits for its decision."""
        line = self.tell.begin(
            *("complaints/red_line", "draft", HANDLER, "red_line.window"),
            title="人居红线：外窗防水收头",
            discipline="engineering",
            stage="construction",
            standard="外窗上口防水卷材内翻并设附加层，淋水 24 小时无渗漏。",
            measurable_limit="内翻 ≥ 50 mm",
            check_method="每楼栋抽查 10%，现场量测并淋水。",
            check_stage="mock_b",
            defect_ids=[defect.id],
        ).move("publish", GROUP)
        held = {"red_line_id": line.id, "check_stage": "mock_b", "project_id": "P01"}
        met = {"area": "3 号楼 11 层", "measured": "最小 55 mm"}
        self.tell.begin("complaints/red_line_check", "confirm", DISCIPLINE, "check.met", **held, **met)
        unmet = {"area": "1 号楼 8 层北侧", "measured": "最小 30 mm", "evidence": ["check-1-8-north.jpg"]}
        check = self.tell.begin("complaints/red_line_check", "object_to", DISCIPLINE, "check.unmet", **held, **unmet)
        check.move("request_exception", DISCIPLINE, exception_grounds="结构梁影响内翻，拟改用双层附加层。")

    def points(self) -> None:
        """A risk and a touch point that are published, and a value point in work."""
        reviewed = {
            "customer_feeling": "担心漏水，失去信心。",
            "operation_standard": "雨季前逐樘淋水并告知业主。",
        }
        risk = {"kind": "risk", "impact": "direct_contact", "node": "construction", "discipline": "engineering"}
        known = {"stage": "handover", "source": "case", "is_group_risk": True}
        said = {"title": "外窗渗漏", "description": "交付首个雨季集中出现。"}
        point = self.tell.begin("complaints/sensitive_point", "draft", HANDLER, "point.window", **risk, **known, **said)
        point.move("review", DISCIPLINE, **reviewed).move("publish", AFFAIRS)
        touch = {"kind": "touch", "impact": "direct_contact", "node": "residence", "discipline": "property"}
        said = {"title": "上门维修的礼仪", "description": "客户最在意守时、鞋套和收尾清洁。", "source": "study"}
        manner = self.tell.begin(
            "complaints/sensitive_point", "draft", HANDLER, "point.manner", **touch, **said, stage="maintenance"
        )
        standard = "提前 30 分钟致电；穿鞋套、铺垫布；完工清洁并请业主确认。"
        worked = {"customer_feeling": "家里被尊重。", "operation_standard": standard}
        manner.move("review", DISCIPLINE, **worked).move("publish", AFFAIRS)
        value = {"kind": "value", "impact": "direct_contact", "node": "scheme_design", "discipline": "design"}
        known = {"stage": "early_involvement", "source": "study"}
        said = {"title": "玄关收纳", "description": "客户进门希望有放鞋、挂衣和临时置物的空间。"}
        self.tell.begin("complaints/sensitive_point", "draft", HANDLER, "point.hall", **value, **known, **said)

    def hotspots(self) -> None:
        """The ranking of the last month; design has answered."""
        period = {"period_from": self.tell.day(-30), "period_until": self.tell.day(0)}
        report = self.tell.begin(
            "complaints/hotspot_report", "issue", AFFAIRS, "hotspots.month", project_id="P01", **period
        )
        told = {"hotspot_report_id": report.id, "discipline": "design"}
        sent = self.tell.found("complaints/feedback", DISCIPLINE, "feedback.design", **told)
        sent.move("receive", DISCIPLINE)
        sent.move("answer", DISCIPLINE, answer="下一期户型调整窗口节点与玄关尺寸。", is_adopted=True)
