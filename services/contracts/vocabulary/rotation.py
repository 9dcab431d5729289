"""Named types of the rotation: rosters, turns, receptions, readiness, and what may not be done (L-25 to L-39)."""

from __future__ import annotations

import enum
from typing import Annotated, Any

from services.contracts.fields import Field

RosterId = Annotated[str, Field("reference", max_length=40, to="leads/roster")]
RotationSlotId = Annotated[str, Field("reference", max_length=40, to="leads/rotation_slot")]
ReceptionId = Annotated[str, Field("reference", max_length=40, to="leads/reception")]
ReadinessCheckId = Annotated[str, Field("reference", max_length=40, to="leads/readiness_check")]
FactChangeId = Annotated[str, Field("reference", max_length=40, to="leads/sales_fact_change")]
#: Why something was decided: codes of the errors glossary, each with what fills its sentence.
Why = Annotated[list[dict[str, Any]], Field("json")]


class Assignment(enum.StrEnum):
    """By which right an agent receives a customer (L-25)."""

    IN_TURN = "in_turn"
    MAKE_UP = "make_up"
    IDENTIFIED = "identified"
    DEPUTISED = "deputised"


class TurnBlock(enum.StrEnum):
    """What keeps an agent from receiving although it may be their turn (L-29, L-30)."""

    UNREADY = "unready"
    UNACKNOWLEDGED = "unacknowledged"


class SlotState(enum.StrEnum):
    """Where an agent stands in the ring of a day (L-25)."""

    QUEUED = "queued"
    UP = "up"
    RECEIVING = "receiving"
    DEPUTISING = "deputising"
    CANCELLED_FOR_ROUND = "cancelled_for_round"
    OFF = "off"


class CheckState(enum.StrEnum):
    """How far an agent's readiness check of a day has come (L-29)."""

    INCOMPLETE = "incomplete"
    PASSED = "passed"
    FAILED = "failed"


class SalesFactKind(enum.StrEnum):
    """What of the sales information has changed (L-30)."""

    PRICE = "price"
    AVAILABILITY = "availability"
    FACTS = "facts"


class PresentedArea(enum.StrEnum):
    """What customers are shown on site (L-39)."""

    SALES_OFFICE = "sales_office"
    SHOW_HOME = "show_home"
    SHOW_GROUNDS = "show_grounds"
