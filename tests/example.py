"""A small service for the chassis' own tests: key loans with an approval and a clock, a register, and a reaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import commands, views
from services.chassis.authority import ApprovalRule
from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Base, Record
from services.chassis.registers import Register, corrections
from services.chassis.reports import Row, report
from services.chassis.service import Service
from services.chassis.work import Work
from services.contracts.events.maintenance import WorkOrderCancelled, WorkOrderProgressed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, LongText, Money, Number, PersonName, Phone, Reason

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RETURN = Parameter("loan.length", 10, "h", "T-1")
WARNING = Parameter("loan.warning", 8, "h", "T-1")
STEP = Parameter("loan.step", 2, "h", "T-1")


class Loan(Record):
    """A key that somebody has."""

    number: Mapped[Number]
    borrower: Mapped[PersonName]
    phone: Mapped[Phone | None]
    deposit: Mapped[Money | None]
    note: Mapped[LongText] = ""


loans = Process(
    Loan,
    key="order_id",
    numbered="KL",
    readers=[Role.MAINTENANCE_DESK, Role.EMPLOYEE],
    unmasked=lambda actor, now: Loan.borrower == actor.user,
    search=["number", "borrower", "phone"],
    announces=[WorkOrderCancelled],
    progress=WorkOrderProgressed,
)
reveals(loans, by=[Role.DATA_STEWARD])
lending = ApprovalRule(
    "loan", "X-36.14", Role.COMPANY_MANAGER, ("borrower", "deposit"), amount=lambda loan: loan.deposit
)


@loans.create("requested", by=[Role.MAINTENANCE_DESK], submits=lending)
def request(borrower: PersonName, work: Work, phone: Phone | None = None, deposit: Money | None = None) -> Loan:
    """Ask for a key."""
    return Loan(borrower=borrower, phone=phone, deposit=deposit, company_id="C1", project_id="P01")


@loans.move("requested", "lent", approves=lending)
def approve(loan: Loan, comment: Reason = "") -> None:
    """Lend it."""


@loans.move("requested", "refused", rejects=lending)
def refuse(loan: Loan, reason: Reason) -> None:
    """Do not lend it."""


def _no_deposit_left(loan: Loan, work: Work) -> Obstacle | None:
    return Obstacle("deposit_open") if loan.deposit else None


@loans.change("lent", by=[Role.MAINTENANCE_DESK])
def settle(loan: Loan, deposit: Money) -> None:
    """Change the deposit."""
    loan.deposit = deposit or None


@loans.move("lent", "paused", by=[Role.MAINTENANCE_DESK])
def pause(loan: Loan, reason: Reason) -> None:
    """Stop its clock."""


@loans.move("paused", "lent", by=[Role.MAINTENANCE_DESK])
def go_on(loan: Loan) -> None:
    """Start it again."""


@loans.move("lent", "returned", by=[Role.MAINTENANCE_DESK], guard=_no_deposit_left)
def give_back(loan: Loan) -> None:
    """The key is back."""


clock(
    loans,
    "return",
    limit=RETURN,
    warn=WARNING,
    starts="lent",
    stops="returned",
    paused_in="paused",
    alarm=Alarm(
        "loan_overdue",
        "T-1",
        to=lambda loan: Role.MAINTENANCE_DESK,
        ladder=lambda loan, step: {1: Role.MAINTENANCE_LEAD, 2: Role.COMPANY_MANAGER}.get(step),
        every=lambda loan: STEP,
    ),
)


@dataclass(frozen=True, kw_only=True)
class ByBorrower(Row):
    """The keys that one person has or had."""

    borrower: PersonName
    loans: Count


@report(loans, ByBorrower, by=[Role.MAINTENANCE_DESK], along="borrower", counts=("loans",))
def loans_by_borrower(work: Work, borrower: PersonName | None = None) -> Iterator[ByBorrower]:
    """Loans by who asked for them."""
    asked = [Loan.borrower == borrower] if borrower else []
    found = sa.select(Loan.borrower, sa.func.count()).where(*views.seen(work, loans), *asked)
    for name, count in work.session.execute(found.group_by(Loan.borrower).order_by(Loan.borrower)):
        yield ByBorrower(borrower=name, loans=count)


class Entry(Register):
    """A line in a book."""

    number: Mapped[Number]
    line: Mapped[LongText]
    amount: Mapped[Money | None]


entries = Process(Entry, numbered="EN", readers=[Role.MAINTENANCE_DESK])


@entries.create("entered", by=[Role.MAINTENANCE_DESK])
def enter(line: LongText, amount: Money | None = None) -> Entry:
    """Write a line."""
    return Entry(line=line, amount=amount, company_id="C1", project_id="P01")


corrections(entries, by=[Role.MAINTENANCE_DESK])


FAULTS: list[Exception] = []


@loans.reacts(WorkOrderCancelled)
def on_work_order_cancelled(event: WorkOrderCancelled, work: Work) -> None:
    """Each one makes a loan, unless a fault is planned."""
    if FAULTS:
        raise FAULTS.pop(0)
    work.perform(request, borrower=event.reason)


def make_service() -> Service:
    """The service, not opened."""
    return Service("example", [loans, entries], replicates=["leads/home"], parameters=[STEP])


@contextmanager
def opened(url: str) -> Iterator[Service]:
    """The service on an empty database with a clock that stands until it is moved."""
    service = make_service()
    service.open(url)
    Base.metadata.create_all(service.database.engine, tables=service.tables)
    now = [START]
    service.now = lambda: now[0]
    service.__dict__["wait"] = lambda **length: now.__setitem__(0, now[0] + timedelta(**length))
    FAULTS.clear()
    try:
        yield service
    finally:
        service.close()


def wait(service: Service, **length: float) -> None:
    """Let time pass on the service's clock."""
    service.__dict__["wait"](**length)


def person(user: str, *roles: Role, scope: str = "company:C1") -> dict[str, Any]:
    return {"user": user, "name": user.title(), "roles": {str(role): [scope] for role in roles}}


DESK = person("desk", Role.MAINTENANCE_DESK)
MANAGER = person("manager", Role.COMPANY_MANAGER)


def do(
    service: Service,
    command: str,
    actor: dict[str, Any] | None = None,
    *,
    command_id: str | None = None,
    version: int | None = None,
    **payload: Any,
) -> dict[str, Any]:
    """Give a command as the console would; returns the record."""
    envelope = {"command_id": command_id or uuid.uuid4().hex, "actor": actor or DESK, "version": version}
    result: dict[str, Any] = commands.execute(service, command, payload, envelope)["result"]
    return result
