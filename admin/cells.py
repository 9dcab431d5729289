"""The rows of a list as HTML. A list has hundreds of cells: what is the same for a column is worked out once, not by a
macro for each of them, which was most of a page's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from admin import values
from admin.sheet import reference_url, subject_path
from admin.texts import resource_name, state_name, t

if TYPE_CHECKING:
    from admin.described import Resource
    from admin.listing import Column, Listing

Row = dict[str, Any]
Cell = Callable[[Row, str], str]
NUMBERS = ("money", "integer", "decimal")


def body(
    listing: Listing,
    choose: str | None,
    tone_of: Callable[[Resource, str], str],
    record_label: Callable[[str, str, str], str],
) -> Markup:
    """The table's rows; `choose` is the form that their boxes belong to."""
    register, linked = listing.register, listing.linked
    columns = [(_opening(one), _cell(one, register, linked, tone_of, record_label)) for one in listing.columns]
    tick = t("list.choose") if choose else ""
    remaining = f'<td data-label="{escape(t("list.remaining"))}">' if listing.has_clocks else ""
    html: list[str] = []
    for row in listing.rows:
        url = str(escape(listing.record_url(row)))
        html.append("<tr>")
        if choose:
            box = '<td class="tick"><input type="checkbox" name="id" value="{}" form="{}" aria-label="{}"></td>'
            html.append(Markup(box).format(row["id"], choose, tick))
        for opening, cell in columns:
            html += (opening, cell(row, url), "</td>")
        if remaining:
            html += (remaining, *(_clock(*one) for one in listing.clocks(row)[:1]), "</td>")
        html.append("</tr>\n")
    return Markup("".join(html))


def _opening(column: Column) -> str:
    classes = " ".join((column.kind, *(["long"] if column.long else []), *(["num"] if column.kind in NUMBERS else [])))
    return f'<td data-label="{escape(column.label)}" class="{escape(classes)}">'


def _clock(label: str, clock: dict[str, str]) -> str:
    tag = Markup('<span class="clock {}" title="{} · {}">{}</span>')
    return tag.format(clock["tone"], label, clock["due"], clock["text"])


def _cell(
    column: Column,
    register: Resource,
    linked: str,
    tone_of: Callable[[Resource, str], str],
    record_label: Callable[[str, str, str], str],
) -> Cell:
    """How the cells of one column are written."""
    name, to = column.name, values.target(register, column.name)

    def text(value: Any) -> str:
        return str(escape(values.show(register, name, value)))

    def state(value: Any) -> str:
        if not value:
            return ""
        tag = Markup('<span class="tag {}">{}</span>')
        return tag.format(tone_of(register, value), state_name(register.service, register.name, value))

    def link(row: Row, url: str) -> str:
        value = row.get(name)
        named = f' data-ref="{escape(to)}|{escape(value)}"' if to and value else ""
        said = values.unnamed(to, value) if to and value else values.show(register, name, value)
        said = said or resource_name(register.service, register.name)
        return f'<a class="strong" href="{url}"{named}>{escape(said)}</a>'

    def reference(row: Row, _: str) -> str:
        value = row.get(name)
        if not value or not isinstance(value, str):
            return text(value)
        url = reference_url(to, value)
        if not url:
            return str(escape(value))
        return (
            f'<a href="{escape(url)}" data-ref="{escape(to)}|{escape(value)}">{escape(values.unnamed(to, value))}</a>'
        )

    def numbered(row: Row, _: str) -> str:
        resource, id = row.get("resource"), row.get("record_id")
        if not resource or not id:
            return text(row.get(name))
        url = reference_url(subject_path(register.service, resource), id)
        label = escape(record_label(register.service, resource, row.get(name) or id))
        return f'<a href="{escape(url)}">{label}</a>' if url else str(label)

    if name == "state" and linked != "state":
        return _remembered(name, state)
    if name == linked:
        return link
    if to:
        return reference
    if values.several(register, name):
        return lambda row, _: f"<span>{escape(values.shown(register, name, row.get(name)))}</span>"
    if name == "record_number":
        return numbered
    return _remembered(name, text) if column.kind in ("choice", "boolean") else lambda row, _: text(row.get(name))


def _remembered(name: str, write: Callable[[Any], str]) -> Cell:
    """A column of few values: each is written once a page."""
    written: dict[Any, str] = {}

    def cell(row: Row, _: str) -> str:
        value = row.get(name)
        if isinstance(value, list):
            return write(value)
        if value not in written:
            written[value] = write(value)
        return written[value]

    return cell
