"""The rotation board as a page shows it: the ring of today, who receives since when and why, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from flask import url_for

from admin import values
from admin.actors import actor, roles
from admin.catalogues import catalogues
from admin.directory import person_name
from admin.page import ask
from admin.texts import choice_name, command_name, state_name, t
from services.contracts.fields import to_wire
from services.contracts.roles import Role

SERVICE = "leads"
BUSY = ("receiving", "deputising")
LATEST = 12
#: How a state looks on the board.
TONES = {"up": "new", "receiving": "busy", "deputising": "busy", "cancelled_for_round": "bad"}


@dataclass(frozen=True)
class Act:
    """A button: its form opens where something has to be filled in, else it is done at once."""

    command: str
    label: str
    url: str
    asks: bool
    tone: str = ""


@dataclass
class Seat:
    """One agent in the ring."""

    rank: int
    agent: str
    name: str
    state: str
    state_name: str
    since: str
    block: str
    is_next: bool
    owed: int
    tags: list[str]
    reception: dict[str, Any] | None = None
    acts: list[Act] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")


@dataclass
class Board:
    """The ring of one project today; `roster` is None where nobody has opened it yet."""

    project: dict[str, Any]
    roster: dict[str, Any] | None
    seats: list[Seat]
    receptions: list[dict[str, Any]]
    unread: list[dict[str, Any]]
    acts: list[Act]

    @property
    def next_one(self) -> Seat | None:
        """Who receives the next new customer."""
        return next((seat for seat in self.seats if seat.is_next), None)

    @property
    def is_make_up(self) -> bool:
        """Whether that is somebody who is not at the head, for a turn that is owed."""
        able = [seat for seat in self.seats if seat.state in ("up", "queued") and not seat.block]
        return bool(able and self.next_one and able[0] is not self.next_one)


def board_of(project: dict[str, Any]) -> Board:
    """Everything that the board shows, asked for at once; changes not read yet only by whoever has to read them."""
    me, today = actor()["user"], datetime.now(values.ZONE).date()
    here = {"project_id": project["id"]}
    morning = to_wire(datetime.combine(today, time(), values.ZONE))
    rings, rosters, received, checks = ask(
        ("report", SERVICE, "rotation_today", here, actor()),
        _search("roster", {**here, "day": today.isoformat()}, 1),
        _search("reception", {**here, "started_at": {"from": morning}}, 100, order="-started_at"),
        _search("readiness_check", {**here, "day": today.isoformat()}, 100),
    )
    receptions = received["result"]
    by_agent = {one["agent"]: _told(one) for one in receptions if one["state"] == "receiving"}
    ready = {one["agent"]: one for one in checks["result"]}
    roster = next(iter(rosters["result"]), None)
    seats = [_seat(row["values"], by_agent) for row in rings["rows"]] if roster else []
    board = Board(project, roster, seats, [_told(one) for one in receptions[:LATEST]], [], [])
    for seat in seats:
        seat.acts = _allowed(*_acts(board, seat, ready.get(seat.agent)))
    if any(seat.agent == me and seat.block for seat in seats):
        board.unread = _unread(here, me)
    whole = ("join_roster", {"id": roster["id"]}) if roster else ("open_roster", here)
    board.acts = _allowed(_act(board, *whole))
    return board


def _search(resource: str, filters: dict[str, Any], size: int, **more: Any) -> tuple[Any, ...]:
    return "search", SERVICE, resource, {"filters": filters, "page": 0, "page_size": size, **more}, actor()


def _seat(row: dict[str, Any], receptions: dict[str, dict[str, Any]]) -> Seat:
    state, busy = str(row["slot_state"]), row["slot_state"] in BUSY
    counts = (("turns", "turn_counted"), ("owed", "makeup_owed"), ("cancelled", "rounds_cancelled"))
    return Seat(
        rank=row["rank"],
        agent=row["agent"],
        name=person_name(row["agent"]),
        state=state,
        state_name=state_name(SERVICE, "rotation_slot", state),
        since=values.moment(row["since"])[-5:] if busy or state == "off" else "",
        block=choice_name(SERVICE, "turn_block", row["block"]) if row["block"] else "",
        is_next=bool(row["is_next"]),
        owed=row["makeup_owed"],
        tags=[t(f"rotation.{key}", n=row[name]) for key, name in counts if row[name]],
        reception=receptions.get(row["agent"]) if busy else None,
    )


def _told(reception: dict[str, Any]) -> dict[str, Any]:
    """A reception with its people by name, and why it came to this."""
    instead = person_name(reception["for_agent"]) if reception["for_agent"] else ""
    return {
        **reception,
        "by": person_name(reception["agent"]),
        "for_agent": t("rotation.for_agent", name=instead) if instead else "",
        "why": values.reasons(reception["why"]),
    }


def _acts(board: Board, seat: Seat, check: dict[str, Any] | None) -> list[Act | None]:
    """What this person may do about a seat: an agent about their own, the site sales lead about all of them."""
    if seat.agent != actor()["user"] and Role.SITE_SALES_LEAD not in roles():
        return []
    if seat.reception is not None:
        return [_act(board, "finish_reception", {"id": seat.reception["id"]}, tone="primary")]
    ring = {"id": board.roster["id"] if board.roster else "", "agent": seat.agent}
    if seat.state == "off":
        return [_act(board, "mark_back_roster", ring, asks=False)]
    acts = [_readiness(board, seat, check)] if seat.block else []
    if seat.state == "up":
        acts.append(_act(board, "cancel_round_roster", ring, tone="danger"))
    if seat.owed:
        acts.append(_act(board, "refuse_make_up_roster", ring, tone="danger"))
    return [*acts, _act(board, "mark_away_roster", ring, asks=False)]


def _readiness(board: Board, seat: Seat, check: dict[str, Any] | None) -> Act | None:
    """What still has to be done about the check of the day."""
    if check is None:
        return _act(board, "declare_readiness_check", {"project_id": board.project["id"], "agent": seat.agent})
    done = {"incomplete": "complete_readiness_check", "failed": "recheck_readiness_check"}.get(check["state"])
    return _act(board, done, {"id": check["id"]}, asks=False) if done else None


def _allowed(*acts: Act | None) -> list[Act]:
    return [one for one in acts if one is not None]


def _act(board: Board, command: str, given: dict[str, str], *, asks: bool = True, tone: str = "") -> Act | None:
    if not catalogues().command(SERVICE, command).allowed_to(roles()):
        return None
    url = url_for("RotationView.act", **{**given, "project_id": board.project["id"], "command": command})
    return Act(command, command_name(SERVICE, command), url, asks, tone)


def _unread(here: dict[str, str], me: str) -> list[dict[str, Any]]:
    """Changes that this person has not acknowledged, and that no correction replaced."""
    changes, receipts = ask(_search("sales_fact_change", here, 50), _search("fact_receipt", {**here, "agent": me}, 100))
    known = {one["change_id"] for one in receipts["result"]}
    known |= {one["corrects_id"] for one in changes["result"] if one["corrects_id"]}
    return [one for one in changes["result"] if one["id"] not in known]
