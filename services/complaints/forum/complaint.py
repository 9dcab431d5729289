"""The forum's face of a case: the post, its official reply and the limit between them (C-23, C-81)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.tables import Clock
from services.complaints.cases.case import READERS
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    ForumPostId,
    ForumReadingId,
    HomeId,
    LongText,
    Moment,
    Number,
    ShortText,
    User,
)
from services.contracts.vocabulary.membership import ForumBoard

LIMIT = "forum_reply"


class ForumComplaint(Record):
    """One complaint of the forum with its case and its official reply. Its id is the post's."""

    number: Mapped[Number]
    board: Mapped[ForumBoard]
    post_id: Mapped[ForumPostId]
    case_id: Mapped[CaseId]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    post_text: Mapped[LongText]
    posted_at: Mapped[Moment]
    reading_id: Mapped[ForumReadingId]
    reply: Mapped[LongText | None]
    replied_by: Mapped[User | None]
    replied_at: Mapped[Moment | None]
    hidden_by_principle: Mapped[ShortText | None]


forum_complaints = Process(
    ForumComplaint,
    numbered="FT",
    readers=READERS,
    listed=["number", "board", "post_text", "posted_at"],
    filters=["board", "company_id", "project_id", "posted_at", "uid", "case_id", "reading_id"],
    search=["number", "post_text"],
)


def missed() -> sa.ColumnElement[bool]:
    """The limit of the reply was missed, whether there is a reply by now or not."""
    return _noticed(Clock.breached_at.is_not(None))


def near() -> sa.ColumnElement[bool]:
    """The limit still runs, and was warned of."""
    return _noticed(Clock.warned_at.is_not(None), Clock.breached_at.is_(None), Clock.stopped_at.is_(None))


def _noticed(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    of_record = Clock.resource == forum_complaints.name, Clock.record_id == ForumComplaint.id, Clock.name == LIMIT
    return sa.exists().where(*of_record, *conditions)
