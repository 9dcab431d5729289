"""Whose customer somebody is and whose performance a deal is, from the registers alone (L-41 to L-43, L-50).

Nothing here knows a database: windows and decisions are functions of what happened and when. What is given is put in
the order of its own moments first, so that the order in which it became known makes no difference.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.chassis.calendars import ZONE, end_of
from services.contracts.vocabulary.sales import OwnershipBasis, SplitRule

CALL = OwnershipBasis.CALL
INSTANT = timedelta(microseconds=1)  #: what a moment before 24:00 differs from it by


class Fate(enum.StrEnum):
    """What ended a window before its time, or what had become of it when it was asked for."""

    OPEN = "open"
    CONTINUED = "continued"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    CEDED = "ceded"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One call or visit as the registers have it now; `entry` is the first entry of its chain of corrections."""

    entry: str
    at: datetime
    is_visit: bool
    agent: str
    deputy: str | None = None
    named: str | None = None

    @property
    def identified(self) -> str | None:
        """Whom the customer knew at intake: by name, or because somebody received them in that agent's place (L-24)."""
        return self.named or (self.agent if self.deputy else None)

    @property
    def place(self) -> tuple[datetime, bool, str, str]:
        """The order of contacts: of one moment the call is first, as it precedes the visit that it leads to."""
        return self.at, self.is_visit, self.agent, self.entry


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """From then on the customers of one agent are another's (X-36.11)."""

    at: datetime
    giver: str
    taker: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The lengths in days after the day of the contact; `fifteen_days` is the other reading of D-01."""

    first_visit: int = 15
    return_visit: int = 7
    call: int = 5
    fifteen_days: bool = False


FiguresAt = Callable[[datetime], Figures]


@dataclass(frozen=True, kw_only=True)
class Shares:
    """What the protected agent has of a deal that somebody else closed, in per cent: D-02's rows R1 and R2."""

    visit: int = 100
    call: int = 50


@dataclass(frozen=True, kw_only=True)
class Deal:
    """Who closed, and when."""

    closer: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Window:
    """One protection window. `due_on` is by when the next visit is owed, `since` the start of its unbroken row."""

    contact: Contact
    agent: str
    basis: OwnershipBasis
    opened_at: datetime
    ends_on: date
    due_on: date
    since: datetime
    ended_at: datetime | None = None
    fate: Fate | None = None
    successor: str | None = None

    @property
    def starts_on(self) -> date:
        return day_of(self.contact.at)

    def holds(self, at: datetime) -> bool:
        """Whether it is open at a moment; the last day is inside to 24:00 (domain 0.2)."""
        return self.opened_at <= at < (self.ended_at or end_of(self.ends_on))

    def standing(self, at: datetime) -> Fate:
        """What has become of it by a moment."""
        if self.fate is not None:
            return self.fate
        return Fate.OPEN if at < end_of(self.ends_on) else Fate.EXPIRED


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def windows(contacts: Iterable[Contact], transfers: Iterable[Transfer], figures: FiguresAt) -> list[Window]:
    """Every window that the contacts opened, in order, and what ended those that ended before their time (L-42)."""
    happened: list[tuple[datetime, int, Contact | Transfer]] = []
    known = sorted(contacts, key=lambda one: one.place)
    happened += [(one.at, 0, one) for one in known]
    happened += [(one.at, 1, one) for one in sorted(transfers, key=lambda one: (one.at, one.giver, one.taker))]
    found: list[Window] = []
    for _, _, one in sorted(happened, key=lambda each: each[:2]):
        if isinstance(one, Transfer):
            _transfer(found, one)
        elif one.is_visit:
            _cede(found, one, known)
            _visit(found, one, known, figures(one.at))
        elif not any(window.basis != CALL for window in _open(found, one.at)):
            length = timedelta(days=figures(one.at).call)
            _open_window(found, one, CALL, length, length)
    return found


def _open(found: Sequence[Window], at: datetime) -> list[Window]:
    return [window for window in found if window.holds(at)]


def _end(found: list[Window], window: Window, at: datetime, fate: Fate, successor: str | None = None) -> None:
    found[found.index(window)] = replace(window, ended_at=at, fate=fate, successor=successor)


def _transfer(found: list[Window], given: Transfer) -> None:
    for window in _open(found, given.at):
        if window.agent == given.giver:
            _end(found, window, given.at, Fate.TRANSFERRED, given.taker)
            found.append(replace(window, agent=given.taker, opened_at=given.at))


def _cede(found: list[Window], visit: Contact, known: Sequence[Contact]) -> None:
    """The customer knows somebody who had them first: whoever had them since gives them back (L-42)."""
    if visit.identified is None:
        return
    met = min((one.at for one in known if one.agent == visit.identified), default=visit.at)
    standing = [one for one in _open(found, visit.at) if one.agent != visit.identified]
    begun = {one.agent: min(each.since for each in standing if each.agent == one.agent) for one in standing}
    for window in standing:
        if met < begun[window.agent]:
            _end(found, window, visit.at, Fate.CEDED, visit.identified)


def _visit(found: list[Window], visit: Contact, known: Sequence[Contact], figures: Figures) -> None:
    own = [one for one in _open(found, visit.at) if one.agent == visit.agent and one.basis != CALL]
    earlier = any(one.is_visit and one.agent == visit.agent and one.place < visit.place for one in known)
    first, again = timedelta(days=figures.first_visit), timedelta(days=figures.return_visit)
    if earlier or own:
        _open_window(found, visit, OwnershipBasis.RETURN_VISIT, first if figures.fifteen_days else again, again)
    else:
        _open_window(found, visit, OwnershipBasis.FIRST_VISIT, first, first)


def _open_window(
    found: list[Window], contact: Contact, basis: OwnershipBasis, length: timedelta, due: timedelta
) -> None:
    """A window of its own, or the next of the agent's unbroken row of calls or of visits."""
    own = [
        one for one in _open(found, contact.at) if one.agent == contact.agent and (one.basis == CALL) == (basis == CALL)
    ]
    for window in own:
        _end(found, window, contact.at, Fate.CONTINUED)
    day = day_of(contact.at)
    since = min((one.since for one in own), default=contact.at)
    found.append(
        Window(
            contact=contact,
            agent=contact.agent,
            basis=basis,
            opened_at=contact.at,
            ends_on=day + length,
            due_on=day + due,
            since=since,
        )
    )


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one agent holds without a break: a call that became a visit, and the visits after it (L-42)."""

    windows: tuple[Window, ...]
    state: Fate

    @property
    def last(self) -> Window:
        return self.windows[-1]

    @property
    def entries(self) -> list[str]:
        return [one.contact.entry for one in self.windows]


def runs(found: Iterable[Window], deals: Iterable[datetime], now: datetime) -> list[Run]:
    """The windows of each agent as unbroken rows, and what has become of each; a deal inside it consumes a row."""
    sold = sorted(deals)
    rows: list[list[Window]] = []
    latest: dict[str, list[Window]] = {}
    for window in sorted(found, key=lambda one: (one.opened_at, one.contact.place)):
        row = latest.get(window.agent)
        if row is None or not _goes_on(row[-1], window, sold):
            row = latest[window.agent] = []
            rows.append(row)
        row.append(window)
    return [Run(windows=tuple(row), state=_state(row, sold, now)) for row in rows]


def _goes_on(last: Window, window: Window, sold: Sequence[datetime]) -> bool:
    if last.fate in (Fate.CEDED, Fate.TRANSFERRED) or any(last.opened_at <= at < window.opened_at for at in sold):
        return False
    return window.opened_at < end_of(last.ends_on)


def _state(row: Sequence[Window], sold: Sequence[datetime], now: datetime) -> Fate:
    if any(window.holds(at) for window in row for at in sold):
        return Fate.CONSUMED
    return row[-1].standing(now)


@dataclass(frozen=True, kw_only=True)
class Considered:
    """A window that a decision looked at, what had become of it, and whether the decision rests on it."""

    window: Window
    standing: Fate
    is_decisive: bool


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whose performance a deal is, by which rule, and what was considered (L-43, L-44)."""

    rule: SplitRule
    shares: tuple[tuple[str, int], ...]
    considered: tuple[Considered, ...]


def decide(
    contacts: Iterable[Contact], transfers: Iterable[Transfer], deal: Deal, figures: FiguresAt, shares: Shares
) -> Decision:
    """The one rule that fits, tried in the order R5, R6, R8, R1, R2, R3, R4 (L-43).

    R7 picks the window of each kind that was begun first. A closing agent whose own window is the only one that ever
    stood has all of it, as R1 would give it to them; where nothing ever stood, the closing agent has it as by R3.
    """
    past = sorted((one for one in contacts if one.at <= deal.at), key=lambda one: one.place)
    moved = [one for one in transfers if one.at <= deal.at]
    found = windows(past, moved, figures)
    rule, decisive, given = _attributed(past, moved, found, deal, shares)
    considered = tuple(
        Considered(window=one, standing=one.standing(deal.at), is_decisive=one in decisive) for one in found
    )
    summed: dict[str, int] = {}
    for agent, share in given:
        summed[agent] = summed.get(agent, 0) + share
    return Decision(
        rule=rule, shares=tuple((agent, share) for agent, share in summed.items() if share), considered=considered
    )


Attributed = tuple[SplitRule, list[Window], list[tuple[str, int]]]


def _attributed(
    past: Sequence[Contact], moved: Sequence[Transfer], found: Sequence[Window], deal: Deal, shares: Shares
) -> Attributed:
    call, visit = _earliest(found, deal.at, calls=True), _earliest(found, deal.at, calls=False)
    closer = deal.closer
    intake = next((one for one in reversed(past) if one.is_visit), None)
    named = _carried(intake, moved)
    if intake is not None and named is not None and closer in (named, intake.deputy):
        return SplitRule.R5, [one for one in found if one.agent == named and one.holds(deal.at)], [(named, 100)]
    if call is not None and call.agent == closer:
        return SplitRule.R6, [call], [(closer, 100)]
    if visit is not None and visit.agent != closer:
        if call is not None and call.agent != visit.agent and named != visit.agent:
            return SplitRule.R8, [call, visit], [(call.agent, shares.call), (visit.agent, 100 - shares.call)]
        return SplitRule.R1, [visit], [(visit.agent, shares.visit), (closer, 100 - shares.visit)]
    if call is not None:
        return SplitRule.R2, [call], [(call.agent, shares.call), (closer, 100 - shares.call)]
    # What lapsed decides where it was another's; an agent's own lapsed window does not stand beside their open one.
    lapsed = [one for one in found if one.standing(deal.at) == Fate.EXPIRED and (visit is None or one.agent != closer)]
    exceeded = [one for one in lapsed if one.basis != CALL]
    if exceeded or lapsed:
        return (SplitRule.R3 if exceeded else SplitRule.R4), exceeded or lapsed, [(closer, 100)]
    if visit is not None:
        return SplitRule.R1, [visit], [(closer, 100)]
    return SplitRule.R3, [], [(closer, 100)]


def _earliest(found: Iterable[Window], at: datetime, *, calls: bool) -> Window | None:
    """R7: of several open windows the one whose row began first; the others are decisive once it has lapsed."""
    standing = [one for one in found if one.holds(at) and (one.basis == CALL) == calls]
    return min(standing, key=lambda one: (one.since, one.contact.place), default=None)


def _carried(intake: Contact | None, moved: Iterable[Transfer]) -> str | None:
    """Whom the customer named at the last intake, or who has that agent's customers since (R5)."""
    named = intake.identified if intake is not None else None
    for one in sorted(moved, key=lambda each: (each.at, each.giver, each.taker)):
        if intake is not None and one.at >= intake.at and one.giver == named:
            named = one.taker
    return named
