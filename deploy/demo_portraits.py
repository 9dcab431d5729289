"""Demo data of portraits: leads, tags, conflicts, households, content rules, homes to choose from, mass changes."""

from __future__ import annotations

from typing import Any

from deploy.demo_estate import AFFAIRS, SALES, Estate, Plot

MARKETING, STEWARD, COLLEAGUE = "zhou.yan", "cao.rui", "lin.xue"

#: Still on sale, so that there is something to choose from.
HOMES = (
    Plot("P01-2-2-0602", "2幢", "2单元", "三室两厅", "118.60", 6, "南", "3240000.00"),
    Plot("P01-2-2-2201", "2幢", "2单元", "三室两厅", "121.80", 22, "南", "3560000.00"),
    Plot("P01-3-1-0801", "3幢", "1单元", "四室两厅", "143.20", 8, "南北", "4280000.00"),
    Plot("P01-3-2-1002", "3幢", "2单元", "两室两厅", "89.30", 10, "东南", "2420000.00"),
)

#: customer: what marketing found out
SCREENED = {
    "gao": {"region": "余杭区", "purchase_budget": "340", "purchase_purpose": "改善居住", "purchase_time": "3个月内"},
    "lin": {"region": "西湖区", "purchase_budget": "260", "purchase_purpose": "首次置业", "purchase_time": "半年内"},
    "zhao": {"region": "拱墅区", "purchase_budget": "350", "purchase_purpose": "子女教育"},
}

#: customer: what sales observed
OBSERVED = {
    "gao": {
        "age": "35–44岁",
        "family_structure": "二孩家庭",
        "gender": "女",
        "occupation": "教师",
        "wanted_area": "120",
        "preferred_unit_type": "三室两厅",
        "wanted_floor": "中楼层",
        "wanted_orientation": "南",
        "interests": "亲子活动",
        "purchase_method": "组合贷款",
    },
    "lin": {"age": "25–34岁", "family_structure": "夫妻二人", "gender": "男", "wanted_area": "90", "interests": "骑行"},
    "zhao": {"age": "35–44岁", "occupation": "医生", "use": "自住", "interests": "烘焙"},
    "chen": {
        "region": "滨江区",
        "age": "35–44岁",
        "family_structure": "三口之家",
        "purchase_budget": "380",
        "occupation": "软件工程师",
        "consumption": "注重品质",
        "lifestyle": "运动健身",
    },
    "huang": {"region": "上城区", "purchase_budget": "1300", "interests": "收藏", "consumption": "注重圈层"},
    "xu": {"region": "余杭区", "age": "25–34岁", "purchase_budget": "450", "use": "自住"},
    "zhou": {"region": "临平区", "age": "55岁及以上", "family_structure": "夫妻二人", "purchase_budget": "220"},
    "yunfan": {"region": "余杭区", "use": "办公"},
}

#: customer: what they say of themselves
DECLARED = {"gao": {"age": "25–34岁"}, "xu": {"use": "出租"}}

RULES = (
    ("重视教育的家庭", "suits", "school_catchment", ["purchase_purpose=子女教育"], "学区划分与就近学校讲解"),
    (
        "二孩家庭改善",
        "suits",
        "improvement",
        ["purchase_purpose=改善居住", "family_structure=二孩家庭"],
        "四室户型鉴赏",
    ),
    ("收藏爱好者", "suits", "luxury_homes", ["interests=收藏"], "大平层私享会邀请"),
    ("首次置业", "suits", "first_home", ["purchase_purpose=首次置业"], "首套贷款与契税指南"),
    ("首次置业且预算有限", "excluded", "luxury_homes", ["purchase_purpose=首次置业", "purchase_budget<=300"], None),
)

HOUSEHOLDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("chen", "spouse", {"other_name": "周敏"}),
    ("chen", "child", {"other_name": "陈思远", "note": "2026 年 9 月上小学"}),
    ("gao", "contact_person", {"other_name": "高丽娟", "other_phone": "13900020011"}),
)

#: customer, channel, minutes, unit type
BROWSED = (
    ("gao", "mini_program", 26, "三室两厅"),
    ("gao", "website", 9, "四室两厅"),
    ("lin", "website", 41, "两室两厅"),
)


class Portraits:
    """What is known of the customers of the estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """Everything in its order."""
        for plot in HOMES:
            self.estate.build_home(plot)
        self.browse()
        for verb, by, said in (("screen", MARKETING, SCREENED), ("note", SALES, OBSERVED)):
            for who, tags in said.items():
                self.say(verb, by, who, tags)
        self.hand_over()
        for who, tags in DECLARED.items():
            self.say("note", SALES, who, tags, is_self_declared=True)
        self.decide()
        self.relate()
        self.rule()
        self.change_many()

    def say(self, verb: str, by: str, who: str, tags: dict[str, str], **more: Any) -> None:
        """One statement per tag."""
        for tag, value in tags.items():
            key = f"tag.{who}.{tag}.{'declared' if more else verb}"
            said = {"uid": self.estate.customers[who], "tag": tag, "value": value, **more}
            self.tell.begin("leads/customer_tag", verb, by, key, **said)

    def hand_over(self) -> None:
        """One lead that was taken, and one that waits."""
        for who, agent in (("gao", SALES), ("lin", COLLEAGUE)):
            lead = self.tell.begin(
                *("leads/lead", "hand_over", MARKETING, f"lead.{who}"),
                uid=self.estate.customers[who],
                project_id="P01",
                agent=agent,
                note="小程序留资，已电话初筛。",
            )
            if who == "gao":
                lead.move("take", agent)

    def decide(self) -> None:
        """One conflict is decided, another one waits."""
        uid = self.estate.customers["xu"].id
        conflict = self.tell.found("leads/tag_conflict", STEWARD, "conflict.xu", uid=uid, tag="use")
        conflict.move("resolve", STEWARD, value="自住", reason="电话核实：自住，原为出租意向。")

    def relate(self) -> None:
        """Family and contact persons."""
        for number, (who, relation, other) in enumerate(HOUSEHOLDS):
            self.tell.begin(
                *("leads/household_link", "add", SALES, f"household.{number}"),
                uid=self.estate.customers[who],
                relation=relation,
                **other,
            )

    def browse(self) -> None:
        """What they looked at online."""
        for number, (who, channel, minutes, unit_type) in enumerate(BROWSED):
            self.tell.begin(
                *("leads/browsing_entry", "log", MARKETING, f"browsing.{number}"),
                uid=self.estate.customers[who],
                project_id="P01",
                channel=channel,
                minutes=minutes,
                unit_type=unit_type,
                at=self.tell.moment(hours=-20.0 * (number + 1)),
            )

    def rule(self) -> None:
        """What suits whom."""
        for number, (title, verdict, theme, conditions, content) in enumerate(RULES):
            kept: dict[str, Any] = {"title": title, "verdict": verdict, "theme": theme, "conditions": conditions}
            more = {"content": content} if content else {}
            self.tell.begin("leads/content_rule", "add", MARKETING, f"content.{number}", **kept, **more)

    def change_many(self) -> None:
        """One mass change was done, one waits for its approval."""
        for number, asked in enumerate(
            (
                {"tag": "consumption", "value": "注重品质", "condition": "purchase_purpose=改善居住"},
                {"tag": "consumption", "value": "注重性价比", "condition": "purchase_purpose=首次置业"},
            )
        ):
            why = {"reason": "按季度客户研究结论统一口径。", "company_id": "C01"}
            change = self.tell.begin("leads/tag_change", "propose", STEWARD, f"tag_change.{number}", **asked, **why)
            if not number:
                change.move("approve", AFFAIRS)
