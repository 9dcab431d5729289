"""Named types of the field's own words: each is a Python type with the description that every edge reads."""

from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal as ExactDecimal
from typing import Annotated, Any

from services.contracts.fields import PERSON, ROLE, Field
from services.contracts.roles import Role

Number = Annotated[str, Field("number", max_length=60, read_only=True)]
RecordId = Annotated[str, Field(max_length=40)]
CustomerUid = Annotated[str, Field("reference", max_length=40, to="leads/customer")]
HomeId = Annotated[str, Field("reference", max_length=40, to="leads/home", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")]
ProjectId = Annotated[
    str, Field("reference", max_length=40, to="leads/project", pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")
]
ContractId = Annotated[str, Field("reference", max_length=40, to="leads/contract")]
ActionId = Annotated[str, Field("reference", max_length=40, to="complaints/corrective_action")]
DefectId = Annotated[str, Field("reference", max_length=40, to="complaints/defect_case")]
RedLineId = Annotated[str, Field("reference", max_length=40, to="complaints/red_line")]
SensitivePointId = Annotated[str, Field("reference", max_length=40, to="complaints/sensitive_point")]
HotspotReportId = Annotated[str, Field("reference", max_length=40, to="complaints/hotspot_report")]
PrinciplesId = Annotated[str, Field("reference", max_length=40, to="complaints/principles")]
CaseId = Annotated[str, Field("reference", max_length=40, to="complaints/case")]
EnquiryId = Annotated[str, Field("reference", max_length=40, to="complaints/enquiry")]
SuggestionId = Annotated[str, Field("reference", max_length=40, to="complaints/suggestion")]
FeedbackId = Annotated[str, Field("reference", max_length=40, to="complaints/feedback")]
CustomerIssueId = Annotated[str, Field("reference", max_length=40, to="complaints/customer_issue")]
KnowledgeEntryId = Annotated[str, Field("reference", max_length=40, to="complaints/knowledge_entry")]
GroupComplaintId = Annotated[str, Field("reference", max_length=40, to="complaints/group_complaint")]
ForumPostId = Annotated[str, Field("reference", max_length=40, to="membership/post")]
ForumReadingId = Annotated[str, Field("reference", max_length=40, to="complaints/forum_reading")]
WorkOrderId = Annotated[str, Field("reference", max_length=40, to="maintenance/work_order")]
HandoverId = Annotated[str, Field("reference", max_length=40, to="leads/handover")]
TitleDeedCaseId = Annotated[str, Field("reference", max_length=40, to="leads/title_deed_case")]
ProjectCode = Annotated[str, Field(max_length=16, pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")]
HomeCode = Annotated[str, Field(max_length=40, pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")]
CompanyId = Annotated[str, Field(max_length=40, pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")]
CompanyCode = Annotated[str, Field(max_length=20, pattern=r"[a-z0-9_]{2,20}")]
PropertyCompanyCode = Annotated[
    str, Field(max_length=20, pattern=r"[a-z0-9_]{2,20}", to="maintenance/property_company")
]
User = Annotated[str, Field(max_length=80, to=PERSON)]
RoleKey = Annotated[str, Field(max_length=40, to=ROLE)]
PersonName = Annotated[str, Field(max_length=80)]
Title = Annotated[str, Field(max_length=120)]
Phone = Annotated[str, Field(max_length=20, mask="phone", pattern=r"\+?[0-9][0-9 -]{5,18}")]
MaskedContact = Annotated[str, Field(max_length=120)]
IdentityNumber = Annotated[str, Field(max_length=20, mask="id_no")]
Url = Annotated[str, Field(max_length=500, pattern=r"https?://\S+")]
ShortText = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=4000, multiline=True)]
Reason = Annotated[str, Field(max_length=1000, multiline=True)]
SourceRef = Annotated[str, Field(max_length=80)]
Money = Annotated[ExactDecimal, Field("money", min=0, max=10_000_000_000)]
Days = Annotated[int, Field("integer", min=0, max=3650)]
Months = Annotated[int, Field("integer", min=0, max=1200)]
#: How serious a complaint is; each level has its own supervisor and its name (C-30).
CaseLevel = Annotated[int, Field("integer", min=1, max=4, choices="case_level", values=("1", "2", "3", "4"))]
Rating = Annotated[int, Field("integer", min=1, max=5)]
MeanRating = Annotated[ExactDecimal, Field("decimal", min=1, max=5)]
Area = Annotated[ExactDecimal, Field("decimal", min=0, max=100_000)]
MeterReading = Annotated[ExactDecimal, Field("decimal", min=0, max=100_000_000)]
Count = Annotated[int, Field("integer", min=0, max=10_000)]
Percent = Annotated[int, Field("integer", min=0, max=100)]
Minutes = Annotated[int, Field("integer", min=0)]
Hours = Annotated[int, Field("integer", min=0)]
Seconds = Annotated[int, Field("integer", min=0, max=86_400)]
Share = Annotated[ExactDecimal, Field("decimal", min=0, max=1)]
Files = Annotated[list[str], Field("files")]
Details = Annotated[dict[str, Any], Field("json")]
Moment = datetime
Day = date


class RepairClass(enum.StrEnum):
    """What kind of defect is repaired (M-30)."""

    LEAKAGE = "leakage"
    STRUCTURAL_CRACK = "structural_crack"
    LARGE_AREA_HOLLOW_OR_CRACK = "large_area_hollow_or_crack"
    REPEAT_REPAIR = "repeat_repair"
    UNCLEAR_LIABILITY = "unclear_liability"
    HANDOVER_REFUSED = "handover_refused"
    EQUIPMENT = "equipment"
    DECORATION = "decoration"
    OTHER = "other"


class Urgency(enum.StrEnum):
    """How quickly somebody has to be there."""

    NORMAL = "normal"
    HIGH = "high"
    EMERGENCY = "emergency"


class Difficulty(enum.StrEnum):
    """Difficult cases start an expert consultation (M-34)."""

    ORDINARY = "ordinary"
    DIFFICULT = "difficult"


class RepairSource(enum.StrEnum):
    """Where a work order came from (M-23)."""

    CUSTOMER = "customer"
    PROPERTY_COMPANY = "property_company"
    COMPLAINT = "complaint"
    OPEN_DAY = "open_day"
    HANDOVER = "handover"
    INSPECTION = "inspection"


class Payer(enum.StrEnum):
    """Who pays a repair (M-23)."""

    DEVELOPER = "developer"
    OWNER = "owner"
    FUND = "fund"
    PROPERTY_COMPANY = "property_company"


class CaseKind(enum.StrEnum):
    """Which of the two registers a case belongs to (C-06)."""

    COMPLAINT = "complaint"
    DISPUTE = "dispute"


class IntakeClass(enum.StrEnum):
    """What somebody who turns to the company wants (C-04)."""

    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    REPAIR = "repair"
    SUGGESTION = "suggestion"
    PURCHASE = "purchase"


class CaseCategory(enum.StrEnum):
    """What a complaint is about (C-05)."""

    HOME_QUALITY = "home_quality"
    DECORATION = "decoration"
    PROPERTY_MANAGEMENT = "property_management"
    DELIVERY = "delivery"
    CONTRACT = "contract"
    SALES_PROMISE = "sales_promise"
    SERVICE_ATTITUDE = "service_attitude"
    FACILITIES = "facilities"
    DESIGN_CHANGE = "design_change"
    FEE = "fee"
    OTHER = "other"


class Channel(enum.StrEnum):
    """How a complaint came in (C-02)."""

    HOTLINE = "hotline"
    EMAIL = "email"
    ONLINE_CHAT = "online_chat"
    COUNTER = "counter"
    PROPERTY_COMPANY = "property_company"
    FORUM = "forum"
    SOCIAL_MEDIA = "social_media"
    FOLLOW_UP_VISIT = "follow_up_visit"
    SURVEY = "survey"
    SYMPOSIUM = "symposium"
    EMPLOYEE = "employee"


class ForumBoard(enum.StrEnum):
    """Where in the forum a post stands (B-90)."""

    COMPLAINT = "complaint"
    CHAIRMAN = "chairman"
    COMMUNITY = "community"


class ServiceTier(enum.StrEnum):
    """Which service levels a request gets (C-20, C-21)."""

    ORDINARY = "ordinary"
    HIGH_VALUE = "high_value"


class ResponsibleParty(enum.StrEnum):
    """Who is responsible for the cause of a complaint (C-43)."""

    DEVELOPER = "developer"
    CONTRACTOR = "contractor"
    PROPERTY_COMPANY = "property_company"
    DESIGN = "design"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class LevelTrigger(enum.StrEnum):
    """Why a complaint has its level (C-31)."""

    INTAKE = "intake"
    DECISION = "decision"
    REPEATED_BREACH = "repeated_breach"
    CUSTOMER_REJECTION = "customer_rejection"
    GROUP_SUSPICION = "group_suspicion"
    GROUP_COMPLAINT = "group_complaint"
    MEDIA_MENTION = "media_mention"
    SAFETY_KEYWORD = "safety_keyword"
    LARGE_CLAIM = "large_claim"
    CRISIS = "crisis"


class GroupSign(enum.StrEnum):
    """What made cases look like a group complaint (C-70)."""

    HOMES = "homes"
    FORUM_POSTS = "forum_posts"
    DECLARED = "declared"


class HoldCause(enum.StrEnum):
    """Why activities of a project rest (C-33, C-72)."""

    GROUP_COMPLAINT = "group_complaint"
    CRISIS = "crisis"


class KeywordKind(enum.StrEnum):
    """What a word in a complaint or an enquiry points to (C-31, C-111)."""

    SAFETY = "safety"
    MEDIA = "media"
    RIGHTS_CLAIM = "rights_claim"
    CUSTOM_DECORATION = "custom_decoration"
    GRIEVANCE = "grievance"
    DEFECT = "defect"
    PURCHASE = "purchase"
    PERSON_WANTED = "person_wanted"


class Language(enum.StrEnum):
    """In which language somebody asks and is answered."""

    ZH = "zh"
    EN = "en"


class EnquiryTopic(enum.StrEnum):
    """What an enquiry is about (C-110, C-111)."""

    PRICE = "price"
    HANDOVER = "handover"
    LOAN = "loan"
    PURCHASE = "purchase"
    CONTRACT = "contract"
    TITLE_DEED = "title_deed"
    DECORATION = "decoration"
    PROPERTY_SERVICE = "property_service"
    FACILITIES = "facilities"
    REPAIR = "repair"
    CLUB = "club"
    CUSTOM_DECORATION = "custom_decoration"
    RIGHTS_CLAIM = "rights_claim"
    GRIEVANCE = "grievance"
    SAFETY = "safety"
    OTHER = "other"


class EscalationCause(enum.StrEnum):
    """Why an enquiry goes to a human (C-111)."""

    COMPLEX_TOPIC = "complex_topic"
    NOT_KNOWN = "not_known"
    AMBIGUOUS = "ambiguous"
    LANGUAGE_MISSING = "language_missing"
    PERSON_WANTED = "person_wanted"
    NOT_HELPFUL = "not_helpful"
    ANSWERER_FAILED = "answerer_failed"


class AnsweredBy(enum.StrEnum):
    """Who gave an answer (C-117)."""

    BOT = "bot"
    HUMAN = "human"


class EnquiryDestination(enum.StrEnum):
    """Where an enquiry went on as something else (C-04)."""

    MAINTENANCE = "maintenance"
    LEADS = "leads"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    QUICKEST_CHANNEL = "quickest_channel"


class ContactDirection(enum.StrEnum):
    """Who began a contact (X-55)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class InteractionKind(enum.StrEnum):
    """What a contact was (X-55)."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"
    ENQUIRY = "enquiry"
    OTHER = "other"


class CauseTransferForm(enum.StrEnum):
    """How a cause is handed to the departments that have to remove it (C-55)."""

    MEETING_MINUTES = "meeting_minutes"
    WORK_CONTACT_LETTER = "work_contact_letter"


class Discipline(enum.StrEnum):
    """Whose profession something is (X-26, X-110)."""

    DESIGN = "design"
    ENGINEERING = "engineering"
    COST = "cost"
    MARKETING = "marketing"
    PROJECT_ENGINEERING = "project_engineering"
    CRM = "crm"
    PROPERTY = "property"


class CaseTopic(enum.StrEnum):
    """What exactly is wrong: the topics that hot-spots are ranked by (C-101; list ext)."""

    LEAKAGE = "leakage"
    HOLLOWING = "hollowing"
    CRACKING = "cracking"
    DAMP = "damp"
    DOORS_WINDOWS = "doors_windows"
    WATER_ELECTRICITY = "water_electricity"
    SURFACE_FINISH = "surface_finish"
    SOUND_INSULATION = "sound_insulation"
    FITTINGS = "fittings"
    LIFT = "lift"
    COMMON_AREA = "common_area"
    LAYOUT = "layout"


class HotspotDimension(enum.StrEnum):
    """What topics are ranked by (C-101)."""

    PROJECT = "project"
    SUPPLIER = "supplier"
    UNIT_TYPE = "unit_type"


class FeedbackKind(enum.StrEnum):
    """What a department is told of its customers (C-105)."""

    NEED = "need"
    DEFECT = "defect"
    SUGGESTION = "suggestion"


class TranslatingDiscipline(enum.StrEnum):
    """Who puts a defect into professional language (C-103, X-112)."""

    DESIGN = Discipline.DESIGN.value
    COST = Discipline.COST.value
    ENGINEERING = Discipline.ENGINEERING.value


class SensitivePointKind(enum.StrEnum):
    """What a sensitive point is to the customer (X-110)."""

    RISK = "risk"
    VALUE = "value"
    TOUCH = "touch"


class SensitivePointImpact(enum.StrEnum):
    """How a sensitive point meets the customer (X-110)."""

    DIRECT_CONTACT = "direct_contact"
    INDIRECT = "indirect"


class SensitivePointSource(enum.StrEnum):
    """Where a sensitive point is known from (X-110)."""

    CASE = "case"
    STUDY = "study"
    BENCHMARK = "benchmark"


class DevelopmentNode(enum.StrEnum):
    """Where in the development of an estate something belongs (X-103, X-110; list ext)."""

    LAND = "land"
    POSITIONING = "positioning"
    SCHEME_DESIGN = "scheme_design"
    CONSTRUCTION_DRAWING = "construction_drawing"
    CONSTRUCTION = "construction"
    SALES = "sales"
    DELIVERY = "delivery"
    RESIDENCE = "residence"


class CrmStage(enum.StrEnum):
    """The operating modules of customer relations (X-103, X-110)."""

    EARLY_INVOLVEMENT = "early_involvement"
    RISK_ASSESSMENT = "risk_assessment"
    OPEN_DAY = "open_day"
    HANDOVER = "handover"
    MAINTENANCE = "maintenance"
    COMPLAINTS = "complaints"
    CLUB = "club"


class RedLineCheckStage(enum.StrEnum):
    """When a red line is checked (X-111)."""

    MOCK_A = "mock_a"
    MOCK_B = "mock_b"
    MOCK_C = "mock_c"
    POST_EVALUATION = "post_evaluation"


class ActionKind(enum.StrEnum):
    """Whether an action removes a cause or a potential one (C-100)."""

    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


class ExecutingDepartment(enum.StrEnum):
    """Who executes an action or answers a feedback: the roles of departments (X-26, C-100, C-105)."""

    PROJECT_DEPARTMENT = Role.PROJECT_DEPARTMENT.value
    CUSTOMER_AFFAIRS = Role.CUSTOMER_AFFAIRS.value
    DISCIPLINE = Role.DISCIPLINE.value
    MARKETING = Role.MARKETING.value
    SITE_SALES_LEAD = Role.SITE_SALES_LEAD.value
    FINANCE = Role.FINANCE.value
    GENERAL_MANAGEMENT = Role.GENERAL_MANAGEMENT.value
    MAINTENANCE_LEAD = Role.MAINTENANCE_LEAD.value
    PROPERTY_COMPANY = Role.PROPERTY_COMPANY.value
    DEED_AGENCY = Role.DEED_AGENCY.value
    CLUB_OFFICER = Role.CLUB_OFFICER.value


class ExternalForum(enum.StrEnum):
    """Who resolves what negotiation could not (C-58)."""

    MEDIATION = "mediation"
    ARBITRATION = "arbitration"
    COURT = "court"


class CaseOutcome(enum.StrEnum):
    """How a complaint ended (C-56, C-62)."""

    SETTLED = "settled"
    UNFOUNDED = "unfounded"
    NOT_OURS = "not_ours"


class LifecycleStage(enum.StrEnum):
    """How far a customer has come (X-72)."""

    REGISTERED = "registered"
    VISITED = "visited"
    INTERESTED = "interested"
    DORMANT = "dormant"
    NURTURING = "nurturing"
    RESERVED = "reserved"
    CONTRACTED = "contracted"
    OWNER = "owner"
    OLD_OWNER = "old_owner"
    LOST = "lost"


class WarrantyCategory(enum.StrEnum):
    """What a warranty item covers (M-20, M-21)."""

    STRUCTURE = "structure"
    WATERPROOFING = "waterproofing"
    EQUIPMENT = "equipment"
    DECORATION = "decoration"
    HEATING_COOLING = "heating_cooling"


class MessageOutcome(enum.StrEnum):
    """What became of a property company's message."""

    REJECTED = "rejected"
    CONFLICT = "conflict"


class CustomerKind(enum.StrEnum):
    """Whom a customer record stands for (L-01)."""

    PERSON = "person"
    COMPANY = "company"


class ContactChannel(enum.StrEnum):
    """How somebody is reached (X-56)."""

    TELEPHONE = "telephone"
    SMS = "sms"
    EMAIL = "email"
    ONLINE_CHAT = "online_chat"
    WEBSITE = "website"
    MINI_PROGRAM = "mini_program"
    COMMUNITY_GROUP = "community_group"
    LETTER = "letter"
    IN_PERSON = "in_person"
    HOME_VISIT = "home_visit"
    ACTIVITY = "activity"
    REFERRAL = "referral"


class CareEntry(enum.StrEnum):
    """What an entry of the care plan is about (B-85)."""

    DECORATION_GUIDE = "decoration_guide"
    FESTIVAL_GREETING = "festival_greeting"
    WARRANTY_END_REMINDER = "warranty_end_reminder"
    OTHER = "other"


class FollowUpTheme(enum.StrEnum):
    """What a follow-up asks about (B-61, B-62)."""

    SALES_SERVICE = "sales_service"
    HANDOVER = "handover"
    COMPLAINT = "complaint"
    REPAIR = "repair"
    ACTIVITY = "activity"
    OTHER = "other"


class FollowUpForm(enum.StrEnum):
    """How a follow-up is held (B-60)."""

    TELEPHONE = "telephone"
    ACTIVITY = "activity"
    HOME_VISIT = "home_visit"


class FollowUpIssueKind(enum.StrEnum):
    """What an issue from a follow-up becomes (B-64)."""

    COMPLAINT = "complaint"
    REPAIR = "repair"
