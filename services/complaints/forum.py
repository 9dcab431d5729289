"""Complaints in the forum: each becomes a case and gets its public reply within the limit (C-23, C-81, C-85)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases import Case
from services.complaints.cases.case import HANDLING, OPEN, READERS
from services.complaints.cases.intake import register
from services.complaints.cases.supervision import note_breach
from services.contracts.events.complaints import ForumReplyIssued, ForumReplyOverdue
from services.contracts.events.membership import ForumComplaintPosted
from services.contracts.roles import Role
from services.contracts.vocabulary import (
    CaseCategory,
    CaseId,
    CaseKind,
    Channel,
    CustomerUid,
    ForumPostId,
    HomeId,
    LongText,
    Moment,
    Number,
    ProjectId,
    ShortText,
    User,
)

REPLY = Parameter("sla.forum_reply", 24, "h", "C-23")
#: (ext) The catalogue names the ladder, "group centre, then the leaders' list", and not how long each has.
ESCALATION = Parameter("forum.escalation", 24, "h", "C-23")
PARAMETERS = [REPLY, ESCALATION]
LADDER = {1: Role.GROUP_CENTRE, 2: Role.EXECUTIVE}


class ForumComplaint(Record):
    """One post of the complaint forum with its case and its official reply. Its id is the post's."""

    number: Mapped[Number]
    post_id: Mapped[ForumPostId]
    case_id: Mapped[CaseId]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    board: Mapped[ShortText]
    post_text: Mapped[LongText]
    posted_at: Mapped[Moment]
    handler: Mapped[User | None]
    reply: Mapped[LongText | None]
    replied_by: Mapped[User | None]
    replied_at: Mapped[Moment | None]


forum_complaints = Process(
    ForumComplaint,
    readers=READERS,
    listed=["number", "board", "post_text", "posted_at", "replied_at", "replied_by", "case_id"],
    filters=["case_id", "project_id", "board", "uid"],
    search=["number", "post_text"],
)


@forum_complaints.create("unanswered", by=[Role.SYSTEM])
def receive(
    post_id: ForumPostId,
    uid: CustomerUid,
    board: ShortText,
    text: LongText,
    posted_at: Moment,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
) -> ForumComplaint:
    """A post complains: a case of its own is entered, and the limit runs from the time of the post (C-81, B-93)."""
    case = work.perform(
        register,
        kind=CaseKind.COMPLAINT,
        uid=uid,
        category=CaseCategory.OTHER,
        channel=Channel.FORUM,
        description=text,
        home_id=home_id,
        project_id=project_id,
        received_at=min(posted_at, work.now),
        separate_reason=f"{board} {post_id}",
    )
    return ForumComplaint(
        id=post_id,
        number=case.number,
        post_id=post_id,
        case_id=case.id,
        uid=uid,
        home_id=home_id,
        board=board,
        post_text=text,
        posted_at=posted_at,
        handler=case.handler,
        project_id=case.project_id,
        company_id=case.company_id,
    )


@forum_complaints.move(
    "unanswered",
    "answered",
    by=[*HANDLING, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE],
    emits=[ForumReplyIssued],
)
def reply(post: ForumComplaint, text: LongText, work: Work) -> None:
    """Answer officially and in public; the case is not closed by it (C-81, C-85)."""
    post.reply, post.replied_by, post.replied_at = text, work.actor.user, work.now
    work.finish_tasks("forum_reply_overdue", post)


@forum_complaints.change("unanswered", by=[Role.SYSTEM])
def miss_reply(post: ForumComplaint, work: Work) -> None:
    """Nobody answered in time: the group centre, which watches the forum, is told as well (C-23)."""
    work.task("forum_reply_overdue", post, role=Role.GROUP_CENTRE)
    case = work.get(Case, post.case_id, lock=True)
    if case.state in OPEN:
        work.perform(note_breach, case)


clock(
    forum_complaints,
    "forum_reply",
    limit=REPLY,
    since="posted_at",
    starts="unanswered",
    stops="answered",
    breach=ForumReplyOverdue,
    alarm=Alarm(
        "forum_reply_overdue",
        "C-23",
        to=lambda post: Role.COMPLAINT_HANDLER,
        user=lambda post: post.handler,
        ladder=lambda post, step: LADDER.get(step),
        every=lambda post: ESCALATION,
    ),
    then=miss_reply,
)


@forum_complaints.reacts(ForumComplaintPosted)
def on_forum_complaint_posted(event: ForumComplaintPosted, work: Work) -> None:
    """Enter the case of a post that has none yet (C-81)."""
    if work.session.get(ForumComplaint, event.post_id) is None:
        told = ("post_id", "uid", "home_id", "project_id", "board", "text", "posted_at")
        work.perform(receive, **{name: getattr(event, name) for name in told})
