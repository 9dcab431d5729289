"""Kinds of fields: one description of a value that every edge reads.

A named type of the vocabulary is `Annotated[<python type>, Field(...)]`. The chassis makes a column of it, this module
makes a marshmallow field of it, the console makes a form control of it. `Field.to_json` and `Field.from_json` carry it
through the catalogue, so that a reader needs the description only and not the code that declared it.
"""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import marshmallow as ma

PERSON, ROLE = "person", "role"
MAX_JSON_DEPTH = 8
MASKED = "***"  #: in what a mask shows, and in no number
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

KINDS = (
    "text",
    "choice",
    "number",
    "integer",
    "decimal",
    "money",
    "boolean",
    "date",
    "moment",
    "reference",
    "json",
    "files",
)


@dataclass(frozen=True)
class Field:
    """The description of one value. Lengths count characters; `min` and `max` are inclusive.

    `choices` is the list in which the glossary has words for `values`, or for some of the texts that may be typed. `to`
    says what it names: a resource (`leads/home`) of which it is an id, `PERSON` by user name, `ROLE` by its key.
    """

    kind: str = "text"
    name: str = ""
    required: bool = True
    many: bool = False
    max_length: int | None = None
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    multiline: bool = False
    choices: str | None = None
    values: tuple[str, ...] | None = None
    to: str | None = None
    mask: str | None = None
    default: Any = None
    read_only: bool = False

    @property
    def long(self) -> bool:
        """Whether its texts are for reading, not for comparing."""
        return self.multiline or (self.max_length or 0) > 300

    @property
    def sortable(self) -> bool:
        """Whether a list may be sorted by it; not by what is masked, since an order would tell what a mask hides."""
        return not (self.mask or self.many or self.long or self.kind in ("json", "files"))

    def to_json(self) -> dict[str, Any]:
        """The catalogue's FIELD."""
        described = asdict(self)
        described["values"] = list(self.values) if self.values is not None else None
        described["default"] = to_wire(self.default)
        return described

    @classmethod
    def from_json(cls, described: dict[str, Any]) -> Field:
        """The same Field again; keys that this version does not know are left out (additive changes)."""
        known = {field.name for field in fields(cls)}
        kept = {key: value for key, value in described.items() if key in known}
        if kept.get("values") is not None:
            kept["values"] = tuple(kept["values"])
        return cls(**kept)


def to_wire(value: Any) -> Any:
    """A Python value as JSON scalars: money as a decimal string, moments as UTC ISO-8601 with a Z."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (list, tuple, set)):
        return [to_wire(one) for one in value]
    if isinstance(value, dict):
        return {str(key): to_wire(one) for key, one in value.items()}
    return value


def field_of(name: str, annotation: Any, default: Any = ...) -> Field:
    """The Field that an annotation such as `RepairClass | None` or `HomeId` stands for.

    Raises TypeError for an annotation that the wire does not know; this is a fault of the declaration, found at import.
    """
    annotation, required = _without_none(annotation)
    many = False
    if get_origin(annotation) is list:
        (annotation,) = get_args(annotation)
        many = True
    if get_origin(annotation) is Annotated:
        python_type, *notes = get_args(annotation)
        field = next((note for note in notes if isinstance(note, Field)), None)
        if field is None:
            raise TypeError(f"{name}: {annotation} carries no Field")
        if isinstance(python_type, type) and issubclass(python_type, enum.Enum):
            field = replace(_plain(name, python_type), mask=field.mask)
    else:
        field = _plain(name, annotation)
    if default is not ...:
        required = False
        field = replace(field, default=to_wire(default))
    return replace(field, name=name, required=required, many=many or field.many)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        if len(rest) == 1:
            return rest[0], False
    return annotation, True


def _plain(name: str, annotation: Any) -> Field:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        choices = "".join("_" + letter.lower() if letter.isupper() else letter for letter in annotation.__name__)
        return Field("choice", choices=choices.lstrip("_"), values=tuple(one.value for one in annotation))
    kinds: dict[Any, Field] = {
        str: Field("text", max_length=200),
        int: Field("integer"),
        bool: Field("boolean"),
        Decimal: Field("decimal"),
        date: Field("date"),
        datetime: Field("moment"),
    }
    try:
        return kinds[annotation]
    except (KeyError, TypeError):
        raise TypeError(f"{name}: {annotation!r} is no field of the wire") from None


def _check_text(field: Field) -> Callable[[str], None]:
    def check(value: str) -> None:
        if "\x00" in value:
            raise ma.ValidationError("nul_character")
        if field.mask and MASKED in value:
            raise ma.ValidationError("masked_value")
        if field.required and not value.strip():
            raise ma.ValidationError("required")

    return check


def _check_json(value: Any, depth: int = 0) -> None:
    if depth > MAX_JSON_DEPTH:
        raise ma.ValidationError("too_deep")
    if isinstance(value, dict):
        if "__type__" in value:
            raise ma.ValidationError("type_marker")
        for one in value.values():
            _check_json(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _check_json(one, depth + 1)
    elif isinstance(value, str) and "\x00" in value:
        raise ma.ValidationError("nul_character")


def _check_files(value: Any) -> None:
    """At most 20 names or addresses of files; what is behind them is fetched by nobody."""
    if not isinstance(value, list) or len(value) > 20:
        raise ma.ValidationError("invalid_files")
    for one in value:
        if not isinstance(one, str) or not 0 < len(one) <= 300 or not one.isprintable():
            raise ma.ValidationError("invalid_files")


class _Text(ma.fields.String):
    """A string and nothing that merely looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return value.strip()


def in_range(at: date) -> bool:
    """Whether limits can be reckoned from a time and other zones show it: neither works at the ends of the calendar."""
    return EARLIEST_YEAR <= at.year < LATEST_YEAR


class _Moment(ma.fields.AwareDateTime):
    """A moment with its offset; it is kept and dumped in UTC."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return to_wire(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        given: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not in_range(given):
            raise ma.ValidationError("moment_range")
        return given.astimezone(UTC)


class _Decimal(ma.fields.Decimal):
    """A finite decimal that travels as a string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, (bool, float)):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


def marshmallow_field(field: Field) -> ma.fields.Field[Any]:
    """The marshmallow field that loads and dumps this kind; its messages are codes of the errors glossary."""
    messages = {
        "required": "required",
        "null": "required",
        "invalid": f"invalid_{field.kind}",
        "invalid_self": "invalid",
        "too_large": f"invalid_{field.kind}",
        "format": f"invalid_{field.kind}",
        "special": f"invalid_{field.kind}",
        "awareness": "moment_without_offset",
        "invalid_awareness": "moment_without_offset",
    }
    checks: list[Any] = []
    if field.max_length is not None:
        checks.append(ma.validate.Length(max=field.max_length, error="too_long"))
    if field.min is not None or field.max is not None:
        rule = "at_most" if field.min is None else "at_least" if field.max is None else "number_range"
        checks.append(ma.validate.Range(min=field.min, max=field.max, error=rule))
    if field.pattern is not None:
        checks.append(ma.validate.Regexp(rf"\A(?:{field.pattern})\Z", error="pattern"))
    # Nothing is a value only where nothing is meant when the field is left out.
    nothing = not field.required and field.default is None
    options: dict[str, Any] = {"validate": checks, "error_messages": messages, "allow_none": nothing and not field.many}
    if field.kind == "choice":
        one: ma.fields.Field[Any] = _Text(**options)
        one.validators.append(ma.validate.OneOf(field.values or (), error="choice"))
    elif field.kind in ("text", "number", "reference"):
        one = _Text(**options)
        one.validators.append(_check_text(field))
    elif field.kind == "integer":
        one = ma.fields.Integer(strict=True, **options)
    elif field.kind == "boolean":
        one = ma.fields.Boolean(truthy={True}, falsy={False}, **options)
    elif field.kind in ("decimal", "money"):
        one = _Decimal(places=2 if field.kind == "money" else None, as_string=True, **options)
    elif field.kind == "date":
        one = ma.fields.Date(**options)
    elif field.kind == "moment":
        one = _Moment(**options)
    else:
        one = ma.fields.Raw(**options)
        one.validators.append(_check_files if field.kind == "files" else _check_json)
    if field.many:
        wrapper: dict[str, Any] = {"error_messages": messages, "allow_none": nothing}
        one = ma.fields.List(one, **wrapper)
        one.validators.append(ma.validate.Length(max=100, error="too_many"))
    one.required = field.required
    if not field.required:
        one.load_default = (lambda: list(field.default or [])) if field.many else _loaded_default(field)
    return one


def _loaded_default(field: Field) -> Any:
    if field.default is None:
        return None
    if field.kind in ("decimal", "money"):
        return Decimal(field.default)
    return field.default


def schema_of(name: str, described: list[Field], unknown: str = ma.RAISE, *, partial: bool = False) -> ma.Schema:
    """A marshmallow schema of these fields. Unknown keys are an error unless the caller says otherwise (events do); of
    a `partial` one, optional fields that are left out stay out."""
    members: dict[str, Any] = {field.name: marshmallow_field(field) for field in described}
    schema_class = type(name, (ma.Schema,), members)
    left_out = [field.name for field in described if not field.required] if partial else None
    schema: ma.Schema = schema_class(unknown=unknown, partial=left_out)
    schema.error_messages = {"unknown": "unknown_field", "type": "not_an_object"}
    return schema


def broken_rules(schema: ma.Schema, wrong: ma.ValidationError) -> dict[str, list[dict[str, Any]]]:
    """What a payload breaks: `{"phone": [{"code": "too_long", "params": {"max": 20}}]}`, with each rule's figures."""
    return {
        str(name): [{"code": code, "params": _figures(schema.fields.get(str(name)), code)} for code in _codes(found)]
        for name, found in wrong.normalized_messages().items()
    }


def _codes(found: Any) -> list[str]:
    """Codes, without repeating one for each wrong item of a list."""
    if isinstance(found, dict):
        return list(dict.fromkeys(code for one in found.values() for code in _codes(one)))
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def _figures(field: Any, code: str) -> dict[str, Any]:
    """The limits or choices of the rule that this code stands for, of the field or of its items."""
    figures: dict[str, Any] = {}
    for check in [*getattr(field, "validators", ()), *getattr(getattr(field, "inner", None), "validators", ())]:
        if getattr(check, "error", None) != code:
            continue
        if isinstance(check, (ma.validate.Length, ma.validate.Range)):
            figures |= {name: value for name in ("min", "max") if (value := getattr(check, name)) is not None}
        elif isinstance(check, ma.validate.OneOf):
            figures["choices"] = list(check.choices)
    return figures
