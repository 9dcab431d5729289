"""Demo data of the forum: answered in time, near the limit and past it, the chairman's board, a morning's reading."""

from __future__ import annotations

from typing import Any

from deploy.demo_complaints import AT_HOME, HANDLER
from deploy.demo_estate import Estate
from deploy.demo_story import Told

CLUB, GROUP, LEADER, CHAIRMAN = "zhang.yi", "zhu.lin", "qin.feng", "gu.yuan"


class Forum:
    """What owners posted in the last days, and what was answered."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """The first four are on a list that the leaders have read; the last one waits for the next morning."""
        lift = self.complain(
            "lift", "huang", 30, "facilities", "3 号楼电梯一周停运两次，老人上下楼困难，物业只贴了通知。"
        )
        self.complain("gate", "zhou", 20.5, "property_management", "北门门禁坏了半个月，夜里谁都能进，什么时候修？")
        green = self.complain("green", "chen", 6, "sales_promise", "样板区种的香樟，交付后换成了小树苗，请给个说法。")
        told = "已联系绿化单位核对苗木清单，周五前公示比对结果，不符的在本季度内补植。"
        green.move("reply", HANDLER, text=told)
        self.complain(
            "letter", "huang", 3, "contract", "董事长您好：产权证约定九月办妥，至今没有准信，盼您过问。", "chairman"
        )
        self.read(lift)
        self.complain("sound", "wu", 1, "home_quality", "楼上走动声音很大，楼板隔声是否达标？请公布检测报告。")
        self.community()

    def post(self, key: str, who: str, hours: float, text: str, board: str, **more: Any) -> Told:
        """An owner posted some hours ago."""
        home = self.estate.homes[AT_HOME[who]]
        said = {"board": board, "uid": self.estate.customers[who].id, "home_id": home, "text": text, **more}
        at = self.tell.moment(hours=-hours)
        return self.tell.begin("membership/post", "submit", CLUB, f"post.{key}", posted_at=at, **said)

    def complain(self, key: str, who: str, hours: float, category: str, text: str, board: str = "complaint") -> Told:
        """The same on a complaint board: it has become a case."""
        post = self.post(key, who, hours, text, board, category=category)
        return self.tell.found("complaints/forum_complaint", GROUP, f"forum.{key}", post_id=post.id)

    def read(self, overdue: Told) -> None:
        """The group centre puts the list before the leaders ahead of time, because a post is overdue."""
        reading = self.tell.found("complaints/forum_reading", GROUP, "forum.reading", id=overdue.record["reading_id"])
        reading.move("issue", GROUP)
        reading.move("read", LEADER, remark="电梯停运请今日回复业主。")
        reading.move("read", CHAIRMAN)

    def community(self) -> None:
        """Two posts of the community: one shown, one waiting for its moderator."""
        fair = self.post("fair", "liu", 26, "周末社区跳蚤市场有人一起摆摊吗？", "community")
        fair.move("show", GROUP)
        self.post("lift_offer", "chen", 2, "转让一辆儿童自行车，九成新，地下车库自取。", "community")
