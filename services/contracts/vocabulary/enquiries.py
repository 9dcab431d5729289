"""Named types of enquiries, and the words that point somewhere (3.2.9)."""

from __future__ import annotations

import enum


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
