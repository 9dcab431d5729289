"""Named types of customer portraits: tags and what is said with them, households, content rules (3.1.1)."""

from __future__ import annotations

import enum
from typing import Annotated

from services.contracts.fields import Field

TAG_CODE = r"[a-z][a-z0-9_]{0,39}"
TagCode = Annotated[str, Field(max_length=40, pattern=TAG_CODE)]
TagId = Annotated[str, Field("reference", max_length=40, to="leads/tag", pattern=TAG_CODE)]
#: In the words of the company; those with which the catalogue of tags begins have a word in each language.
TagValue = Annotated[str, Field(max_length=120, choices="tag_value")]
#: What a rule asks of a customer: `purchase_purpose=首次置业`, `purchase_budget<=300`.
TagCondition = Annotated[str, Field(max_length=160, pattern=r"[a-z][a-z0-9_]{0,39}(=|<=|>=)\S.*")]
#: A yes or no that is no until something makes it yes.
Flag = Annotated[bool, Field("boolean", default=False)]
Customers = Annotated[int, Field("integer", min=0)]


class TagKind(enum.StrEnum):
    """What the values of a tag are."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"


class TagGroup(enum.StrEnum):
    """Which part of the portrait a tag belongs to (L-07 to L-12)."""

    BASE = "base"
    PORTRAIT = "portrait"
    NEED = "need"
    BEHAVIOUR = "behaviour"
    VALUE = "value"


class TagSource(enum.StrEnum):
    """Who says what a tag says (L-06, L-08, L-14)."""

    SELF_DECLARED = "self_declared"
    AGENT = "agent"
    MARKETING = "marketing"
    STEWARD = "steward"
    DERIVED = "derived"


class QualityGap(enum.StrEnum):
    """What a record lacks (L-05)."""

    PHONE = "phone"
    ID_NO = "id_no"
    REQUIRED_TAGS = "required_tags"


class HouseholdRelation(enum.StrEnum):
    """What somebody is to a customer (L-17)."""

    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    CONTACT_PERSON = "contact_person"
    REFERRER = "referrer"
    EMPLOYER = "employer"


class ContentTheme(enum.StrEnum):
    """What content for customers is about (L-15; list ext)."""

    SCHOOL_CATCHMENT = "school_catchment"
    FIRST_HOME = "first_home"
    IMPROVEMENT = "improvement"
    LUXURY_HOMES = "luxury_homes"
    INVESTMENT = "investment"
    ELDERLY_CARE = "elderly_care"
    LOAN_AND_PAYMENT = "loan_and_payment"
    COMMUNITY_LIFE = "community_life"
    DECORATION = "decoration"


class ContentVerdict(enum.StrEnum):
    """What a content rule says about its theme (L-15)."""

    SUITS = "suits"
    EXCLUDED = "excluded"
