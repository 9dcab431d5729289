"""Demo data of an estate: two projects, their homes, customers, contracts, handovers and title deeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.demo_story import Story, Told

ADMIN, PROJECT, AFFAIRS, SALES, LEAD = "yan.kai", "wu.gang", "zheng.jie", "zhao.min", "qian.jun"

#: key: name, telephone, project of the first contact, how they came, identity number
CUSTOMERS = {
    "chen": ("陈志远", "13900010001", "P01", "website", "33010619850312001X"),
    "liu": ("刘雅婷", "13900010002", "P01", "referral", "330105199008250026"),
    "wang": ("王建国", "13900010003", "P01", "in_person", "330102197801060035"),
    "zhao": ("赵晓梅", "13900010004", "P01", "telephone", None),
    "huang": ("黄海涛", "13900010005", "P01", "referral", "330108199111200042"),
    "lin": ("林慕白", "13900010006", "P01", "mini_program", None),
    "sun": ("孙婉清", "13900010007", "P01", "in_person", None),
    "xu": ("徐文博", "13900010008", "P01", "website", None),
    "zhou": ("周桂芳", "13900010009", "P02", "in_person", "330104196905170050"),
    "wu": ("吴俊杰", "13900010010", "P02", "telephone", "330106198307090060"),
    "gao": ("高丽华", "13900010011", "P01", "activity", None),
    "yunfan": ("杭州云帆科技有限公司", "057188010012", "P02", "email", None),
}


@dataclass(frozen=True)
class Plot:
    """A home: where it is, what it is and costs."""

    code: str
    building: str
    unit: str
    unit_type: str
    area: str
    floor: int
    orientation: str
    price: str


HOMES = (
    Plot("P01-1-1-0802", "1幢", "1单元", "三室两厅", "118.60", 8, "南", "3260000.00"),
    Plot("P01-1-2-1201", "1幢", "2单元", "三室两厅", "125.40", 12, "南", "3580000.00"),
    Plot("P01-1-2-2001", "1幢", "2单元", "四室两厅", "143.20", 20, "南北", "4360000.00"),
    Plot("P01-2-1-0503", "2幢", "1单元", "两室两厅", "89.30", 5, "东南", "2390000.00"),
    Plot("P01-2-1-1802", "2幢", "1单元", "三室两厅", "118.60", 18, "南", "3420000.00"),
    Plot("P01-2-2-1601", "2幢", "2单元", "三室两厅", "121.80", 16, "南", "3490000.00"),
    Plot("P01-3-1-1102", "3幢", "1单元", "大平层", "286.00", 11, "南北", "12800000.00"),
    Plot("P01-3-2-0301", "3幢", "2单元", "两室两厅", "92.10", 3, "西南", "2450000.00"),
    Plot("P01-3-2-0901", "3幢", "2单元", "三室两厅", "118.60", 9, "南", "3310000.00"),
    Plot("P02-5-1-0601", "5幢", "1单元", "三室两厅", "112.50", 6, "南", "2180000.00"),
    Plot("P02-5-2-1003", "5幢", "2单元", "两室两厅", "86.70", 10, "东", "1690000.00"),
    Plot("P02-6-1-0101", "6幢", "商铺", "商铺", "210.00", 1, "临街", "5600000.00"),
)

#: home: buyer, days ago, bank of the mortgage, loan
CONTRACTS = {
    "P01-1-1-0802": ("liu", 410, "中国建设银行杭州分行", "2280000.00"),
    "P01-1-2-1201": ("chen", 425, None, None),
    "P01-2-1-0503": ("wang", 400, "中国工商银行杭州分行", "1600000.00"),
    "P01-2-1-1802": ("sun", 36, "招商银行杭州分行", "2300000.00"),
    "P01-2-2-1601": ("zhao", 260, None, None),
    "P01-3-1-1102": ("huang", 380, None, None),
    "P01-3-2-0301": ("lin", 300, "中国银行杭州分行", "1700000.00"),
    "P02-5-1-0601": ("zhou", 900, None, None),
    "P02-5-2-1003": ("wu", 880, "中国农业银行杭州分行", "1180000.00"),
    "P02-6-1-0101": ("yunfan", 520, None, None),
}

#: home: how far its handover is
HANDOVERS = {
    "P01-1-1-0802": "completed",
    "P01-1-2-1201": "completed",
    "P01-2-1-0503": "completed",
    "P01-3-1-1102": "completed",
    "P02-5-1-0601": "completed",
    "P02-5-2-1003": "completed",
    "P02-6-1-0101": "in_progress",
    "P01-2-2-1601": "booked",
    "P01-3-2-0301": "refused",
}


class Estate:
    """What leads knows; the other stories look their homes and customers up here."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.homes: dict[str, Told] = {}
        self.customers: dict[str, Told] = {}
        self.contracts: dict[str, Told] = {}
        self.handovers: dict[str, Told] = {}

    def found_projects(self) -> None:
        """Two projects; everything else is dated from the moment of the first."""
        tell = self.story
        for code, name in (("P01", "翡翠湾"), ("P02", "锦绣城")):
            project = tell.begin("leads/project", "set_up", ADMIN, code, code=code, name=name, company_id="C01")
            if code == "P01":
                tell.now = tell.now.fromisoformat(project.record["created_at"])
        project.move(
            "begin_close_out", PROJECT, handed_list="客户台账与合同各 1,284 份；未结客诉 2 件；未办产证 17 件。"
        )
        project.move("close_sales", AFFAIRS, sales_closed_on=tell.day(-120))

    def register_customers(self) -> None:
        """Who asked, and who went to see a show flat."""
        for key, (name, phone, project, source, id_no) in CUSTOMERS.items():
            kind = "company" if key == "yunfan" else "person"
            known = {"id_no": id_no} if id_no else {}
            self.customers[key] = self.story.begin(
                *("leads/customer", "register", SALES, f"customer.{key}"),
                **{"kind": kind, "name": name, "phone": phone, "project_id": project, "source": source, **known},
            )
        stage = self.story.found("leads/customer_stage", SALES, "stage.gao", uid=self.customers["gao"].id)
        stage.move("visit", SALES).move("note_interest", SALES)

    def build_home(self, plot: Plot) -> None:
        """Set a home up, offer it, sell it and bring it to its owner, as far as it has come."""
        tell = self.story
        home = self.homes[plot.code] = tell.begin(
            *("leads/home", "set_up", ADMIN, plot.code),
            code=plot.code,
            project_id=plot.code[:3],
            phase="一期",
            building=plot.building,
            unit=plot.unit,
            unit_type=plot.unit_type,
            area=plot.area,
            floor=plot.floor,
            orientation=plot.orientation,
        )
        home.move("open_sale", PROJECT, opened_on=tell.day(-950), price=plot.price)
        if plot.code == "P01-1-2-2001":
            reserved = {"home_id": home, "uid": self.customers["xu"], "deposit": "50000.00"}
            tell.begin("leads/reservation", "sign", SALES, f"reservation.{plot.code}", **reserved)
        if plot.code in CONTRACTS:
            self._sell(home, plot)
        if plot.code in HANDOVERS:
            self._bring_to_owner(home, HANDOVERS[plot.code])

    def _sell(self, home: Told, plot: Plot) -> None:
        buyer, days_ago, bank, loan = CONTRACTS[plot.code]
        mortgage: dict[str, Any] = (
            {"is_mortgaged": True, "bank": bank, "loan_amount": loan, "is_guaranteed": True} if bank else {}
        )
        self.contracts[plot.code] = self.story.begin(
            *("leads/contract", "sign", LEAD, f"contract.{plot.code}"),
            home_id=home,
            uid=self.customers[buyer],
            amount=plot.price,
            signed_on=self.story.day(-days_ago),
            agent=SALES,
            planned_handover=self.story.day(14 if days_ago > 300 else 240),
            **mortgage,
        )

    def _bring_to_owner(self, home: Told, until: str) -> None:
        tell, code = self.story, str(home.record["code"])
        desk = AFFAIRS if code.startswith("P02") else PROJECT
        home.move("pass_acceptance", desk, acceptance_findings="模拟验收通过，2 项轻微问题已整改。")
        home.move("make_ready", desk, checklist=f"JF-{code}")
        handover = self.handovers[code] = tell.begin(
            *("leads/handover", "plan", desk, f"handover.{code}"),
            home_id=home,
            batch="一期第三批",
            window_from=tell.day(-3),
            window_to=tell.day(11),
        )
        handover.move("assess", desk, assessment_ref="FX-2026-017")
        handover.move("announce", desk, letters="入伙通知书、交付须知", channel_results="短信已送达，电话已确认。")
        handover.move("book", desk, slot=tell.moment(hours=26))
        if until == "booked":
            return
        handover.move("start", desk, safety_confirmed=True, companions="配偶")
        if until == "refused":
            defects = ["主卧窗框渗水痕迹", "客厅墙面空鼓约 0.8 ㎡"]
            handover.move("refuse", desk, reason="业主现场验房发现渗水与空鼓，暂不收房。", defects=defects)

    def hand_over(self, code: str) -> None:
        """The owner signs."""
        desk = AFFAIRS if code.startswith("P02") else PROJECT
        self.handovers[code].move(
            *("complete", desk),
            handover_sheet=f"JFD-{code}",
            keys=6,
            documents=["住宅质量保证书", "住宅使用说明书", "钥匙签收单"],
            residual_items=["阳台地漏盖待补"] if code == "P01-2-1-0503" else [],
            water_meter="3.20",
            electricity_meter="18.50",
            gas_meter="0.00",
        )

    def settle_in(self) -> None:
        """After the handover: decoration, moving in, and the title deeds at the agency."""
        tell = self.story
        decorating = self.homes["P01-1-1-0802"]
        decorating.move("permit_decoration", PROJECT, decoration_permit="ZX-2026-0088", decoration_until=tell.day(120))
        self.homes["P01-1-2-1201"].move("move_in", PROJECT, moved_in_on=tell.day(0))
        for code, days in (("P02-5-1-0601", -6), ("P02-5-2-1003", 75), ("P01-1-2-1201", 160)):
            desk = AFFAIRS if code.startswith("P02") else PROJECT
            deed = tell.found("leads/title_deed_case", desk, f"deed.{code}", home_id=self.homes[code].id)
            agreed = {"agreement": f"DB-{code}", "agreement_signed_on": tell.day(-60), "due_on": tell.day(days)}
            deed.move("entrust", desk, agency="杭州安信不动产登记代理有限公司", **agreed)
            if code == "P01-1-2-1201":
                continue
            deed.move("begin", desk, agency_status="资料已受理，待缴税", reported_on=tell.day(-20))
            if code == "P02-5-2-1003":
                said = {"person": "代办员 沈琪", "content": "税务窗口本周排期，下周出具完税证明。"}
                deed.move("chase", desk, **said, promised_on=tell.day(7))
                deed.move("issue", desk, deed_number="浙(2026)杭州市不动产权第0061187号", issued_on=tell.day(-1))
                deed.move("register_mortgage", desk, registration_number="浙(2026)杭州市不动产证明第0042213号")
