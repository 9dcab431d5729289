"""Projects in which activities and outward communications rest, because complaints tell of trouble (C-33, C-72)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import CrisisWarningIssued, GroupComplaintConfirmed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import LongText, ProjectId, Reason, ShortText, User
from services.contracts.vocabulary.complaints import HoldCause
from services.membership.places import READERS

HOLDING = [Role.CLUB_OFFICER, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE, Role.COMPANY_MANAGER]


class ProjectHold(Record):
    """What rests in a project, and why; somebody ends it when the matter is over."""

    cause: Mapped[HoldCause]
    about: Mapped[ShortText | None]
    wording: Mapped[LongText | None]
    lifted_by: Mapped[User | None]
    reason: Mapped[Reason | None]


project_holds = Process(
    ProjectHold,
    readers=[*READERS, Role.MARKETING, Role.PUBLIC_RELATIONS],
    title="about",
    listed=["project_id", "cause", "about", "wording", "created_at", "lifted_by"],
    filters=["project_id", "cause"],
)


@project_holds.create("held", by=HOLDING)
def hold(
    project_id: ProjectId,
    cause: HoldCause,
    work: Work,
    about: ShortText | None = None,
    wording: LongText | None = None,
) -> ProjectHold:
    """Let activities of the project rest; a crisis stops outward communications as well (C-33, C-72)."""
    work.alone("project_hold", project_id, cause)
    if held(work, project_id, cause) is not None:
        raise ValidationFailed.of("project_id", "taken")
    entered = ProjectHold(cause=cause, about=about, wording=wording, **place_of(work, None, project_id))
    work.begin_life(project_holds, entered, "held")
    work.task("suspend_activities", entered, role=Role.CLUB_OFFICER)
    return entered


@project_holds.move("held", "lifted", by=HOLDING)
def lift(entered: ProjectHold, reason: Reason, work: Work) -> None:
    """The matter is over, and how."""
    entered.lifted_by, entered.reason = work.actor.user, reason
    work.end_tasks(entered, "dropped", subject="suspend_activities")


def held(work: Work, project_id: str | None, *causes: HoldCause) -> ProjectHold | None:
    """What holds the project for one of these causes."""
    of_project = ProjectHold.project_id == project_id, ProjectHold.state == "held"
    return work.first(ProjectHold, *of_project, ProjectHold.cause.in_(causes))


def silence(record: Record, work: Work) -> Obstacle | None:
    """A gate for what goes to the outside: not during a crisis of the project (C-33)."""
    if held(work, record.project_id, HoldCause.CRISIS) is None:
        return None
    return Obstacle("communications_suspended")


@project_holds.reacts(GroupComplaintConfirmed)
def on_group_complaint_confirmed(event: GroupComplaintConfirmed, work: Work) -> None:
    """Activities of the project rest (C-72)."""
    _hold_once(work, event.project_id, HoldCause.GROUP_COMPLAINT, about=event.number, wording=event.wording)


@project_holds.reacts(CrisisWarningIssued)
def on_crisis_warning_issued(event: CrisisWarningIssued, work: Work) -> None:
    """Outward communications of the project rest (C-33)."""
    _hold_once(work, event.project_id, HoldCause.CRISIS, about=event.number)


def _hold_once(work: Work, project_id: str, cause: HoldCause, **facts: str) -> None:
    work.alone("project_hold", project_id, cause)
    if held(work, project_id, cause) is None:
        work.perform(hold, project_id=project_id, cause=cause, **facts)
