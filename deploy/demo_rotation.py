"""Demo data of the rotation: today's ring of the first project, who receives, who stands in, and what was found."""

from __future__ import annotations

from deploy.demo_estate import Estate
from deploy.demo_story import Told

LEAD, DIRECTOR = "qian.jun", "sun.li"
AGENTS = ("zhao.min", "lin.xue", "gao.peng", "fang.hui")
CHECKED = ("dress", "props", "sales_control", "sales_facts", "data_changes")
NEWCOMER = {"been_before": False, "has_called": False, "is_recommended": False}


class Rotation:
    """One morning on the sales site."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """Everything in its order."""
        self.open()
        self.receive_all()
        self.inspect()
        self.blame()

    def open(self) -> None:
        """The ring, what has changed since yesterday, and who is ready."""
        roster = self.tell.begin("leads/roster", "open", LEAD, "roster", project_id="P01", agents=list(AGENTS))
        change = self.tell.begin(
            *("leads/sales_fact_change", "publish", LEAD, "fact.price"),
            project_id="P01",
            kind="price",
            content="3 幢高区（15 层以上）每平方米上调 300 元，低区不变；已签认购的不受影响。",
            effective_at=self.tell.moment(hours=24),
        )
        for agent in AGENTS:
            done = dict.fromkeys(CHECKED, True) | ({"props": False} if agent == "lin.xue" else {})
            self.tell.begin("leads/readiness_check", "declare", agent, f"ready.{agent}", project_id="P01", **done)
            if agent != "lin.xue":
                self.tell.begin("leads/fact_receipt", "sign", agent, f"fact.price.{agent}", change_id=change)
        roster.move("mark_away", "lin.xue", agent="lin.xue")

    def receive(self, key: str, name: str, phone: str, **more: object) -> Told:
        """Somebody comes in."""
        intake = {**NEWCOMER, "project_id": "P01", "name": name, "phone": phone, **more}
        return self.tell.begin("leads/reception", "receive", LEAD, f"reception.{key}", **intake)

    def receive_all(self) -> None:
        """One is over, one is going on, and one is a colleague's customer."""
        first = self.receive("first", "许嘉怡", "13900010021", party_size=2, needs="三房，看重学区")
        first.move("finish", "zhao.min", summary="看了 118 平样板间，关注学区与总价，约周末带父母复看。")
        named = {"been_before": True, "named_agent": "lin.xue", "how_named": "by_name"}
        self.receive("named", "郑国强", "13900010022", **named)
        self.receive("going_on", "何晓琳", "13900010023", has_called=True, needs="两房，预算 250 万")

    def inspect(self) -> None:
        """The show home was not quite as it should be."""
        self.tell.begin(
            *("leads/presentation_check", "check", LEAD, "presentation.show_home"),
            project_id="P01",
            area="show_home",
            cleanliness=False,
            decoration=True,
            atmosphere=True,
            findings=["样板间主卧地毯有污渍，须清洗"],
            assignee="tang.mei",
        )

    def blame(self) -> None:
        """One finding that is decided, one that waits."""
        about = {"project_id": "P01", "occurred_on": self.tell.day(-6)}
        left = self.tell.begin(
            *("leads/violation", "record", LEAD, "violation.left"),
            agent="gao.peng",
            kind="left_reception",
            evidence="接待途中离开取户型图，客户独自等候约 10 分钟，有大堂监控。",
            **about,
        )
        left.move("confirm", DIRECTOR, comment="情况属实，责令晨会检讨。")
        self.tell.begin(
            *("leads/violation", "record", LEAD, "violation.dress"),
            agent="fang.hui",
            kind="dress",
            evidence="未佩戴工牌接待客户，现场提醒后改正。",
            **about,
        )
