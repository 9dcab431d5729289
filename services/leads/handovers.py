"""The handover of a home to its owner, from the batch to the signature or the refusal (L-108 to L-119)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import HandoverAnnounced, HandoverCompleted, HandoverRefused
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import (
    ContractId,
    Count,
    CustomerUid,
    Day,
    HomeId,
    LifecycleStage,
    LongText,
    MeterReading,
    Moment,
    Number,
    Reason,
    ShortText,
    SourceRef,
)
from services.leads import contracts, homes, title_deeds
from services.leads.customers import advance_stage
from services.leads.homes import Home
from services.leads.readers import HANDOVER_READERS

REQUIRE_ASSESSMENT = Parameter("handover.require_assessment", 1, "0/1", "L-108")
REQUIRE_READY_HOME = Parameter("handover.require_ready_home", 1, "0/1", "L-108")
PARAMETERS = [REQUIRE_ASSESSMENT, REQUIRE_READY_HOME]
DESK = [COMPETENT_DEPARTMENT]
OPEN = ("batch_planned", "assessed", "announced", "booked", "in_progress", "refused", "no_show")
NOTHING: list[str] = []


class Handover(Record):
    """One home on its way to its owner: invitation, appointment, what was checked, given and signed (L-114)."""

    __table_args__ = (
        sa.Index(
            "uq_handover_live",
            "home_id",
            unique=True,
            sqlite_where=sa.text("state <> 'cancelled'"),
            postgresql_where=sa.text("state <> 'cancelled'"),
        ),
    )

    number: Mapped[Number]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    contract_id: Mapped[ContractId]
    batch: Mapped[ShortText]
    window_from: Mapped[Day]
    window_to: Mapped[Day]
    assessment_ref: Mapped[SourceRef | None]
    letters: Mapped[ShortText | None]
    channel_results: Mapped[LongText | None]
    slot: Mapped[Moment | None]
    attempts: Mapped[int]
    arrived_at: Mapped[Moment | None]
    companions: Mapped[ShortText | None]
    safety_confirmed: Mapped[bool]
    handover_sheet: Mapped[SourceRef | None]
    keys: Mapped[Count | None]
    water_meter: Mapped[MeterReading | None]
    electricity_meter: Mapped[MeterReading | None]
    gas_meter: Mapped[MeterReading | None]
    documents: Mapped[list[ShortText]]
    residual_items: Mapped[list[ShortText]]
    completed_at: Mapped[Moment | None]
    reason: Mapped[Reason | None]
    defects: Mapped[list[ShortText]]


handovers = Process(
    Handover,
    key="handover_id",
    numbered="HO",
    readers=HANDOVER_READERS,
    listed=["number", "home_id", "uid", "batch", "slot", "attempts", "completed_at"],
    filters=["project_id", "home_id", "uid", "contract_id", "batch", "slot", "completed_at"],
    search=["number", "home_id", "batch"],
)


@handovers.create("batch_planned", by=DESK)
def plan(home_id: HomeId, batch: ShortText, window_from: Day, window_to: Day, work: Work) -> Handover:
    """Take a sold home into a handover batch (L-108)."""
    home = work.get(Home, home_id, field="home_id", lock=True)
    contract = contracts.in_force(work, home_id)
    if contract is None:
        raise ValidationFailed.of("home_id", "no_contract")
    if _live(work, home_id) is not None:
        raise ValidationFailed.of("home_id", "taken")
    if window_to < window_from:
        raise ValidationFailed.of("window_to", "range_order")
    return Handover(
        home_id=home_id,
        uid=contract.uid,
        contract_id=contract.id,
        batch=batch,
        window_from=window_from,
        window_to=window_to,
        attempts=0,
        safety_confirmed=False,
        project_id=home.project_id,
        company_id=home.company_id,
    )


@handovers.move("batch_planned", "assessed", by=DESK)
def assess(handover: Handover, work: Work, assessment_ref: SourceRef | None = None) -> None:
    """The delivery-stage risk assessment is passed; names it, where the gate is on (L-108, L-114)."""
    if not assessment_ref and work.parameter(REQUIRE_ASSESSMENT):
        raise ValidationFailed.of("assessment_ref", "required")
    handover.assessment_ref = assessment_ref


def _home_is_ready(handover: Handover, work: Work) -> Obstacle | None:
    """Acceptance passed, open-day issues rectified, certificates there: the home's own state says so (X-77)."""
    home = work.get(Home, handover.home_id)
    if home.state == "ready" or not work.parameter(REQUIRE_READY_HOME):
        return None
    return Obstacle("home_not_ready", {"home": home.code, "state": home.state})


@handovers.move("assessed", "announced", by=DESK, emits=[HandoverAnnounced], guard=_home_is_ready)
def announce(handover: Handover, letters: ShortText, channel_results: LongText = "") -> None:
    """Invite the owner: which letters were sent, and which channel reached them (L-114)."""
    handover.letters, handover.channel_results = letters, channel_results or None


def _home_can_be_booked(handover: Handover, work: Work) -> Obstacle | None:
    """After a refusal all that was required has to be rectified and verified (L-114)."""
    home = work.get(Home, handover.home_id)
    if home.state == ("handover_booked" if handover.state == "no_show" else "ready"):
        return None
    return Obstacle("home_not_ready", {"home": home.code, "state": home.state})


@handovers.move(
    ("announced", "refused", "no_show"),
    "booked",
    by=[*DESK, Role.HOTLINE_OPERATOR, Role.CUSTOMER_MANAGER],
    guard=_home_can_be_booked,
)
def book(handover: Handover, slot: Moment, work: Work) -> None:
    """Agree on a slot with the owner; after a refusal or a missed appointment, on a new one (L-114)."""
    if slot <= work.now:
        raise ValidationFailed.of("slot", "in_the_past")
    if handover.state != "no_show":
        work.perform(homes.book, work.get(Home, handover.home_id, lock=True))
    handover.slot, handover.attempts = slot, handover.attempts + 1


@handovers.move("booked", "no_show", by=DESK)
def miss(handover: Handover, work: Work) -> None:
    """Nobody came to the appointment (L-114)."""
    if handover.slot is not None and work.now < handover.slot:
        raise ValidationFailed.of("", "slot_not_reached")


@handovers.move("booked", "in_progress", by=DESK)
def start(handover: Handover, safety_confirmed: bool, work: Work, companions: ShortText = "") -> None:
    """The owner is there, with whom, and the safety list of the site is ticked (L-112, L-114)."""
    if not safety_confirmed:
        raise ValidationFailed.of("safety_confirmed", "safety_required")
    handover.safety_confirmed, handover.companions, handover.arrived_at = True, companions or None, work.now


@handovers.move("in_progress", "completed", by=DESK, emits=[HandoverCompleted])
def complete(
    handover: Handover,
    handover_sheet: SourceRef,
    keys: Count,
    work: Work,
    documents: list[ShortText] = NOTHING,
    residual_items: list[ShortText] = NOTHING,
    water_meter: MeterReading | None = None,
    electricity_meter: MeterReading | None = None,
    gas_meter: MeterReading | None = None,
) -> None:
    """The owner signs: the home is theirs, the contract is fulfilled, the deed file is opened (L-114, L-117)."""
    handover.handover_sheet, handover.keys, handover.completed_at = handover_sheet, keys, work.now
    handover.documents, handover.residual_items = list(documents), list(residual_items)
    handover.water_meter, handover.electricity_meter, handover.gas_meter = water_meter, electricity_meter, gas_meter
    home = work.get(Home, handover.home_id, lock=True)
    work.perform(homes.hand_over, home, uid=handover.uid, handed_over_on=work.today)
    contract = work.get(contracts.Contract, handover.contract_id)
    work.perform(contracts.fulfil, contract)
    advance_stage(work, handover.uid, str(handover.project_id), LifecycleStage.OWNER)
    title_deeds.open_for(work, contract)


@handovers.move("in_progress", "refused", by=DESK, emits=[HandoverRefused])
def refuse(handover: Handover, reason: Reason, work: Work, defects: list[ShortText] = NOTHING) -> None:
    """The owner does not take the home; a survey and a plan are needed before they are invited again (L-114)."""
    handover.reason, handover.defects = reason, list(defects)
    work.perform(homes.refuse, work.get(Home, handover.home_id, lock=True), reason=reason)


@handovers.move(OPEN, "cancelled", by=[Role.SYSTEM])
def cancel(handover: Handover, reason: Reason) -> None:
    """The contract ended before the handover (L-77); by `terminations.terminate`."""
    handover.reason = reason


def call_off(work: Work, contract_id: str, reason: str) -> None:
    """Cancel what is planned under a contract that ends (L-77)."""
    for handover in work.all(Handover, Handover.contract_id == contract_id, Handover.state.in_(OPEN)):
        work.perform(cancel, handover, reason=reason)


def _live(work: Work, home_id: str) -> Handover | None:
    return work.first(Handover, Handover.home_id == home_id, Handover.state.in_(OPEN))
