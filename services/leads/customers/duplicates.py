"""Customers who look like one person: found by name, project and the end of a telephone, judged by a person (L-03)."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.actors import SYSTEM
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Number, Phone, ProjectId, Reason
from services.leads.customers.customer import Customer, CustomerStage, known_customer
from services.leads.customers.identity import CustomerKey
from services.leads.projects import project_of

LAST_DIGITS = Parameter("duplicate.last_digits", 4, "digits", "L-03")
STEWARDSHIP = [Role.DATA_STEWARD, Role.CUSTOMER_AFFAIRS]
OPEN = ("suspected", "merge_proposed")
#: What stands behind a surname where nobody asked for the given name.
ADDRESSES = re.compile(r"(先生|女士|小姐|太太|老师|总|mr|mrs|ms)\.?$")


class DuplicateCandidate(Record):
    """Two records that may be one customer, in the order of their ids; one open item a pair."""

    __historic__ = ("uid", "other_uid")
    __table_args__ = (
        sa.Index(
            "uq_duplicate_open",
            "uid",
            "other_uid",
            unique=True,
            sqlite_where=sa.text("state IN ('suspected', 'merge_proposed')"),
            postgresql_where=sa.text("state IN ('suspected', 'merge_proposed')"),
        ),
    )

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    other_uid: Mapped[CustomerUid]
    phone: Mapped[Phone]
    other_phone: Mapped[Phone]
    reason: Mapped[Reason | None]


candidates = Process(
    DuplicateCandidate,
    numbered="DC",
    readers=[*STEWARDSHIP, Role.AUDITOR],
    listed=["number", "uid", "phone", "other_uid", "other_phone", "project_id", "created_at"],
    filters=["project_id", "uid", "other_uid", "created_at"],
)


@candidates.create("suspected", by=[*STEWARDSHIP, Role.SITE_SALES_LEAD])
def suspect(uid: CustomerUid, other_uid: CustomerUid, project_id: ProjectId, work: Work) -> DuplicateCandidate:
    """Ask the data steward whether two records are one customer (L-03)."""
    project = project_of(work, project_id)
    if uid == other_uid:
        raise ValidationFailed.of("other_uid", "same_customer")
    named = known_customer(work, uid), known_customer(work, other_uid, field="other_uid")
    one, other = sorted(named, key=lambda customer: customer.id)
    if _of_pair(work, one.id, other.id, *OPEN):
        raise ValidationFailed.of("other_uid", "suspected_already")
    candidate = DuplicateCandidate(
        uid=one.id,
        other_uid=other.id,
        phone=one.phone,
        other_phone=other.phone,
        project_id=project.id,
        company_id=project.company_id,
    )
    work.begin_life(candidates, candidate, "suspected")
    ask_steward(work, candidate)
    return candidate


@candidates.move("suspected", "dismissed", by=STEWARDSHIP)
def dismiss(candidate: DuplicateCandidate, reason: Reason, work: Work) -> None:
    """They are two customers; why (L-03)."""
    candidate.reason = reason
    work.end_tasks(candidate, "done", result=reason[:200])


@candidates.move("suspected", "dropped", by=[Role.SYSTEM])
def drop(candidate: DuplicateCandidate, work: Work) -> None:
    """One of the two was withdrawn with the import that had registered them (L-02)."""
    work.end_tasks(candidate, "dropped")


def ask_steward(work: Work, candidate: DuplicateCandidate) -> None:
    """Somebody has to look at both records (L-03)."""
    work.task("duplicate_suspected", candidate, role=Role.DATA_STEWARD)


def look_for_others(work: Work, customer: Customer, project_id: str) -> None:
    """Put every customer of the project before the steward who has such a name and a telephone that ends like one of
    this customer's; a pair that was looked at once is not brought up again (L-03)."""
    digits = int(work.parameter(LAST_DIGITS))
    own = sa.select(CustomerKey.backwards, CustomerKey.state).where(CustomerKey.uid == customer.id)
    endings = {end[:digits] for end, state in work.session.execute(own) if end and state == "held"}
    begins = [sa.and_(CustomerKey.backwards >= end, CustomerKey.backwards < _after(end)) for end in endings]
    # By the ending alone, which few share, and by ids: with the state or an order asked for too, SQLite reads all.
    alike = sa.select(CustomerKey.uid, CustomerKey.state).where(sa.or_(sa.false(), *begins))
    uids = {uid for uid, state in work.session.execute(alike) if state == "held"} - {customer.id}
    if not uids:
        return
    here = sa.exists().where(CustomerStage.uid == Customer.id, CustomerStage.project_id == project_id)
    others = sa.select(Customer.created_at, Customer.id, Customer.name, Customer.state)
    for _, uid, name, state in sorted(work.session.execute(others.where(Customer.id.in_(uids), here)).all()):
        if state == "registered" and are_alike(customer.name, name):
            bring_up(work, customer.id, uid, project_id)


def bring_up(work: Work, uid: str, other_uid: str, project_id: str) -> None:
    """Put a pair before the steward that was never looked at."""
    first, second = sorted((uid, other_uid))
    if not _of_pair(work, first, second):
        with work.acting_as(SYSTEM):  # who has written the one record down need not know of the other
            work.perform(suspect, uid=first, other_uid=second, project_id=project_id)


def are_alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same letters, one within the other, or a surname with an address."""
    first, second = sorted((re.sub(r"[\s·.]", "", one).lower(), re.sub(r"[\s·.]", "", other).lower()), key=len)
    surname = ADDRESSES.sub("", first)
    if surname != first and surname:
        return second.startswith(surname)
    surname = ADDRESSES.sub("", second)
    if surname != second and surname:
        return first.startswith(surname)
    return first == second or (len(first) > 1 and first in second)


def _after(digits: str) -> str:
    """The text right behind all that begin with these digits, in every order of texts that a database may have."""
    head = digits.rstrip("9")
    return f"{head[:-1]}{int(head[-1]) + 1}" if head else "99999999999999999999"


def _of_pair(work: Work, uid: str, other_uid: str, *states: str) -> list[DuplicateCandidate]:
    """The items of a pair; until this transaction ends nobody else adds one."""
    work.alone("duplicate_candidate", uid, other_uid)
    among = [DuplicateCandidate.state.in_(states)] if states else []
    return work.all(DuplicateCandidate, *among, uid=uid, other_uid=other_uid)


def open_of(work: Work, uid: str) -> list[DuplicateCandidate]:
    """The items that wait for the steward and name this customer."""
    either = sa.or_(DuplicateCandidate.uid == uid, DuplicateCandidate.other_uid == uid)
    return work.all(DuplicateCandidate, either, state="suspected")


def open_between(work: Work, uids: list[str]) -> list[DuplicateCandidate]:
    """The open items between any two of these customers."""
    both = DuplicateCandidate.uid.in_(uids), DuplicateCandidate.other_uid.in_(uids)
    return work.all(DuplicateCandidate, *both, DuplicateCandidate.state.in_(OPEN))
