"""The care plan: what an owner is sent or done for, and when (B-85)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import ZONE, add_months
from services.chassis.clocks import clock
from services.chassis.parameters import Parameter
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import HandoverCompleted
from services.contracts.events.membership import CareSent
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContactChannel, CustomerUid, Day, HomeId, LongText, Reason, User
from services.contracts.vocabulary.membership import CareEntry
from services.membership.contact_rights import agent_of
from services.membership.customer_managers import manager_of
from services.membership.places import READERS
from services.membership.project_holds import silence

DECORATION_GUIDE = Parameter("care.decoration_guide", 3, "months", "B-85")
DESK = [Role.CUSTOMER_MANAGER, Role.CLUB_OFFICER]
CARE_DUE = "care_due"


class CareTask(Record):
    """One entry of an owner's care plan (B-85); `agent` is the sales agent who has the customer meanwhile."""

    __table_args__ = (
        sa.Index(
            "uq_care_task_guide",
            "home_id",
            "uid",
            unique=True,
            sqlite_where=sa.text("entry = 'decoration_guide'"),
            postgresql_where=sa.text("entry = 'decoration_guide'"),
        ),
    )

    entry: Mapped[CareEntry]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId]
    due_on: Mapped[Day]
    content: Mapped[LongText | None]
    assignee: Mapped[User | None]
    agent: Mapped[User | None]
    channel: Mapped[ContactChannel | None]
    result: Mapped[LongText | None]
    reason: Mapped[Reason | None]


care_tasks = Process(
    CareTask,
    readers=READERS,
    title="entry",
    listed=["entry", "home_id", "uid", "due_on", "assignee", "agent", "channel"],
    filters=["project_id", "home_id", "uid", "entry", "due_on", "assignee"],
    search=["home_id", "content"],
)


@care_tasks.create("planned", by=DESK)
def plan(
    entry: CareEntry, uid: CustomerUid, home_id: HomeId, due_on: Day, work: Work, content: LongText | None = None
) -> CareTask:
    """Plan an entry for a date; it is due when that day has passed (B-85)."""
    if entry == CareEntry.DECORATION_GUIDE and _guide(work, home_id, uid) is not None:
        raise ValidationFailed.of("entry", "taken")
    place = place_of(work, home_id)
    return CareTask(
        entry=entry,
        uid=uid,
        home_id=home_id,
        due_on=due_on,
        content=content,
        assignee=manager_of(work, home_id),
        agent=agent_of(work, uid, place["project_id"]),
        **place,
    )


@care_tasks.move("planned", "due", by=[Role.SYSTEM])
def fall_due(task: CareTask, work: Work) -> None:
    """The date has come: the customer manager has something to do (B-85, X-49)."""
    task.assignee = manager_of(work, task.home_id) or task.assignee
    task.agent = agent_of(work, task.uid, task.project_id)
    work.task(CARE_DUE, task, role=Role.CUSTOMER_MANAGER, assignee=task.assignee)


@care_tasks.move("due", "sent", by=DESK, emits=[CareSent], guard=silence)
def send(task: CareTask, channel: ContactChannel) -> None:
    """The message or the guide was sent, through which channel (B-85)."""
    task.channel = channel


@care_tasks.move("due", "done", by=DESK)
def finish(task: CareTask, result: LongText) -> None:
    """What was to be done is done (B-85)."""
    task.result = result


@care_tasks.move("due", "skipped", by=DESK)
def skip(task: CareTask, reason: Reason) -> None:
    """Left out this time, with the reason (B-85)."""
    task.reason = reason


clock(care_tasks, "due", until="due_on", starts="planned", stops="due", then=fall_due)


@care_tasks.reacts(HandoverCompleted)
def on_handover_completed(event: HandoverCompleted, work: Work) -> None:
    """The decoration guide, some months after the handover (B-85, L-117)."""
    if _guide(work, event.home_id, event.uid) is not None:
        return
    handed_over_on = event.at.astimezone(ZONE).date()
    months = int(work.parameter(DECORATION_GUIDE))
    work.perform(
        plan,
        entry=CareEntry.DECORATION_GUIDE,
        uid=event.uid,
        home_id=event.home_id,
        due_on=add_months(handed_over_on, months),
    )


def _guide(work: Work, home_id: str, uid: str) -> CareTask | None:
    of_home = CareTask.home_id == home_id, CareTask.uid == uid
    return work.first(CareTask, *of_home, CareTask.entry == CareEntry.DECORATION_GUIDE)
