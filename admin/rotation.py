"""The rotation board as a page shows it: the ring of today, who receives since when and why, and what may be done."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from admin import values
from admin.actors import actor, roles_in
from admin.catalogues import catalogues
from admin.directory import person_name
from admin.page import ask
from admin.texts import choice_name, command_name, listed, state_name, t
from services.contracts.roles import Role

SERVICE = "leads"
BUSY = ("receiving", "deputising")
FREE = ("up", "queued")
LATEST, MOST = 12, 100
#: Who sees each customer of the site; an agent sees their own (X-393).
SEEING_ALL = (Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR)
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
    block_name: str
    is_next: bool
    owed: int
    tags: list[str]
    reception: dict[str, Any] | None = None
    acts: list[Act] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")

    @property
    def is_free(self) -> bool:
        return self.state in FREE

    @property
    def hindrance(self) -> str:
        """What keeps the agent from receiving now; empty where nothing does."""
        return self.block if self.is_free else BUSY[0] if self.state in BUSY else self.state


@dataclass
class Board:
    """The ring of one project today; `roster_id` is empty where nobody has opened it yet."""

    project: dict[str, Any]
    roster_id: str
    seats: list[Seat] = field(default_factory=list)
    receptions: list[dict[str, Any]] = field(default_factory=list)
    unread: list[dict[str, Any]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    @property
    def next_one(self) -> Seat | None:
        """Who receives the next new customer."""
        return next((seat for seat in self.seats if seat.is_next), None)

    @property
    def is_make_up(self) -> bool:
        """Whether that is somebody who is not at the head, for a turn that is owed."""
        able = [seat for seat in self.seats if not seat.hindrance]
        return bool(able and self.next_one and able[0] is not self.next_one)

    @property
    def to_do(self) -> list[str]:
        """What has to be done before anybody can receive, where nobody can: by cause, whom it concerns."""
        if self.next_one is not None:
            return []
        by_cause: dict[str, list[str]] = {}
        for seat in self.seats:
            by_cause.setdefault(seat.hindrance, []).append(seat.name)
        return [t(f"rotation.to_do.{cause}", names=listed(names)) for cause, names in by_cause.items()]

    @functools.cached_property
    def roles(self) -> frozenset[str]:
        """What this person is on this site."""
        return roles_in(self.project["company_id"], self.project["id"])


def board_of(project_id: str) -> Board:
    """Everything that the board shows; the day is the service's, and so is what this person has to read."""
    here = {"project_id": project_id}
    project, ring = ask(
        ("fetch", SERVICE, "project", project_id, actor()), ("report", SERVICE, "rotation_today", here, actor())
    )
    rows = [row["values"] for row in ring["rows"]]
    board = Board(project["result"], str(rows[0]["roster_id"]) if rows else "")
    if not rows:
        board.acts = _allowed(_act(board, "open_roster", here))
        return board
    going_on, latest, board.unread = _happening(board, rows)
    board.receptions = [_told(board, one) for one in latest]
    by_agent = {one["agent"]: _told(board, one) for one in going_on}
    for row in rows:
        seat = _seat(row, by_agent)
        seat.acts = _allowed(*_acts(board, seat, row))
        board.seats.append(seat)
    board.acts = _allowed(_act(board, "join_roster", {"id": board.roster_id}))
    return board


def _happening(board: Board, rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any], list[Any]]:
    """Receptions that are going on, the latest of the day, and the changes that keep this person from receiving."""
    of_roster = {"roster_id": board.roster_id}
    lists = [
        ["reception", {"filters": of_roster | {"state": "receiving"}, "page": 0, "page_size": MOST}],
        ["reception", {"filters": of_roster, "page": 0, "page_size": LATEST, "order": "-started_at"}],
    ]
    asked: list[tuple[Any, ...]] = [("search_each", SERVICE, lists, actor())]
    if any(row["agent"] == actor()["user"] and row["block"] for row in rows):
        asked.append(("report", SERVICE, "unread_changes", {"project_id": board.project["id"]}, actor()))
    found, *unread = ask(*asked)
    going_on, latest = (one["result"] for one in found["result"])
    return going_on, latest, [row["values"] for one in unread for row in one["rows"]]


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
        block=row["block"] or "",
        block_name=choice_name(SERVICE, "turn_block", row["block"]) if row["block"] else "",
        is_next=bool(row["is_next"]),
        owed=row["makeup_owed"],
        tags=[t(f"rotation.{key}", n=row[name]) for key, name in counts if row[name]],
        reception=receptions.get(row["agent"]) if busy else None,
    )


def _told(board: Board, reception: dict[str, Any]) -> dict[str, Any]:
    """A reception with its people by name, why it came to this, and whether this person sees its customer (X-393)."""
    instead = person_name(reception["for_agent"]) if reception["for_agent"] else ""
    is_own = actor()["user"] in (reception["agent"], reception["for_agent"])
    return {
        **reception,
        "by": person_name(reception["agent"]),
        "for_agent": t("rotation.for_agent", name=instead) if instead else "",
        "why": values.reasons(reception["why"]),
        "is_open": is_own or not board.roles.isdisjoint(SEEING_ALL),
    }


def _acts(board: Board, seat: Seat, row: dict[str, Any]) -> list[Act | None]:
    """What this person may do about a seat: an agent about their own, the site sales lead about all of them."""
    if seat.agent != actor()["user"] and Role.SITE_SALES_LEAD not in board.roles:
        return []
    if seat.reception is not None:
        of_reception = {"id": str(seat.reception["id"]), "agent": seat.agent}
        return [
            _act(board, "finish_reception", of_reception, tone="primary"),
            _act(board, "abandon_reception", of_reception, tone="danger"),
        ]
    ring = {"id": board.roster_id, "agent": seat.agent}
    if seat.state == "off":
        return [_act(board, "mark_back_roster", ring, asks=False)]
    acts = _readiness(board, seat, row)
    if seat.state == "up":
        acts.append(_act(board, "cancel_round_roster", ring, tone="danger"))
    if seat.owed:
        acts.append(_act(board, "refuse_make_up_roster", ring, tone="danger"))
    return [*acts, _act(board, "mark_away_roster", ring, asks=False)]


def _readiness(board: Board, seat: Seat, row: dict[str, Any]) -> list[Act | None]:
    """What can be done about the check of the day: whoever has not passed it does not receive, and it can be failed."""
    state, check = row["check_state"], {"id": str(row["check_id"]), "agent": seat.agent}
    if state is None:
        return [_act(board, "declare_readiness_check", {"project_id": board.project["id"], "agent": seat.agent})]
    acts = []
    if state == "incomplete":
        acts.append(_act(board, "complete_readiness_check", check, asks=False))
    if state == "failed":
        return [_act(board, "recheck_readiness_check", check, asks=False)]
    return [*acts, _act(board, "fail_readiness_check", check, tone="danger")] if seat.is_free else acts


def _allowed(*acts: Act | None) -> list[Act]:
    return [one for one in acts if one is not None]


def _act(board: Board, command: str, given: dict[str, str], *, asks: bool = True, tone: str = "") -> Act | None:
    if not catalogues().command(SERVICE, command).allowed_to(board.roles):
        return None
    url = url_for("RotationView.act", **{**given, "project_id": board.project["id"], "command": command})
    return Act(command, command_name(SERVICE, command), url, asks, tone)
