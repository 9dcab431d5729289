"""Demo data of enquiries: the knowledge base, questions of all sorts, the duty roster and a missed call."""

from __future__ import annotations

from typing import Any

from deploy.demo_estate import Estate
from deploy.demo_knowledge import ENTRIES, Entry
from deploy.demo_story import Told

HOTLINE, LEAD, CENTRE = "han.mei", "jiang.tao", "yang.fan"
REVIEW_DAYS = 180


class Enquiries:
    """The base first: what is asked afterwards is answered from it."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """Everything in its order."""
        for entry in ENTRIES:
            self.publish(entry)
        self.draft()
        self.stand_by()
        self.ask_all()
        self.miss()

    def write(self, entry: Entry, **more: Any) -> Told:
        """An entry as its owner writes it."""
        english: dict[str, Any] = {
            "question_en": entry.en,
            "answer_en": entry.answer_en,
            "also_asked_en": list(entry.also_en),
        }
        written = {
            "topic": entry.topic,
            "question_zh": entry.zh,
            "also_asked_zh": list(entry.also_zh),
            "answer_zh": entry.answer_zh,
            "keywords": list(entry.keywords),
            "review_on": self.tell.day(REVIEW_DAYS),
            **(english if entry.en else {}),
            **({"project_id": entry.project} if entry.project else {}),
            **more,
        }
        return self.tell.begin("complaints/knowledge_entry", "draft", CENTRE, f"knowledge.{entry.key}", **written)

    def publish(self, entry: Entry) -> None:
        """From now on the bot answers with it."""
        self.write(entry).move("publish", CENTRE)

    def draft(self) -> None:
        """Not yet right: nobody is answered with it."""
        answer = "按《居民养犬管理规定》办理犬证后可以饲养，细则待物业确认。"
        pets = Entry("pets", "property_service", "小区可以养宠物吗", answer)
        self.write(pets, owner=CENTRE)

    def stand_by(self) -> None:
        """Three nights."""
        for night, user in enumerate(("han.mei", "li.na", "han.mei")):
            begins = 24.0 * night
            self.tell.begin(
                *("complaints/duty_shift", "plan", LEAD, f"duty.{night}"),
                user=user,
                starts_at=self.tell.moment(hours=begins),
                ends_at=self.tell.moment(hours=begins + 12),
                company_id="C01",
            )

    def ask(self, key: str, question: str, channel: str, who: str | None = None, **more: Any) -> Told:
        """Somebody asks about the first project."""
        known = {"uid": self.estate.customers[who].id} if who else {}
        asked = {"question": question, "channel": channel, "project_id": "P01", **known, **more}
        return self.tell.begin("complaints/enquiry", "receive", HOTLINE, f"enquiry.{key}", **asked)

    def ask_all(self) -> None:
        """Answered, confirmed, escalated, answered by a human, referred."""
        self.ask("fund", "请问可以用公积金贷款吗？", "mini_program", "lin").move("confirm", HOTLINE)
        self.ask("metro", "Is there a metro station nearby?", "website")
        self.ask("price", "想买房，翡翠湾均价多少？", "online_chat", "gao")
        self.ask("decoration", "我们想做一个定制装修方案，交房前能出图吗？", "telephone", "sun", queue_seconds=46)
        dogs = self.ask("pets", "小区里允许养大型犬吗？", "online_chat", "chen", queue_seconds=12)
        dogs.move("respond", HOTLINE, first_contact="已致电，正在向物业核实养犬规定。")
        dogs.move("answer", HOTLINE, answer="办理犬证后可以饲养，烈性犬除外；出门须牵绳。", topic="property_service")
        leak = self.ask("leak", "厨房水槽下面一直漏水，找谁？", "mini_program", "liu", home_id="P01-1-1-0802")
        leak.move("refer_repair", HOTLINE, answer="已转维修受理台，48 小时内上门。", urgency="high")
        papers = self.ask("papers", "收房需要带哪些资料？", "telephone", "zhao", queue_seconds=8)
        papers.move("reject", HOTLINE, wish="资料我知道了，我想把预约改到下周。")

    def miss(self) -> None:
        """A call that nobody took, and one that was called back."""
        for key, minutes, phone in (("open", 20, "13900010006"), ("done", 95, "13900010011")):
            call = self.tell.begin(
                *("complaints/missed_contact", "register", HOTLINE, f"missed.{key}"),
                channel="telephone",
                phone=phone,
                project_id="P01",
                arrived_at=self.tell.moment(hours=-minutes / 60 - 0.05),
                gave_up_at=self.tell.moment(hours=-minutes / 60),
            )
        call.move("call_back", HOTLINE, note="客户询问签约所需资料，已告知。")
