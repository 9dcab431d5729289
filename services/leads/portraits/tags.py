"""The catalogue of tags, which is data: what can be said of a customer, and what has to be (L-07 to L-12, X-58)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerKind, RecordId, ShortText, Title
from services.contracts.vocabulary.portrait import TagCode, TagGroup, TagKind, TagValue
from services.leads.portraits.standard import STANDARD
from services.leads.readers import PORTRAIT_READERS

KEEPERS = [Role.ADMINISTRATOR, Role.DATA_STEWARD]
MOST_DIGITS = 12
FIRST = "0"  #: before every UID


class Tag(Record):
    """One thing that can be said of a customer; its id is its code.

    `choices` are the values of a choice, and of a number the limits of its bands in reports. `is_screening` tags are
    set by marketing before a lead is handed over (L-14), `is_required` ones belong to a complete record (L-18);
    `is_computed` ones are told by the system alone. `applies_to` is empty for persons and companies alike. `reached` is
    where the next batch of portraits begins that have yet to follow a change; empty when all have.
    """

    code: Mapped[TagCode]
    name: Mapped[Title]
    name_en: Mapped[Title]
    group: Mapped[TagGroup]
    kind: Mapped[TagKind]
    choices: Mapped[list[ShortText]]
    is_multiple: Mapped[bool]
    is_required: Mapped[bool]
    is_screening: Mapped[bool]
    is_computed: Mapped[bool]
    applies_to: Mapped[CustomerKind | None]
    reached: Mapped[RecordId | None]


tags = Process(
    Tag,
    readers=PORTRAIT_READERS,
    title="name",
    listed=["name", "name_en", "group", "kind", "is_multiple", "is_required", "is_screening", "is_computed"],
    filters=["group", "kind", "is_required", "is_screening"],
    search=["code", "name", "name_en"],
)


@tags.create("in_force", by=KEEPERS)
def add(
    code: TagCode,
    name: Title,
    name_en: Title,
    group: TagGroup,
    kind: TagKind,
    work: Work,
    choices: list[ShortText] | None = None,
    is_multiple: bool = False,
    is_required: bool = False,
    is_screening: bool = False,
    is_computed: bool = False,
    applies_to: CustomerKind | None = None,
) -> Tag:
    """Add a tag to the catalogue (X-58)."""
    if work.session.get(Tag, code) is not None:
        raise ValidationFailed.of("code", "taken")
    return Tag(
        id=code,
        code=code,
        name=name,
        name_en=name_en,
        group=group,
        kind=kind,
        choices=_checked(kind, choices or []),
        is_multiple=is_multiple,
        is_required=is_required,
        is_screening=is_screening,
        is_computed=is_computed,
        applies_to=applies_to,
        reached=FIRST if is_required else None,
    )


@tags.change("in_force", by=KEEPERS)
def amend(
    tag: Tag,
    name: Title | None = None,
    name_en: Title | None = None,
    choices: list[ShortText] | None = None,
    is_required: bool | None = None,
    is_screening: bool | None = None,
) -> None:
    """Change how a tag is called, what can be chosen, or whether it is required; what is not given stays (X-58)."""
    tag.name, tag.name_en = name or tag.name, name_en or tag.name_en
    if choices:
        tag.choices = _checked(tag.kind, choices)
    if is_required not in (None, tag.is_required):
        tag.is_required, tag.reached = bool(is_required), FIRST
    tag.is_screening = tag.is_screening if is_screening is None else is_screening


@tags.move("in_force", "retired", by=KEEPERS)
def retire(tag: Tag) -> None:
    """Nothing more is said with it; what was said stays on record, and holds no more."""
    tag.reached = FIRST


@tags.move("retired", "in_force", by=KEEPERS)
def restore(tag: Tag) -> None:
    """Use it again."""
    tag.reached = FIRST


def found(work: Work) -> None:
    """The standard tags, for a register that has never had them (L-07 to L-12)."""
    for one in STANDARD:
        if work.session.get(Tag, one["code"]) is None:
            work.perform(add, **one)


def catalogue(work: Work) -> dict[str, Tag]:
    """The tags in force by their code; no transaction that changes them asks."""
    found: dict[str, Tag] = work.once(
        "tag_catalogue", lambda: {tag.code: tag for tag in work.all(Tag, Tag.state == "in_force")}
    )
    return found


def tag_of(work: Work, code: str, *, field: str = "tag") -> Tag:
    """The tag that a command named; raises ValidationFailed for one that is not in force."""
    tag = work.get(Tag, code, field=field)
    if tag.state != "in_force":
        raise ValidationFailed.of(field, "tag_retired", name=tag.name)
    return tag


def valued(tag: Tag, value: TagValue, *, field: str = "value") -> str:
    """The value in the one form in which it is kept. Raises ValidationFailed for what the tag does not take."""
    if tag.kind == TagKind.NUMBER:
        number = _number(value)
        if number is None:
            raise ValidationFailed.of(field, "invalid_decimal")
        return written(number)
    if tag.kind == TagKind.CHOICE and value not in tag.choices:
        raise ValidationFailed.of(field, "tag_choice", choices=tag.choices)
    return value


def written(number: Decimal | int) -> str:
    """A number as a tag has it: `3`, `3.5`."""
    return format(Decimal(number).normalize(), "f")


def band_of(tag: Tag, value: str) -> str:
    """What a report counts the value under: itself, or for a number its band, such as `200–300`."""
    if tag.kind != TagKind.NUMBER or not tag.choices:
        return value
    limits = [Decimal(one) for one in tag.choices]
    below = [one for one in limits if one <= Decimal(value)]
    above = [one for one in limits if one > Decimal(value)]
    if not below:
        return f"<{written(above[0])}"
    return f"{written(below[-1])}–{written(above[0])}" if above else f"≥{written(below[-1])}"


def _checked(kind: str, choices: list[str]) -> list[str]:
    """The choices of a choice; the limits of bands in their order."""
    if len(set(choices)) < len(choices):
        raise ValidationFailed.of("choices", "tag_choices_twice")
    if kind == TagKind.CHOICE and not choices:
        raise ValidationFailed.of("choices", "required")
    if kind != TagKind.NUMBER:
        return choices
    limits = [_number(one) for one in choices]
    if any(one is None for one in limits):
        raise ValidationFailed.of("choices", "invalid_decimal")
    return [written(one) for one in sorted(one for one in limits if one is not None)]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**MOST_DIGITS else None
