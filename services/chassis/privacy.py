"""Personal data that is asked for: who saw which number of whom, when, and what for (X-65).

    reveals(customers, by=[Role.CUSTOMER_AFFAIRS])

Masked fields are shown to those whom the process' `unmasked` names; `reveals` declares the command `reveal_<resource>`,
which answers one of them to somebody who says what for. The number stands in that answer and is kept nowhere: the
same command again is answered with it only for as long as it may be shown.

Whoever asks whose a whole number is, is `looked_up`: in a list, by advice that `identifies`, or by a command that says
whether the number is known. That is written down, too. Both have a limit per person and hour, whatever the door.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import guards, views
from services.chassis.actors import Actor, Roles
from services.chassis.moves import Move, Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.queries import BEFORE_A_PHONE
from services.chassis.records import Record
from services.contracts.errors import Forbidden, IllegalMove
from services.contracts.fields import Field, field_of
from services.contracts.masks import mask
from services.contracts.roles import Role

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

Code = Annotated[str, Field(max_length=60)]
Explanation = Annotated[str, Field(max_length=500, multiline=True)]
Reference = Annotated[str, Field(max_length=80)]

REVEALS = Parameter("privacy.reveals", 30, "times", "X-65")
LOOK_UPS = Parameter("privacy.look_ups", 60, "times", "X-65")
SHOWN_FOR = Parameter("privacy.shown", 2, "min", "X-65")
PARAMETERS = (REVEALS, LOOK_UPS, SHOWN_FOR)

#: What may be a whole number, by its mask: with fewer digits somebody is still typing, or guesses.
WHOLE = {"phone": re.compile(r"1\d{10}|0\d{9,11}|\+\d{8,15}"), "id_no": re.compile(r"\d{17}[\dXx]")}


class AccessWay(enum.StrEnum):
    """How somebody came to know a number."""

    REVEALED = "revealed"
    LOOKED_UP = "looked_up"


class AccessPurpose(enum.StrEnum):
    """What a number is needed for."""

    CALL_BACK = "call_back"
    APPOINTMENT = "appointment"
    CASE_HANDLING = "case_handling"
    CONTRACT = "contract"
    IDENTIFICATION = "identification"
    CORRECTION = "correction"
    LEGAL = "legal"
    OTHER = "other"


class PersonalDataAccess(Record):
    """One access. `field` is the field that was asked for; a look-up keeps the number that was known, masked."""

    __append_only__ = True
    __table_args__ = (sa.Index(None, "created_by", "created_at"),)

    resource: Mapped[Code]
    record_id: Mapped[Code | None]
    record_number: Mapped[Code | None]
    field: Mapped[Code]
    way: Mapped[AccessWay]
    purpose: Mapped[AccessPurpose]
    explanation: Mapped[Explanation | None]
    reference: Mapped[Reference | None]


accesses = Process(
    PersonalDataAccess,
    key="access_id",
    readers=[Role.AUDITOR, Role.ADMINISTRATOR, Role.DATA_STEWARD],
    title="record_number",
    listed=["created_at", "created_by", "way", "resource", "record_number", "field", "purpose", "reference"],
    filters=["resource", "way", "purpose", "created_by", "created_at"],
    search=["record_number", "reference"],
    life={"noted": ()},
)


def reveals(process: Process[Any], *, by: Roles) -> None:
    """Declare the command that answers a masked field in full to somebody who says what for (X-65)."""
    hidden = tuple(field.name for field in process.record.__fields__.values() if field.mask)

    def reveal(
        record: Any, field: str, purpose: str, explanation: str, work: Work, reference: str | None = None
    ) -> None:
        """See a masked number in full, for a purpose that is written down (X-65)."""
        work.alone("privacy", work.actor.user)
        if (problem := _spent(work)) is not None:
            raise IllegalMove(code=problem.code, **problem.params)
        said = {"purpose": purpose, "explanation": explanation, "reference": reference}
        _note(work, process, record, field, AccessWay.REVEALED, **said)

    given = [
        Field("choice", "field", choices="personal_field", values=hidden, required=len(hidden) > 1, default=hidden[0]),
        field_of("purpose", AccessPurpose),
        field_of("explanation", Explanation),
        field_of("reference", Reference, None),
    ]
    process.add(Move(process, reveal, "change", (), None, by, guard=_foreseen, given=given, beside=_revealed))


def _foreseen(record: Any, work: Work) -> Obstacle | None:
    """For the button; the command itself counts once more, alone."""
    found: Obstacle | None = work.once("reveals_spent", lambda: _spent(work))
    return found


def _spent(work: Work) -> Obstacle | None:
    most = work.parameter(REVEALS)
    return Obstacle("reveals_spent", {"most": int(most)}) if _made(work, AccessWay.REVEALED) >= most else None


def _made(work: Work, way: AccessWay) -> int:
    """How often the actor has come to know a number in this way within an hour."""
    theirs = PersonalDataAccess.created_by == work.actor.user, PersonalDataAccess.way == way
    lately = PersonalDataAccess.created_at > work.now - timedelta(hours=1)
    return work.session.scalar(sa.select(sa.func.count()).where(*theirs, lately)) or 0


def _note(work: Work, process: Process[Any], record: Any, field: str, way: AccessWay, **said: Any) -> None:
    known = {} if record is None else {"record_id": record.id, "record_number": str(getattr(record, process.title))}
    place = {} if record is None else {"company_id": record.company_id, "project_id": record.project_id}
    access = PersonalDataAccess(resource=process.name, field=field, way=way, **known, **place, **said)
    work.begin_life(accesses, access, "noted")


def _revealed(work: Work, move: Move, record: Any, at: datetime) -> dict[str, Any]:
    """What was revealed to the actor at that moment, for as long as it may be shown and they may still see it."""
    until = at + SHOWN_FOR.length(work.parameter(SHOWN_FOR))
    if work.now >= until or not guards.reaches(work, move, record) or not views.visible(work, move.process, record):
        return {"revealed": None}
    theirs = PersonalDataAccess.created_by == work.actor.user, PersonalDataAccess.created_at == at
    of = PersonalDataAccess.resource == move.process.name, PersonalDataAccess.record_id == record.id
    field = work.session.scalar(sa.select(PersonalDataAccess.field).where(*theirs, *of))
    seconds = int((until - work.now).total_seconds())
    return {"revealed": field and {"field": field, "value": getattr(record, field), "seconds": seconds}}


@contextmanager
def looking(service: Service, actor: Actor, resource: Any, q: Any) -> Iterator[Work]:
    """A unit of work for a search. A whole number finds its record after that has been written down.

    Raises Forbidden for somebody who has looked up too many within an hour.
    """
    process = service.resources.get(resource) if isinstance(resource, str) else None
    known = _number(process, q) if process is not None and actor.scopes(process.reader_roles()) else None
    if process is None or known is None:
        with service.reading(actor) as work:
            yield work
        return
    field, number = known
    with service.begin(actor, command=f"look_up_{process.name}") as work:
        record = work.session.scalar(sa.select(process.record).where(getattr(process.record, field) == number))
        looked_up(work, process, field, mask(_masks(process)[field], number), record)
    with service.reading(actor) as work:
        work.looks_up = True
        yield work


def looked_up(work: Work, process: Process[Any], field: str, shown: str, record: Any = None) -> None:
    """Write down that the actor asks whose a number is, with what a mask shows of it, and who was found.

    Raises Forbidden for somebody who has looked up too many within an hour.
    """
    work.alone("privacy", work.actor.user)
    if _made(work, AccessWay.LOOKED_UP) >= (most := work.parameter(LOOK_UPS)):
        raise Forbidden(code="look_ups_spent", most=int(most))
    said = {"purpose": AccessPurpose.IDENTIFICATION, "reference": shown}
    _note(work, process, record, field, AccessWay.LOOKED_UP, **said)


def advisable(service: Service, actor: Actor, command: Any, payload: Any) -> Any:
    """What somebody has filled in so far, as advisers may read it. The number that tells who somebody is they read when
    it is whole and that has been written down, once for as long as the same number stands there."""
    move = service.commands.get(command) if isinstance(command, str) else None
    if move is None or move.identifies is None or not isinstance(payload, dict) or not actor.scopes(move.by):
        return payload
    field = next(one for one in move.params if one.name == move.identifies)
    number = _plain(str(field.mask), payload.get(field.name))
    if number is not None and service.advised.get(actor.user) != (command, number):
        try:
            with service.begin(actor, command=f"look_up_{move.process.name}") as work:
                looked_up(work, move.process, field.name, mask(str(field.mask), number))
            service.advised[actor.user] = (command, number)
        except Forbidden:
            number = None
    return {**payload, field.name: number}


def _masks(process: Process[Any]) -> dict[str, str]:
    """The masked fields that a list of the process is searched in, each with its mask."""
    fields = process.record.__fields__
    return {name: kind for name in process.search if name in fields and (kind := fields[name].mask)}


def _number(process: Process[Any], q: Any) -> tuple[str, str] | None:
    """The masked field that words are looked for in, and the whole number that they are."""
    for field, kind in _masks(process).items():
        if (number := _plain(kind, q)) is not None:
            return field, number
    return None


def _plain(kind: str, said: Any) -> str | None:
    """The whole number that words are, without what people write beside its digits."""
    if not isinstance(said, str):
        return None
    number = BEFORE_A_PHONE.sub("", said.strip()) if kind == "phone" else said.strip()
    return number if WHOLE[kind].fullmatch(number) else None
