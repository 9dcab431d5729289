"""The original agent is told the same day that somebody received their customer in their place (L-26)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from services.chassis.calendars import end_of
from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, LongText, Moment, User
from services.contracts.vocabulary.rotation import ReceptionId
from services.leads.readers import FLOOR_READERS
from services.leads.rotation.roster import SITE, own_only

if TYPE_CHECKING:
    from services.leads.rotation.records import Reception

NOTICE_HOUR = Parameter("rotation.deputy_notice_hour", 20, "o'clock", "L-26")
NOTICE_STEP = Parameter("rotation.deputy_notice_step", 1, "h", "L-26")
TASK = "deputised_reception"


class DeputyNotice(Record):
    """`agent` is whose customer it is; `deputy` received them and has to inform the agent until `due_at` (L-26)."""

    reception_id: Mapped[ReceptionId]
    uid: Mapped[CustomerUid]
    agent: Mapped[User]
    deputy: Mapped[User]
    due_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]
    note: Mapped[LongText | None]


deputy_notices = Process(
    DeputyNotice,
    readers=FLOOR_READERS,
    title="uid",
    listed=["uid", "agent", "deputy", "reception_id", "due_at", "confirmed_at"],
    filters=["project_id", "agent", "deputy", "due_at"],
    life={"sent": ()},
)


def send(work: Work, reception: Reception) -> None:
    """Tell the agent by a task; that they know is confirmed the same day (L-26)."""
    notice = DeputyNotice(
        reception_id=reception.id,
        uid=reception.uid,
        agent=reception.for_agent,
        deputy=reception.agent,
        due_at=_due(work),
        project_id=reception.project_id,
        company_id=reception.company_id,
    )
    work.begin_life(deputy_notices, notice, "sent")
    work.task(TASK, notice, role=Role.SALES_AGENT, assignee=notice.agent, due_at=notice.due_at)


@deputy_notices.move("sent", "confirmed", by=SITE, guard=own_only)
def confirm(notice: DeputyNotice, work: Work, note: LongText | None = None) -> None:
    """The original agent knows of the reception (L-26)."""
    notice.confirmed_at, notice.note = work.now, note
    work.end_tasks(notice, "done", subject=TASK)


clock(
    deputy_notices,
    "notice",
    until="due_at",
    starts="sent",
    stops="confirmed",
    alarm=Alarm(
        "deputised_not_notified",
        "L-26",
        to=lambda notice: Role.SALES_AGENT,
        user=lambda notice: str(notice.deputy),
        ladder=lambda notice, step: Role.SITE_SALES_LEAD if step == 1 else None,
        every=lambda notice: NOTICE_STEP,
    ),
)


def _due(work: Work) -> datetime:
    """The evening hour of the day; after it, the day's end."""
    midnight = end_of(work.today - timedelta(days=1))
    evening = midnight + timedelta(hours=int(work.parameter(NOTICE_HOUR)))
    return evening if evening > work.now else end_of(work.today)
