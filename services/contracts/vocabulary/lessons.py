"""Named types of what complaints teach: topics, sensitive points, red lines, actions (3.2.8, X-103 to X-112)."""

from __future__ import annotations

import enum

from services.contracts.vocabulary.common import Discipline


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
