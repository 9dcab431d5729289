"""Named types of the sales floor: registers, rotation, ownership of customers, splits, violations (3.1.1 to 3.1.4)."""

from __future__ import annotations

import enum
from typing import Annotated

from services.contracts.fields import Field

CallEntryId = Annotated[str, Field("reference", max_length=40, to="leads/call_entry")]
VisitEntryId = Annotated[str, Field("reference", max_length=40, to="leads/visit_entry")]
ObjectionId = Annotated[str, Field("reference", max_length=40, to="leads/objection")]
ReservationId = Annotated[str, Field("reference", max_length=40, to="leads/reservation")]
DuplicateCandidateId = Annotated[str, Field("reference", max_length=40, to="leads/duplicate_candidate")]
CustomerMergeId = Annotated[str, Field("reference", max_length=40, to="leads/customer_merge")]
#: What tells a customer from all others; shown to nobody in full.
KeyValue = Annotated[str, Field(max_length=80, mask="id_no")]
#: Windows and withdrawal are counted in days after day 0, the day of the contact.
SplitShare = Annotated[int, Field("integer", min=0, max=100)]


class KeyKind(enum.StrEnum):
    """What a customer is known by (L-03)."""

    PHONE = "phone"
    ID_NO = "id_no"
    WECHAT = "wechat"
    OPEN_ID = "open_id"


class LookupAnswer(enum.StrEnum):
    """What whoever asks after a customer is told, and no more (L-03)."""

    FREE = "free"
    IN_POOL = "in_pool"
    YOURS = "yours"
    TAKEN = "taken"


class VisitKind(enum.StrEnum):
    """Which of the two visit registers an entry belongs to (L-21, L-22)."""

    FIRST = "first"
    RETURN = "return"


class VisitPlace(enum.StrEnum):
    """Where a customer is met (L-35, X-88)."""

    SALES_SITE = "sales_site"
    EXPERIENCE_CENTRE = "experience_centre"
    OUTREACH_STAND = "outreach_stand"
    BUS_TOUR = "bus_tour"


class HowNamed(enum.StrEnum):
    """How a customer told at intake which agent they know (L-24 d)."""

    BY_NAME = "by_name"
    BY_LOOKS = "by_looks"
    BY_APPOINTMENT = "by_appointment"
    OWNER_REFERRAL = "owner_referral"


class OwnershipBasis(enum.StrEnum):
    """Which contact opened a protection (L-40)."""

    CALL = "call"
    FIRST_VISIT = "first_visit"
    RETURN_VISIT = "return_visit"


class SplitRule(enum.StrEnum):
    """By which rule the performance of a deal is attributed (L-43); `override` is a decision of X-36.11."""

    R1 = "r1"
    R2 = "r2"
    R3 = "r3"
    R4 = "r4"
    R5 = "r5"
    R6 = "r6"
    R8 = "r8"
    OVERRIDE = "override"


class ConcernTopic(enum.StrEnum):
    """What customers look at and worry about: eleven topics while viewing, ten while waiting (X-82)."""

    BUDGET = "budget"
    HOME_FEATURES = "home_features"
    HOME_QUALITY = "home_quality"
    ESTATE_PLANNING = "estate_planning"
    FACILITIES = "facilities"
    PROPERTY_SERVICE = "property_service"
    LOCATION = "location"
    VALUE_GROWTH = "value_growth"
    OUTSIDE_CONDITIONS = "outside_conditions"
    DEVELOPER_TRUST = "developer_trust"
    SALES_SERVICE = "sales_service"
    DELIVERY_ON_TIME = "delivery_on_time"
    ENGINEERING_QUALITY = "engineering_quality"
    CONSTRUCTION_PROGRESS = "construction_progress"
    MARKET_CHANGES = "market_changes"
    REPUTATION = "reputation"
    DECORATION_DESIGN = "decoration_design"
    FURNITURE = "furniture"
    HANDOVER_PROCEDURE = "handover_procedure"
    INSPECTION_METHOD = "inspection_method"
    MOVE_IN = "move_in"


class Strength(enum.StrEnum):
    """How strongly an objection is felt (L-33)."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


class ViolationKind(enum.StrEnum):
    """What an agent may not do on the sales floor (L-37)."""

    SNATCHING = "snatching"
    REGISTER_ALTERATION = "register_alteration"
    LEFT_RECEPTION = "left_reception"
    UNVERIFIED_INFORMATION = "unverified_information"
    DRESS = "dress"
    NAME_TRANSFER = "name_transfer"
    RESALE_LISTING = "resale_listing"
    SPECULATION = "speculation"
    DISCOUNT_BYPASS = "discount_bypass"


class Sanction(enum.StrEnum):
    """What a violation may cost (L-37)."""

    RECORDED = "recorded"
    TURN_CANCELLED = "turn_cancelled"
    FINE_AND_COMMISSION = "fine_and_commission"
    COMMISSION_AND_DISMISSAL = "commission_and_dismissal"
    DECIDED_BY_CASE = "decided_by_case"


ProtectionId = Annotated[str, Field("reference", max_length=40, to="leads/protection")]
SplitDecisionId = Annotated[str, Field("reference", max_length=40, to="leads/split_decision")]


class Decider(enum.StrEnum):
    """Who decided a split: the rules, or people on a dispute (L-44)."""

    SYSTEM = "system"
    OVERRIDE = "override"


class RestrictedFunction(enum.StrEnum):
    """What no agent does by themselves: the lead asks for it on their behalf (X-36.10)."""

    DISCOUNT = "discount"
    NAME_TRANSFER = "name_transfer"
    RESALE_LISTING = "resale_listing"
