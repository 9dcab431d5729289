"""Named types of complaints and disputes (3.2)."""

from __future__ import annotations

import enum
from typing import Annotated

from services.contracts.fields import Field

#: How serious a complaint is; each level has its own supervisor and its name (C-30).
CaseLevel = Annotated[int, Field("integer", min=1, max=4, choices="case_level", values=("1", "2", "3", "4"))]


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


class CauseTransferForm(enum.StrEnum):
    """How a cause is handed to the departments that have to remove it (C-55)."""

    MEETING_MINUTES = "meeting_minutes"
    WORK_CONTACT_LETTER = "work_contact_letter"


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
