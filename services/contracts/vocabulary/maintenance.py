"""Named types of repairs and the warranty (3.3)."""

from __future__ import annotations

import enum


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


class WarrantyCategory(enum.StrEnum):
    """What a warranty item covers (M-20, M-21)."""

    STRUCTURE = "structure"
    WATERPROOFING = "waterproofing"
    EQUIPMENT = "equipment"
    DECORATION = "decoration"
    HEATING_COOLING = "heating_cooling"
