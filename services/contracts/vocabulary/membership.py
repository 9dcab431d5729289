"""Named types of the owners' club, care and follow-up (3.4)."""

from __future__ import annotations

import enum


class ForumBoard(enum.StrEnum):
    """Where in the forum a post stands (B-90)."""

    COMPLAINT = "complaint"
    CHAIRMAN = "chairman"
    COMMUNITY = "community"


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
