"""Published by complaints (domain 4.3)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.events.complaints_lessons import ComplaintHotspotReported as ComplaintHotspotReported
from services.contracts.events.complaints_lessons import DefectCasePublished as DefectCasePublished
from services.contracts.events.complaints_lessons import RedLinePublished as RedLinePublished
from services.contracts.events.complaints_lessons import SensitivePointPublished as SensitivePointPublished
from services.contracts.events.complaints_lessons import SensitivePointUpdated as SensitivePointUpdated
from services.contracts.events.complaints_public import ComplaintAppealed as ComplaintAppealed
from services.contracts.events.complaints_public import CustomerIssueReferred as CustomerIssueReferred
from services.contracts.events.complaints_public import ForumReplyIssued as ForumReplyIssued
from services.contracts.events.complaints_public import ForumReplyOverdue as ForumReplyOverdue
from services.contracts.vocabulary.common import (
    ActionId,
    CaseId,
    ContactChannel,
    CustomerUid,
    Day,
    EnquiryId,
    ForumPostId,
    GroupComplaintId,
    HomeId,
    LongText,
    Moment,
    Money,
    Number,
    Percent,
    ProjectId,
    PropertyCompanyCode,
    Rating,
    Reason,
    RecordId,
    RoleKey,
    ShortText,
    SourceRef,
    User,
)
from services.contracts.vocabulary.complaints import (
    CaseCategory,
    CaseKind,
    CaseOutcome,
    Channel,
    ResponsibleParty,
    ServiceTier,
)
from services.contracts.vocabulary.enquiries import AnsweredBy, EnquiryTopic, EscalationCause
from services.contracts.vocabulary.lessons import ActionKind
from services.contracts.vocabulary.maintenance import Urgency


class ComplaintRegistered(Event, subject="case_id"):
    """A complaint or dispute was registered and its clocks run (C-40); `post_id` is the forum post that it is of."""

    case_id: CaseId
    number: Number
    kind: CaseKind
    uid: CustomerUid
    home_id: HomeId | None = None
    project_id: ProjectId
    category: CaseCategory
    level: int
    channel: Channel
    tier: ServiceTier
    first_response_due: Moment
    solution_due: Moment
    post_id: ForumPostId | None = None


class ComplaintResponded(Event, subject="case_id"):
    """A human contacted the customer for the first time (C-41)."""

    case_id: CaseId
    number: Number
    at: Moment


class ComplaintResponseOverdue(Event, subject="case_id"):
    """Nobody contacted the customer within the limit (C-22)."""

    case_id: CaseId
    number: Number
    minutes: int
    handler: User | None = None
    supervisor_role: RoleKey | None = None


class ComplaintLevelRaised(Event, subject="case_id"):
    """A case got a higher level and another supervisor (C-31)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    from_level: int
    to_level: int
    supervisor_role: RoleKey


class CrisisWarningIssued(Event, subject="case_id"):
    """A crisis or hidden danger (C-33); `instruction` is what property companies are to do."""

    case_id: CaseId
    number: Number
    project_id: ProjectId
    level: int
    instruction: LongText | None = None


class GroupComplaintDetected(Event, subject="cluster_id"):
    """Cases of one project and category look like a group complaint, or somebody declared one (C-70)."""

    cluster_id: GroupComplaintId
    number: Number
    project_id: ProjectId
    category: CaseCategory
    cases: list[CaseId]


class GroupComplaintConfirmed(Event, subject="cluster_id"):
    """It is a group complaint; `wording` is what everybody says to the outside (C-72)."""

    cluster_id: GroupComplaintId
    number: Number
    project_id: ProjectId
    category: CaseCategory
    cause: LongText
    level: int
    wording: LongText


class ComplaintAnalysed(Event, subject="case_id"):
    """Cause and responsibility are known (C-43)."""

    case_id: CaseId
    number: Number
    cause: LongText
    responsible_party: ResponsibleParty
    developer_share: Percent | None = None


class ComplaintInformationRequested(Event, subject="case_id"):
    """The investigator asks the property company (C-42)."""

    case_id: CaseId
    number: Number
    property_company: PropertyCompanyCode
    home_id: HomeId | None = None
    project_id: ProjectId | None = None
    question: LongText
    due_at: Moment


class ComplaintPlanApproved(Event, subject="case_id"):
    """The plan was approved (C-47)."""

    case_id: CaseId
    number: Number
    plan_version: int
    approver: User


class ComplaintPlanRejected(Event, subject="case_id"):
    """The plan was rejected with a reason (C-46)."""

    case_id: CaseId
    number: Number
    plan_version: int
    reason: Reason


class ComplaintAgreed(Event, subject="case_id"):
    """Customer and company agreed (C-49)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    agreement: LongText


class ComplaintRepairRequested(Event, subject="case_id"):
    """The repair part of an agreed plan (C-51)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    home_id: HomeId
    description: LongText
    urgency: Urgency
    due_at: Moment | None = None
    request: SourceRef | None = None


class ComplaintFedBack(Event, subject="case_id"):
    """The result was told to the customer (C-53)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    opinion: LongText


class CorrectiveActionRequested(Event, subject="action_id", version=2):
    """A department has to remove a cause, or was not done with it (C-55, C-100).

    Told again for the same action when its result was returned, with the reason, and when another department gets it.
    """

    action_id: ActionId
    number: Number
    case_id: CaseId | None = None
    project_id: ProjectId
    kind: ActionKind
    cause: LongText
    action: LongText
    department: ShortText
    discipline: ShortText | None = None
    property_company: PropertyCompanyCode | None = None
    due_on: Day
    return_reason: Reason | None = None


class CorrectiveActionVerified(Event, subject="action_id"):
    """An action was done, and looked at by who asked for it (C-100)."""

    action_id: ActionId
    number: Number
    case_id: CaseId | None = None
    project_id: ProjectId
    kind: ActionKind
    department: ShortText
    property_company: PropertyCompanyCode | None = None
    action: LongText
    result: LongText


class CompensationPaid(Event, subject="case_id"):
    """Finance has paid a compensation that was agreed and approved (C-64)."""

    case_id: CaseId
    case_number: ShortText
    compensation_id: RecordId
    number: Number
    uid: CustomerUid
    home_id: HomeId | None = None
    project_id: ProjectId
    category: CaseCategory
    amount: Money
    paid_on: Day
    at: Moment


class ComplaintClosed(Event, subject="case_id"):
    """The case is closed (C-56)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    home_id: HomeId | None = None
    project_id: ProjectId
    closing_note: LongText
    outcome: CaseOutcome | None = None
    satisfaction: Rating | None = None


class ComplaintWithdrawn(Event, subject="case_id"):
    """The customer withdrew it (C-57)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    statement: LongText


class ComplaintReopened(Event, subject="case_id"):
    """A closed case was opened again: it goes on as another case, which names this one (C-59)."""

    case_id: CaseId
    number: Number
    uid: CustomerUid
    reason: Reason
    continued_as: CaseId | None = None


class EnquiryEscalated(Event, subject="enquiry_id"):
    """A human has to answer; whoever sells is told of an interest in buying (C-111, C-04)."""

    enquiry_id: EnquiryId
    number: Number
    uid: CustomerUid | None = None
    project_id: ProjectId | None = None
    topic: EnquiryTopic
    channel: ContactChannel
    cause: EscalationCause
    purchase_interest: bool = False
    at: Moment


class EnquiryAnswered(Event, subject="enquiry_id"):
    """An enquiry was answered, by the bot or by a human (C-117)."""

    enquiry_id: EnquiryId
    number: Number
    uid: CustomerUid | None = None
    project_id: ProjectId | None = None
    topic: EnquiryTopic
    channel: ContactChannel
    answered_by: AnsweredBy
    purchase_interest: bool = False
    at: Moment


class RepairEnquired(Event, subject="enquiry_id"):
    """Somebody who asked has a defect: maintenance takes it over with the moment of the report (C-04)."""

    enquiry_id: EnquiryId
    number: Number
    uid: CustomerUid | None = None
    home_id: HomeId
    description: LongText
    urgency: Urgency
    reported_at: Moment
