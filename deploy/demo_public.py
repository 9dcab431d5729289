"""Demo data of what is said in public, and asked of the group centre: media cases, principles, appeals (C-80, C-90)."""

from __future__ import annotations

from deploy.demo_complaints import CENTRE, HANDLER, HOTLINE, Complaints
from deploy.demo_story import Told

RELATIONS, GROUP = "shen.yu", "zhu.lin"


class Publicity:
    """Told after the other complaints; one of its appeals is about a case of its own."""

    def __init__(self, complaints: Complaints) -> None:
        self.complaints, self.tell, self.customers = complaints, complaints.tell, complaints.estate.customers

    def tell_all(self) -> None:
        """The principles first: appeals name the edition in force."""
        self.principles()
        self.media()
        self.appeals()

    def post(self, key: str, who: str, platform: str, category: str, said: str, *, project: str = "P01") -> Told:
        """Somebody complains in social media."""
        shown = self.complaints.keep(f"{platform}截图-{key}.txt", said)
        where = {"platform": platform, "url": f"https://example.com/{key}", "screenshot": [shown]}
        what = {"uid": self.customers[who].id, "category": category, "description": said, "project_id": project}
        return self.tell.begin("complaints/media_case", "receive", HANDLER, f"media.{key}", **where, **what)

    def media(self) -> None:
        """One that nobody has proposed a method for, one that waits for public relations, one answered."""
        self.post("pool", "xu", "小红书", "facilities", "宣传的恒温泳池到现在还没开放，晒图求关注。")
        gate = self.post("gate", "sun", "微博", "property_management", "晚上小区大门没人值守，快递随便进。")
        gate.move("propose", HANDLER, method="当日电话致歉，增派夜班并公布值守表；微博以官方号简要回复。")
        gate.move("approve_method", CENTRE, comment="同意，回复不涉及客户个人信息。")
        lift = self.post("lift", "gao", "抖音", "service_attitude", "看房当天电梯停运，接待人员爱答不理。")
        lift.move("propose", HANDLER, method="先致电客户致歉并约专车接待，再在评论区统一回复。")
        lift.move("approve_method", RELATIONS).move("approve_method", CENTRE)
        lift.move("answer", RELATIONS, answer="非常抱歉给您带来不便，我们已与您联系并安排专人接待。")

    def principles(self) -> None:
        """The edition in force, and a draft of the next one."""
        text = "一、首问负责，不推诿。二、先处理心情，再处理事情。三、当地公司对决定负责，集团中心协调监督。"
        first = self.tell.begin(
            "complaints/principles", "draft", GROUP, "principles.1", title="投诉处理原则", text=text
        )
        first.move("publish", GROUP)
        more = {"title": "投诉处理原则（修订）", "text": f"{text}四、重大事项两小时内报集团中心。"}
        self.tell.begin(
            "complaints/principles", "draft", GROUP, "principles.2", **more, change="增加重大事项报告时限。"
        )

    def appeals(self) -> None:
        """One just filed, one that is being coordinated."""
        rent = "装修押金三个月未退，多次找公司只说在走流程。"
        deposit = self.complaints.register("deposit", "wu", "fee", rent)
        said = {"reason": "当地公司没有明确退款时间，请集团协调。", "channel": "hotline"}
        self.tell.begin("complaints/appeal", "file", HOTLINE, "appeal.deposit", case_id=deposit, **said)
        view = "合同附图标注中庭景观，现为设备房，公司答复前后不一。"
        garden = self.complaints.register("garden", "lin", "design_change", view)
        said = {"reason": "对当地公司两次答复均不认可，要求集团复核。", "channel": "email"}
        appeal = self.tell.begin("complaints/appeal", "file", GROUP, "appeal.garden", case_id=garden, **said)
        found = {"findings": "变更未逐户告知，答复口径不一致。", "coordination": "请三日内给出统一答复与补救方案。"}
        appeal.move("review", GROUP).move("coordinate", GROUP, **found)
        appeal.move("state", CENTRE, local_statement="已约客户周五面谈，拟提供绿化补偿方案。")
