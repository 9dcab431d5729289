"""A home, from its set-up to the end of its warranty and its resale (X-77).

Moves that another process makes (contract, handover) are given by `work.perform` from there and by nobody by hand.
"""

from __future__ import annotations

from typing import Annotated

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import HomeUpdated
from services.contracts.events.maintenance import WarrantyEnded, WarrantyStarted
from services.contracts.fields import Field
from services.contracts.roles import COMPETENT_DEPARTMENT, Role, SwitchedRole
from services.contracts.vocabulary.common import (
    Area,
    CustomerUid,
    Day,
    HomeCode,
    LifecycleStage,
    LongText,
    Money,
    Percent,
    ProjectId,
    Reason,
    ShortText,
    SourceRef,
)
from services.leads.customers import Customer, advance_stage, stage_of
from services.leads.customers.lifecycle import fall_back
from services.leads.projects import project_of

Orientation = Annotated[str, Field(max_length=40)]
DESK: list[Role | SwitchedRole] = [Role.PROPERTY_COMPANY, COMPETENT_DEPARTMENT]
SOLD = ("contracted", "pre_inspected", "ready", "handover_booked", "handover_refused")
OWNED = ("handed_over", "decorating", "occupied", "out_of_warranty", "resold")


class Home(Record):
    """One home. Its id is its code; `owner_uid` is the buyer from the contract on, the owner from the handover on."""

    code: Mapped[HomeCode]
    phase: Mapped[ShortText | None]
    building: Mapped[ShortText]
    unit: Mapped[ShortText]
    unit_type: Mapped[ShortText | None]
    area: Mapped[Area | None]
    floor: Mapped[int | None]
    orientation: Mapped[Orientation | None]
    usable_ratio: Mapped[Percent | None]
    price: Mapped[Money | None]
    opened_on: Mapped[Day | None]
    reserved_for: Mapped[CustomerUid | None]
    owner_uid: Mapped[CustomerUid | None]
    acceptance_findings: Mapped[LongText | None]
    checklist: Mapped[SourceRef | None]
    verified_items: Mapped[LongText | None]
    handed_over_on: Mapped[Day | None]
    decoration_permit: Mapped[SourceRef | None]
    decoration_until: Mapped[Day | None]
    moved_in_on: Mapped[Day | None]
    warranty_until: Mapped[Day | None]
    reason: Mapped[Reason | None]


homes = Process(
    Home,
    key="home_id",
    readers=["*"],
    title="code",
    listed=["code", "building", "unit", "unit_type", "area", "floor", "owner_uid", "handed_over_on"],
    filters=["project_id", "building", "owner_uid", "reserved_for", "handed_over_on"],
    search=["code", "building", "unit_type"],
    snapshot=HomeUpdated,
)


@homes.create("planned", by=[Role.ADMINISTRATOR, Role.PROJECT_DEPARTMENT])
def set_up(
    code: HomeCode,
    project_id: ProjectId,
    building: ShortText,
    unit: ShortText,
    work: Work,
    phase: ShortText | None = None,
    unit_type: ShortText | None = None,
    area: Area | None = None,
    floor: int | None = None,
    orientation: Orientation | None = None,
    usable_ratio: Percent | None = None,
) -> Home:
    """Set a home of a project up under its code, such as P01-3-2-1201 (X-77)."""
    project = project_of(work, project_id)
    if work.session.get(Home, code) is not None:
        raise ValidationFailed.of("code", "taken")
    return Home(
        id=code,
        code=code,
        phase=phase,
        building=building,
        unit=unit,
        unit_type=unit_type,
        area=area,
        floor=floor,
        orientation=orientation,
        usable_ratio=usable_ratio,
        project_id=project.id,
        company_id=project.company_id,
    )


@homes.move("planned", "on_sale", by=[Role.PROJECT_DEPARTMENT])
def open_sale(home: Home, opened_on: Day, price: Money) -> None:
    """Offer the home for sale at its listed price (X-77)."""
    home.opened_on, home.price = opened_on, price


@homes.move("on_sale", "reserved", by=[Role.SYSTEM])
def reserve(home: Home, uid: CustomerUid, work: Work) -> None:
    """A subscription agreement is signed; nobody else can have the home (X-77, L-65); by `reservations.sign`."""
    work.get(Customer, uid, field="uid")
    home.reserved_for = uid
    advance_stage(work, uid, _project(home), LifecycleStage.RESERVED)


@homes.move("reserved", "on_sale", by=[Role.SYSTEM])
def release(home: Home, reason: Reason, work: Work) -> None:
    """The reservation was withdrawn or lapsed (X-77); by `reservations.cancel`."""
    stage = stage_of(work, str(home.reserved_for), home.project_id)
    if stage is not None and stage.state == "reserved":
        work.perform(fall_back, stage, reason=reason)
    home.reserved_for, home.reason = None, reason


@homes.move(("on_sale", "reserved"), "contracted", by=[Role.SYSTEM])
def contract(home: Home, uid: CustomerUid) -> None:
    """The sale contract is signed (X-77); by `contracts.sign`."""
    home.owner_uid, home.reserved_for = uid, None


@homes.move(SOLD, "on_sale", by=[Role.SYSTEM])
def take_back(home: Home, reason: Reason) -> None:
    """The contract ended before the handover (L-77); by `terminations.terminate`."""
    home.owner_uid, home.reason = None, reason


@homes.move("contracted", "pre_inspected", by=[COMPETENT_DEPARTMENT, Role.INSPECTION_ENGINEER])
def pass_acceptance(home: Home, acceptance_findings: LongText = "") -> None:
    """The mock acceptance is passed (X-77, M-60)."""
    home.acceptance_findings = acceptance_findings or None


@homes.move("pre_inspected", "ready", by=[COMPETENT_DEPARTMENT])
def make_ready(home: Home, checklist: SourceRef) -> None:
    """Open-day issues are rectified and the delivery-stage assessment is passed; names its checklist (X-77, M-77)."""
    home.checklist = checklist


@homes.move("ready", "handover_booked", by=[Role.SYSTEM])
def book(home: Home) -> None:
    """An appointment is made (X-77); by `handovers.book`."""


@homes.move("handover_booked", "handover_refused", by=[Role.SYSTEM])
def refuse(home: Home, reason: Reason) -> None:
    """The owner does not take the home (X-77); by `handovers.refuse`."""
    home.reason = reason


@homes.move("handover_refused", "ready", by=[COMPETENT_DEPARTMENT, Role.MAINTENANCE_LEAD])
def readmit(home: Home, verified_items: LongText) -> None:
    """What the owner refused has been rectified and verified; they can be invited again (X-77)."""
    home.verified_items = verified_items


@homes.move("handover_booked", "handed_over", by=[Role.SYSTEM])
def hand_over(home: Home, uid: CustomerUid, handed_over_on: Day) -> None:
    """The owner has signed (X-77); by `handovers.complete`."""
    home.owner_uid, home.handed_over_on = uid, handed_over_on


@homes.move("handed_over", "decorating", by=DESK)
def permit_decoration(home: Home, decoration_permit: SourceRef, decoration_until: Day) -> None:
    """The property company gives its permit (X-77)."""
    home.decoration_permit, home.decoration_until = decoration_permit, decoration_until


@homes.move(("handed_over", "decorating"), "occupied", by=DESK)
def move_in(home: Home, moved_in_on: Day, work: Work) -> None:
    """The owner has moved in and is an old owner from now on (X-77, X-72)."""
    if moved_in_on > work.today:
        raise ValidationFailed.of("moved_in_on", "in_the_future")
    home.moved_in_on = moved_in_on
    advance_stage(work, str(home.owner_uid), _project(home), LifecycleStage.OLD_OWNER)


@homes.move("occupied", "out_of_warranty", by=[Role.SYSTEM])
def end_warranty(home: Home) -> None:
    """The last warranty item has expired (X-77)."""


@homes.move(OWNED, "resold", by=[COMPETENT_DEPARTMENT])
def resell(home: Home, uid: CustomerUid, work: Work) -> None:
    """The owner has sold the home on; before the handover that is a name transfer (X-77, L-77)."""
    work.get(Customer, uid, field="uid")
    if uid == home.owner_uid:
        raise ValidationFailed.of("uid", "same_owner")
    advance_stage(work, str(home.owner_uid), _project(home), LifecycleStage.OLD_OWNER)
    advance_stage(work, uid, _project(home), LifecycleStage.OWNER)
    home.owner_uid = uid


@homes.change(OWNED, by=[Role.SYSTEM])
def note_warranty(home: Home, warranty_until: Day) -> None:
    """When the last warranty item will have expired (M-21)."""
    home.warranty_until = warranty_until


@homes.reacts(WarrantyStarted)
def on_warranty_started(event: WarrantyStarted, work: Work) -> None:
    """Keep the end of the longest item, so that the last one is known when it comes (M-21)."""
    home = work.get(Home, event.home_id, field="home_id")
    ends = [Day.fromisoformat(item["ends_on"]) for item in event.items]
    if ends:
        work.perform(note_warranty, home, warranty_until=max(ends))


@homes.reacts(WarrantyEnded)
def on_warranty_ended(event: WarrantyEnded, work: Work) -> None:
    """The last item has ended: the home is out of warranty (X-77)."""
    home = work.get(Home, event.home_id, field="home_id")
    last = home.warranty_until is not None and home.warranty_until < work.today
    if last and home.state == "occupied":
        work.perform(end_warranty, home)


def _project(home: Home) -> str:
    assert home.project_id is not None, f"{home.id} has no project"
    return home.project_id
