"""Warranty cover of a home, from its handover on (M-20, M-21), and the household file of the property company."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.calendars import ZONE, add_months
from services.chassis.clocks import clock
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.leads import HandoverCompleted
from services.contracts.events.maintenance import WarrantyEnded, WarrantyEnding, WarrantyStarted
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import CustomerUid, Day, HomeId, Months
from services.contracts.vocabulary.maintenance import WarrantyCategory
from services.maintenance.companies import responsible_for

TERMS = {
    WarrantyCategory.STRUCTURE: Parameter("warranty.structure", 600, "months", "M-21"),
    WarrantyCategory.WATERPROOFING: Parameter("warranty.waterproofing", 60, "months", "M-21"),
    WarrantyCategory.EQUIPMENT: Parameter("warranty.equipment", 24, "months", "M-21"),
    WarrantyCategory.DECORATION: Parameter("warranty.decoration", 24, "months", "M-21"),
    WarrantyCategory.HEATING_COOLING: Parameter("warranty.heating_cooling", 24, "months", "M-21"),
}


class WarrantyItem(Record):
    """Cover of one category of one home: from the handover date, for the months in force on that date."""

    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid | None]
    category: Mapped[WarrantyCategory]
    starts_on: Mapped[Day]
    months: Mapped[Months]
    ends_on: Mapped[Day]


items = Process(
    WarrantyItem,
    readers=["*"],
    title="category",
    listed=["home_id", "category", "starts_on", "months", "ends_on"],
    filters=["home_id", "uid", "category", "project_id", "ends_on"],
    search=["home_id"],
    announces=[WarrantyStarted, HandoverCompleted],
)


@items.create("running", by=[COMPETENT_DEPARTMENT])
def start(home_id: HomeId, category: WarrantyCategory, starts_on: Day, work: Work) -> WarrantyItem:
    """Start the cover of a category; the developer owes it for the whole term (M-20, M-21)."""
    home = work.need_replica("leads/home", home_id, field="home_id")
    months = int(work.parameter(TERMS[category]))
    return WarrantyItem(
        home_id=home_id,
        uid=home.get("owner_uid"),
        category=category,
        starts_on=starts_on,
        months=months,
        ends_on=add_months(starts_on, months),
        project_id=home["project_id"],
        company_id=home["company_id"],
    )


@items.move("running", "ended", by=[Role.SYSTEM], emits=[WarrantyEnded])
def end(item: WarrantyItem) -> None:
    """The term has run out (M-21)."""


#: M-136: three months before the end.
ENDING_NOTICE = Parameter("warranty.ending_notice", 3, "months", "M-136")

clock(items, "term", until="ends_on", warn=ENDING_NOTICE, soon=WarrantyEnding, starts="running", then=end)


@items.reacts(HandoverCompleted)
def on_handover_completed(event: HandoverCompleted, work: Work) -> None:
    """Start every category with the handover date and open the household file at the property company (M-21, L-117)."""
    day = event.at.astimezone(ZONE).date()
    work.need_replica("leads/home", event.home_id, field="home_id")
    started = [work.perform(start, home_id=event.home_id, category=category, starts_on=day) for category in TERMS]
    told = [
        {"category": str(item.category), "starts_on": item.starts_on.isoformat(), "ends_on": item.ends_on.isoformat()}
        for item in started
    ]
    work.emit(WarrantyStarted, home_id=event.home_id, items=told)
    customer = work.replica("leads/customer", event.uid) or {}
    contact = " ".join(part for part in (customer.get("name"), customer.get("masked_phone")) if part) or None
    for company in responsible_for(work, event.project_id):
        work.emit_to(company, HandoverCompleted, **{**vars(event), "contact": contact, "warranty_items": told})
