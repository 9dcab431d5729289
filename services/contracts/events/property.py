"""Published by property companies, through the maintenance gateway (domain 4.6)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary.common import (
    ActionId,
    CaseId,
    CustomerUid,
    Files,
    HomeId,
    LongText,
    Moment,
    PersonName,
    Reason,
    RecordId,
    ShortText,
    SourceRef,
)
from services.contracts.vocabulary.complaints import CaseCategory, Channel
from services.contracts.vocabulary.maintenance import RepairClass


class RepairReported(Event, subject="source_ref"):
    """A resident reported a defect; makes a work order, once per `source_ref` (M-25.1)."""

    source_ref: SourceRef
    home_id: HomeId
    reporter: PersonName
    repair_class: RepairClass
    description: LongText
    photos: Files | None = None
    reported_at: Moment
    company_code: ShortText | None = None


class RepairAccepted(Event, subject="order_id"):
    """The company takes the order (M-25.4)."""

    order_id: RecordId
    technician: PersonName
    appointment: Moment


class RepairDeclined(Event, subject="order_id"):
    """The company does not take the order (M-25.5)."""

    order_id: RecordId
    reason: Reason


class RepairAppointmentSet(Event, subject="order_id"):
    """The technician's slot changed."""

    order_id: RecordId
    appointment: Moment


class RepairArrived(Event, subject="order_id"):
    """The technician is on site; stops the 48-hour clock (M-25.6)."""

    order_id: RecordId
    arrived_at: Moment
    technician: PersonName


class RepairSurveyReported(Event, subject="order_id"):
    """What the survey at the home found (M-25.7)."""

    order_id: RecordId
    findings: LongText
    cause: LongText
    liability: ShortText
    photos: Files | None = None


class RepairStarted(Event, subject="order_id"):
    """The repair began (M-25.10)."""

    order_id: RecordId


class RepairSuspended(Event, subject="order_id"):
    """Work stops for a reason: parts, weather, access or design (M-25.11)."""

    order_id: RecordId
    reason: Reason
    suspended_until: Moment | None = None


class RepairResumed(Event, subject="order_id"):
    """Work goes on (M-25.11)."""

    order_id: RecordId


class RepairCompleted(Event, subject="order_id"):
    """The repair is done and waits for verification (M-25.12)."""

    order_id: RecordId
    work_done: LongText
    parts: LongText = ""
    photos: Files | None = None
    completed_at: Moment


class CorrectiveActionReported(Event, subject="action_id"):
    """What the company did about a corrective or preventive action; complaints verifies it (C-100)."""

    action_id: ActionId
    result: LongText
    files: Files | None = None


class ComplaintForwarded(Event, subject="source_ref"):
    """A resident complained to the company; makes a case, once per `source_ref`, timed from `received_at` (C-01)."""

    source_ref: SourceRef
    home_id: HomeId
    uid: CustomerUid | None = None
    category: CaseCategory | None = None
    channel: Channel
    description: LongText
    photos: Files | None = None
    received_at: Moment
    company_code: ShortText | None = None


class ComplaintInformationSupplied(Event, subject="case_id"):
    """The answer to `complaint_information_requested`; adds to the investigation (C-42)."""

    case_id: CaseId
    answer: LongText
    files: Files | None = None
