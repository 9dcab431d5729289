"""Published by maintenance (domain 4.4), to the services and to property companies."""

from __future__ import annotations

from dataclasses import field

from services.contracts.events import Event
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Details,
    HomeId,
    LongText,
    MaskedContact,
    Moment,
    Money,
    Number,
    ProjectId,
    PropertyCompanyCode,
    Rating,
    Reason,
    RecordId,
    ShortText,
    SourceRef,
)
from services.contracts.vocabulary.maintenance import RepairClass, RepairSource, Urgency, WarrantyCategory


class WorkOrderCreated(Event, subject="order_id"):
    """A defect was reported and its clock runs (M-25.1)."""

    order_id: RecordId
    number: Number
    home_id: HomeId
    uid: CustomerUid | None = None
    project_id: ProjectId
    repair_class: RepairClass
    source: RepairSource
    source_ref: SourceRef | None = None
    case_id: CaseId | None = None
    visit_due: Moment


class WorkOrderDispatched(Event, subject="order_id"):
    """An order was given to a property company, which accepts or declines it (M-25.3)."""

    order_id: RecordId
    number: Number
    property_company: PropertyCompanyCode
    home_id: HomeId
    contact: MaskedContact | None = None
    repair_class: RepairClass
    urgency: Urgency
    is_priority: bool
    description: LongText
    source_ref: SourceRef | None = None
    visit_due: Moment | None = None
    defects: list[ShortText] = field(default_factory=list)


class WorkOrderProgressed(Event, subject="order_id"):
    """An order moved from one state to another (M-25)."""

    order_id: RecordId
    number: Number
    case_id: CaseId | None = None
    from_state: ShortText | None = None
    to_state: ShortText
    at: Moment


class WorkOrderCancelled(Event, subject="order_id"):
    """An order will not be done (M-25.18)."""

    order_id: RecordId
    number: Number
    case_id: CaseId | None = None
    reason: Reason


class RepairVisitOverdue(Event, subject="order_id"):
    """Nobody was on site within the limit (M-31, M-32)."""

    order_id: RecordId
    number: Number
    home_id: HomeId
    case_id: CaseId | None = None
    hours: int
    due_at: Moment


class RepairPlanConfirmed(Event, subject="order_id"):
    """The plan of a survey-mandatory repair was approved (M-25.8)."""

    order_id: RecordId
    number: Number
    case_id: CaseId | None = None
    plan: LongText


class RepairReworkOrdered(Event, subject="order_id"):
    """The result was not accepted (M-25.15)."""

    order_id: RecordId
    number: Number
    case_id: CaseId | None = None
    reason: Reason


class ExpertConsultationOpened(Event, subject="order_id"):
    """A difficult case gets a joint consultation at once (M-34)."""

    order_id: RecordId
    number: Number
    case_id: CaseId | None = None
    experts: ShortText


class RepeatRepairDetected(Event, subject="order_id"):
    """The same home and class within the period (M-35)."""

    order_id: RecordId
    home_id: HomeId
    repair_class: RepairClass
    orders: list[RecordId]


class WorkOrderVerified(Event, subject="order_id"):
    """The lead department inspected the result (M-25.13)."""

    order_id: RecordId
    number: Number
    case_id: CaseId | None = None
    result: LongText


class WorkOrderClosed(Event, subject="order_id"):
    """The owner confirmed and the cost is booked (M-25.16)."""

    order_id: RecordId
    number: Number
    home_id: HomeId
    uid: CustomerUid | None = None
    case_id: CaseId | None = None
    rating: Rating | None = None
    cost: Money | None = None


class WarrantyStarted(Event, subject="home_id"):
    """Warranty items of a home began with its handover (M-21)."""

    home_id: HomeId
    items: list[Details]


class WarrantyEnding(Event, subject="home_id"):
    """A warranty item ends soon (M-136)."""

    home_id: HomeId
    category: WarrantyCategory
    ends_on: ShortText


class WarrantyEnded(Event, subject="home_id"):
    """A warranty item has ended (M-21)."""

    home_id: HomeId
    category: WarrantyCategory


class PropertyCompanyAppointed(Event, subject="property_company"):
    """A company was engaged for a project (M-02)."""

    property_company: PropertyCompanyCode
    project_id: ProjectId
    appointed_from: ShortText


class MessageRejected(Event, subject="message_id"):
    """To a property company: a message of theirs had no effect; says which rule and which field."""

    message_id: ShortText
    message_type: ShortText
    reason: ShortText
    message: ShortText
    message_en: ShortText
    fields_at_fault: list[ShortText] = field(default_factory=list)
    rules_broken: list[ShortText] = field(default_factory=list)
