"""Named types of the reception: follow-ups, objections, silence, and what customers are lost for (3.1.2, 3.1.4)."""

from __future__ import annotations

import enum
from typing import Annotated

from services.contracts.fields import Field

SalesFollowUpId = Annotated[str, Field("reference", max_length=40, to="leads/sales_follow_up")]


class ContactResult(enum.StrEnum):
    """What came of a contact that we began (L-55)."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    INVITED = "invited"
    DECLINED = "declined"
    OBJECTION = "objection"
    OTHER = "other"


class FollowUpCause(enum.StrEnum):
    """After what a customer is followed up (L-47, L-55, L-57)."""

    VISIT = "visit"
    CALL = "call"
    NO_ANSWER = "no_answer"
    SILENCE = "silence"
    REFERRAL = "referral"


class LostReason(enum.StrEnum):
    """Why a customer does not buy from us (L-59)."""

    PRICE = "price"
    LOAN = "loan"
    HOME_TYPE = "home_type"
    QUALITY = "quality"
    ESTATE = "estate"
    FACILITIES = "facilities"
    LOCATION = "location"
    TRUST = "trust"
    SERVICE = "service"
    DELIVERY = "delivery"
    MARKET = "market"
    BOUGHT_ELSEWHERE = "bought_elsewhere"
    NO_NEED = "no_need"
    UNREACHABLE = "unreachable"


class CustomerGroup(enum.StrEnum):
    """Whether somebody who comes has bought from us before (L-174)."""

    NEW = "new"
    EXISTING = "existing"
