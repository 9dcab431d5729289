"""What the tests of enquiries share: people, a small knowledge base, and the way to ask."""

from __future__ import annotations

from typing import Any

from tests.integration.complaints.world import World, person

BOT = person("bot", "ai_agent", scope="group")
DESK = person("op", "hotline_operator")
LEAD = person("sun", "complaint_supervisor")
CENTRE = person("yang", "customer_centre")
GROUP = person("zhu", "group_centre", scope="group")

HANDOVER = {
    "topic": "handover",
    "question_zh": "什么时候交房",
    "also_asked_zh": ["交楼时间", "哪天能拿到钥匙"],
    "answer_zh": "以入伙通知书为准，交付前 15 天寄送。",
    "question_en": "When is the handover",
    "also_asked_en": ["when do I get the keys"],
    "answer_en": "On the date of the move-in notice, which comes 15 days before.",
    "keywords": ["交房", "交楼", "handover", "keys"],
    "project_id": "P01",
}
PRICE = {
    "topic": "price",
    "question_zh": "房价是多少",
    "answer_zh": "均价约 28,500 元/平方米。",
    "keywords": ["房价", "均价", "price"],
    "project_id": "P01",
}
LOAN = {
    "topic": "loan",
    "question_zh": "首付比例是多少",
    "answer_zh": "首套不低于 15%。",
    "keywords": ["首付"],
}


def entry(world: World, facts: dict[str, Any], publish: bool = True, **more: Any) -> dict[str, Any]:
    """An entry of the knowledge base, published unless a test wants otherwise."""
    drafted = world.do("draft_knowledge_entry", CENTRE, **{"review_on": "2026-09-01", **facts, **more})
    return world.do("publish_knowledge_entry", CENTRE, id=drafted["id"]) if publish else drafted


def ask(world: World, question: str = "请问什么时候交房？", by: dict[str, Any] = BOT, **more: Any) -> dict[str, Any]:
    asked = {"channel": "online_chat", "question": question, "project_id": "P01", **more}
    return world.do("receive_enquiry", by, **asked)


def escalated(world: World, **more: Any) -> dict[str, Any]:
    """An enquiry that the bot does not know the answer of."""
    enquiry = ask(world, "小区允许养大型犬吗", **more)
    assert enquiry["state"] == "escalated"
    return enquiry
