"""The tags with which every installation begins; the data steward goes on from there (L-07 to L-12, X-58).

Values are in the words of the company. Rules of ours name those of them that they know by a constant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.contracts import glossary
from services.contracts.vocabulary.common import CustomerKind
from services.contracts.vocabulary.portrait import TagGroup, TagKind
from services.contracts.vocabulary.sales import ConcernTopic
from services.contracts.vocabulary.segments import Segment

HIGH, MEDIUM, LOW = "高", "中", "低"
WITHIN_A_QUARTER, WITHIN_HALF_A_YEAR = "3个月内", "半年内"
PURCHASE_TIMES = ("1个月内", WITHIN_A_QUARTER, WITHIN_HALF_A_YEAR, "1年内", "1年以上")  #: the soonest first
IN_FULL = "一次性付款"
LOW_FLOOR, MIDDLE_FLOOR, HIGH_FLOOR = "低楼层", "中楼层", "高楼层"
YES = "是"


def concern(topic: str) -> str:
    """A topic of X-82 as the value of a tag."""
    return _in_words("concern_topic", topic)


def tier(segment: str) -> str:
    """A segment of B-83 as the value of a tag."""
    return _in_words("segment", segment)


def _in_words(choices: str, value: str) -> str:
    return glossary.term("leads", "choices", choices, value, language="zh") or value


_CHOICE, _NUMBER, _TEXT = TagKind.CHOICE, TagKind.NUMBER, TagKind.TEXT


def _tag(
    group: TagGroup, code: str, name: str, name_en: str, kind: TagKind, choices: Iterable[str] = (), **more: Any
) -> dict[str, Any]:
    told = {"code": code, "name": name, "name_en": name_en, "group": group, "kind": kind, "choices": [*choices]}
    return {**told, **more}


_PERSON = CustomerKind.PERSON
_AGES = ("25岁以下", "25–34岁", "35–44岁", "45–54岁", "55岁及以上")
_FAMILIES = ("单身", "夫妻二人", "三口之家", "二孩家庭", "三代同堂", "其他")
_BUDGETS = ("100", "200", "300", "500", "1000")
_PURPOSES = ("首次置业", "改善居住", "子女教育", "投资", "养老")
_HABITS = ("注重性价比", "注重品质", "注重品牌", "注重圈层")
_AREAS = ("70", "90", "120", "144")
_USES = ("自住", "出租", "父母居住", "子女婚房", "办公", "商用")
_FLOORS = (LOW_FLOOR, MIDDLE_FLOOR, HIGH_FLOOR)
_ORIENTATIONS = ("南", "南北", "东南", "西南", "东", "西", "北")
_MINUTES = ("10", "30", "60", "120")
_METHODS = (IN_FULL, "商业贷款", "公积金贷款", "组合贷款")
_LEVELS = (HIGH, MEDIUM, LOW)
_SHARES = ("20", "40", "60", "80")

_BASE: list[dict[str, Any]] = [
    _tag(TagGroup.BASE, "region", "居住区域", "Region", _TEXT, is_screening=True),
    _tag(TagGroup.BASE, "age", "年龄段", "Age", _CHOICE, _AGES, applies_to=_PERSON),
    _tag(TagGroup.BASE, "family_structure", "家庭结构", "Family structure", _CHOICE, _FAMILIES, applies_to=_PERSON),
    _tag(
        TagGroup.BASE,
        "purchase_budget",
        "购房预算（万元）",
        "Purchase budget (10,000 yuan)",
        _NUMBER,
        _BUDGETS,
        is_screening=True,
    ),
]
_PORTRAIT: list[dict[str, Any]] = [
    _tag(TagGroup.PORTRAIT, "gender", "性别", "Gender", _CHOICE, ("男", "女"), applies_to=_PERSON),
    _tag(TagGroup.PORTRAIT, "occupation", "职业", "Occupation", _TEXT, applies_to=_PERSON),
    _tag(TagGroup.PORTRAIT, "purchase_purpose", "购房目的", "Purpose", _CHOICE, _PURPOSES, is_screening=True),
    _tag(TagGroup.PORTRAIT, "interests", "兴趣爱好", "Interests", _TEXT, is_multiple=True, applies_to=_PERSON),
    _tag(TagGroup.PORTRAIT, "lifestyle", "生活方式", "Lifestyle", _TEXT, is_multiple=True, applies_to=_PERSON),
    _tag(TagGroup.PORTRAIT, "consumption", "消费行为", "Consumption", _CHOICE, _HABITS),
]
_NEEDS: list[dict[str, Any]] = [
    _tag(TagGroup.NEED, "wanted_area", "需求面积（平方米）", "Area wanted (m²)", _NUMBER, _AREAS),
    _tag(TagGroup.NEED, "use", "用途", "Use", _CHOICE, _USES),
    _tag(TagGroup.NEED, "wanted_region", "意向区域", "Region wanted", _TEXT),
    _tag(TagGroup.NEED, "concern_topics", "关注点", "Concerns", _CHOICE, map(concern, ConcernTopic), is_multiple=True),
    _tag(TagGroup.NEED, "wanted_floor", "楼层偏好", "Floor wanted", _CHOICE, _FLOORS),
    _tag(TagGroup.NEED, "wanted_orientation", "朝向偏好", "Orientation wanted", _CHOICE, _ORIENTATIONS),
]
_BEHAVIOUR: list[dict[str, Any]] = [
    _tag(TagGroup.BEHAVIOUR, "site_visits", "到访次数", "Site visits", _NUMBER, ("1", "2", "3", "5"), is_computed=True),
    _tag(
        TagGroup.BEHAVIOUR,
        "browsing_minutes",
        "线上浏览时长（分钟）",
        "Online browsing (minutes)",
        _NUMBER,
        _MINUTES,
        is_computed=True,
    ),
    _tag(TagGroup.BEHAVIOUR, "preferred_unit_type", "户型偏好", "Unit type preferred", _TEXT),
    _tag(
        TagGroup.BEHAVIOUR, "purchase_time", "购房时间", "Time of purchase", _CHOICE, PURCHASE_TIMES, is_screening=True
    ),
    _tag(TagGroup.BEHAVIOUR, "purchase_method", "购房方式", "Method of purchase", _CHOICE, _METHODS),
    _tag(TagGroup.BEHAVIOUR, "purchases", "购房次数", "Homes bought", _NUMBER, ("1", "2", "3"), is_computed=True),
    _tag(TagGroup.BEHAVIOUR, "purchase_intention", "购买意向", "Purchase intention", _CHOICE, _LEVELS),
    _tag(TagGroup.BEHAVIOUR, "purchase_capability", "购买能力", "Purchasing capability", _CHOICE, _LEVELS),
]
_VALUE: list[dict[str, Any]] = [
    _tag(TagGroup.VALUE, "high_value", "高价值客户", "High-value customer", _CHOICE, (YES,), is_computed=True),
    _tag(TagGroup.VALUE, "segment", "客户分层", "Segment", _CHOICE, map(tier, Segment), is_computed=True),
    _tag(TagGroup.VALUE, "referral_index", "转介意愿指数", "Referral willingness", _NUMBER, _SHARES, is_computed=True),
    _tag(TagGroup.VALUE, "referrer", "老带新推荐人", "Referrer", _CHOICE, (YES,), is_computed=True),
]

#: The base tags are those that a record has to have (L-05, L-18).
STANDARD: list[dict[str, Any]] = [
    *({**one, "is_required": True} for one in _BASE),
    *_PORTRAIT,
    *_NEEDS,
    *_BEHAVIOUR,
    *_VALUE,
]
