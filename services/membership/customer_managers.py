"""The customer manager of each owner household: chosen by load, kept until it changes (B-80)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import HandoverCompleted
from services.contracts.events.membership import CustomerManagerAssigned
from services.contracts.fields import to_wire
from services.contracts.roles import COMPETENT_DEPARTMENT, Role, SwitchedRole
from services.contracts.vocabulary.common import CustomerUid, Details, HomeId, Moment, ProjectId, Reason, User
from services.membership.places import READERS

LEADS: list[Role | SwitchedRole] = [COMPETENT_DEPARTMENT, Role.CUSTOMER_CENTRE]
NO_MANAGER = "household_without_manager"


class ManagerRoster(Record):
    """A customer manager who takes households of a project."""

    __table_args__ = (
        sa.Index(
            "uq_manager_roster_live",
            "user",
            "project_id",
            unique=True,
            sqlite_where=sa.text("state = 'on_roster'"),
            postgresql_where=sa.text("state = 'on_roster'"),
        ),
    )

    user: Mapped[User]
    reason: Mapped[Reason | None]


roster = Process(
    ManagerRoster,
    readers=READERS,
    title="user",
    listed=["user", "project_id", "reason"],
    filters=["user", "project_id"],
)


class Household(Record):
    """One owner household and its manager; `history` holds the managers before, oldest first."""

    __table_args__ = (sa.UniqueConstraint("home_id"),)

    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    manager: Mapped[User | None]
    managed_since: Mapped[Moment | None]
    history: Mapped[list[Details]]


households = Process(
    Household,
    readers=READERS,
    title="home_id",
    listed=["home_id", "uid", "manager", "managed_since"],
    filters=["project_id", "home_id", "uid", "manager"],
    announces=[CustomerManagerAssigned],
)


@roster.create("on_roster", by=[*LEADS, Role.ADMINISTRATOR])
def add(user: User, project_id: ProjectId, work: Work) -> ManagerRoster:
    """Let a customer manager take households of a project (B-80)."""
    project = work.need_replica("leads/project", project_id, field="project_id")
    if user in managers_of(work, project_id):
        raise ValidationFailed.of("user", "taken")
    return ManagerRoster(user=user, project_id=project_id, company_id=project["company_id"])


@roster.move("on_roster", "off_roster", by=[*LEADS, Role.ADMINISTRATOR])
def remove(entry: ManagerRoster, reason: Reason) -> None:
    """No further households; those that the manager has stay until they are reassigned (B-80)."""
    entry.reason = reason


@households.create("unassigned", by=[Role.SYSTEM])
def settle(home_id: HomeId, uid: CustomerUid, work: Work) -> Household:
    """A household begins with the handover of its home (B-80)."""
    return Household(home_id=home_id, uid=uid, **place_of(work, home_id))


@households.move("unassigned", "assigned", by=LEADS, emits=[CustomerManagerAssigned])
def assign(household: Household, manager: User, work: Work) -> None:
    """Give the household its customer manager (B-80)."""
    household.manager, household.managed_since = manager, work.now
    work.end_tasks(household, "dropped", subject=NO_MANAGER)


@households.change("assigned", by=LEADS, emits=[CustomerManagerAssigned])
def reassign(household: Household, manager: User, reason: Reason, work: Work) -> None:
    """Give the household another manager; the one before stays in its history (B-80)."""
    if manager == household.manager:
        raise ValidationFailed.of("manager", "same_manager")
    past = {"manager": household.manager, "from": household.managed_since, "until": work.now, "reason": reason}
    household.history = [*household.history, to_wire(past)]
    household.manager, household.managed_since = manager, work.now


@households.reacts(HandoverCompleted)
def on_handover_completed(event: HandoverCompleted, work: Work) -> None:
    """The new household gets the manager with the fewest; where there is none, somebody has to find one (B-80)."""
    if household_of(work, event.home_id) is not None:
        return
    household = work.perform(settle, home_id=event.home_id, uid=event.uid)
    work.session.flush()
    manager = least_loaded(work, event.project_id)
    if manager is None:
        work.task(NO_MANAGER, household, role=COMPETENT_DEPARTMENT)
    else:
        work.perform(assign, household, manager=manager)


def household_of(work: Work, home_id: str | None) -> Household | None:
    """The household of a home."""
    return work.first(Household, Household.home_id == home_id) if home_id else None


def manager_of(work: Work, home_id: str | None) -> str | None:
    """The customer manager of a home."""
    household = household_of(work, home_id)
    return household.manager if household else None


def managers_of(work: Work, project_id: str) -> list[str]:
    """The managers on the roster of a project, the longest there first."""
    on_roster = ManagerRoster.project_id == project_id, ManagerRoster.state == "on_roster"
    return [entry.user for entry in work.all(ManagerRoster, *on_roster)]


def least_loaded(work: Work, project_id: str) -> str | None:
    """The manager on the roster with the fewest households, of equals the one longest there."""
    users = managers_of(work, project_id)
    held = sa.select(Household.manager, sa.func.count()).where(Household.manager.in_(users)).group_by(Household.manager)
    load = {row[0]: int(row[1]) for row in work.session.execute(held)}
    return min(users, key=lambda user: load.get(user, 0), default=None)
