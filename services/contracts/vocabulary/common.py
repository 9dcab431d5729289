"""Named types that all services share: each is a Python type with the description that every edge reads."""

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


class Language(enum.StrEnum):
    """In which language somebody asks and is answered."""

    ZH = "zh"
    EN = "en"


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


class Discipline(enum.StrEnum):
    """Whose profession something is (X-26, X-110)."""

    DESIGN = "design"
    ENGINEERING = "engineering"
    COST = "cost"
    MARKETING = "marketing"
    PROJECT_ENGINEERING = "project_engineering"
    CRM = "crm"
    PROPERTY = "property"


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
