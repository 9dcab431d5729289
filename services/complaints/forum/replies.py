"""From the post to its public reply: the case, the limit, who is told when it is missed (C-23, C-81, C-82, C-84)."""

from __future__ import annotations

from services.chassis.clocks import Alarm, clock, started_with
from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, Case, cases
from services.complaints.cases.intake import register
from services.complaints.cases.supervision import note_breach
from services.complaints.forum.complaint import LIMIT, ForumComplaint, forum_complaints
from services.complaints.forum.reading import current
from services.contracts.events.complaints import ForumReplyIssued, ForumReplyOverdue
from services.contracts.events.membership import ForumComplaintPosted, ForumPostHidden
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CustomerUid,
    ForumPostId,
    HomeId,
    LongText,
    Moment,
    ProjectId,
    ShortText,
)
from services.contracts.vocabulary.complaints import CaseCategory, CaseKind, Channel
from services.contracts.vocabulary.membership import ForumBoard

REPLY = Parameter("sla.forum_reply", 24, "h", "C-23")
#: (ext) The catalogue lists "near due" without a figure, and names the ladder "then the leaders' list" without one.
NEAR_DUE = Parameter("forum.reply_near_due", 20, "h", "C-82")
ESCALATION = Parameter("forum.escalation", 24, "h", "C-23")
PARAMETERS = [REPLY, NEAR_DUE, ESCALATION]
REPLYING = [*HANDLING, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE, Role.CHAIRMAN]


@cases.create("registered", by=[Role.SYSTEM])
def take_up_post(
    post_id: ForumPostId,
    uid: CustomerUid,
    text: LongText,
    posted_at: Moment,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    category: CaseCategory | None = None,
) -> Case:
    """A post that complains is a case of its own, beside any like it and without a reason for that (C-81, B-93)."""
    return register(
        CaseKind.COMPLAINT,
        uid,
        category or CaseCategory.OTHER,
        Channel.FORUM,
        text,
        work,
        home_id=home_id,
        project_id=project_id,
        received_at=min(posted_at, work.now),
        separate_reason="",
    )


@forum_complaints.create("unanswered", by=[Role.SYSTEM])
def receive(
    post_id: ForumPostId,
    uid: CustomerUid,
    board: ForumBoard,
    text: LongText,
    posted_at: Moment,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    category: CaseCategory | None = None,
) -> ForumComplaint:
    """Somebody complained in the forum: the limit of the reply runs from the time of the post (C-23, C-81)."""
    said = {"post_id": post_id, "uid": uid, "text": text, "posted_at": posted_at}
    case = work.perform(take_up_post, **said, home_id=home_id, project_id=project_id, category=category)
    post = ForumComplaint(
        id=post_id,
        board=board,
        post_id=post_id,
        case_id=case.id,
        uid=uid,
        home_id=home_id,
        post_text=text,
        posted_at=posted_at,
        reading_id=current(work).id,
        project_id=case.project_id,
        company_id=case.company_id,
    )
    work.begin_life(forum_complaints, post, "unanswered")
    if board == ForumBoard.CHAIRMAN:
        _route_to_chairman(work, post)
    return post


def _route_to_chairman(work: Work, post: ForumComplaint) -> None:
    """It is addressed to him: he and the group centre have to answer, within the same limit (C-84)."""
    due_at = started_with(work, post)[LIMIT].due_at
    for role in (Role.CHAIRMAN, Role.GROUP_CENTRE):
        work.task("answer_chairman_post", post, role=role, due_at=due_at)


@forum_complaints.move("unanswered", "answered", by=REPLYING, emits=[ForumReplyIssued])
def reply(post: ForumComplaint, text: LongText, work: Work) -> None:
    """Answer officially and in public, on the case and in the thread; the case is not closed by it (C-81, C-85)."""
    post.reply, post.replied_by, post.replied_at = text, work.actor.user, work.now
    work.perform(note_public_reply, work.get(Case, post.case_id, lock=True), public_reply=text)
    work.end_tasks(post, "done")


@cases.change(by=[Role.SYSTEM])
def note_public_reply(case: Case, public_reply: LongText) -> None:
    """What was answered in the forum stands on the case (C-81)."""
    case.public_reply = public_reply


@forum_complaints.change("unanswered", by=[Role.SYSTEM])
def miss_reply(post: ForumComplaint, work: Work) -> None:
    """Nobody answered in time: the group centre, which watches the forum, is alerted beside the handler (C-23)."""
    work.alert("forum_post_unanswered", post, role=Role.GROUP_CENTRE, clock_name=LIMIT)
    case = work.get(Case, post.case_id, lock=True)
    if case.state in OPEN:
        work.perform(note_breach, case)


@forum_complaints.change(by=[Role.SYSTEM])
def note_hidden(post: ForumComplaint, principle: ShortText) -> None:
    """A moderator hid the post; the complaint is answered all the same (B-92)."""
    post.hidden_by_principle = principle


clock(
    forum_complaints,
    LIMIT,
    limit=REPLY,
    since="posted_at",
    warn=NEAR_DUE,
    starts="unanswered",
    stops="answered",
    breach=ForumReplyOverdue,
    alarm=Alarm(
        "forum_reply_overdue",
        "C-23",
        to=lambda post: Role.COMPLAINT_HANDLER,
        ladder=lambda post, step: Role.EXECUTIVE if step == 1 else None,
        every=lambda post: ESCALATION,
    ),
    then=miss_reply,
)


@forum_complaints.reacts(ForumComplaintPosted)
def on_forum_complaint_posted(event: ForumComplaintPosted, work: Work) -> None:
    """Enter the case of a post that has none yet (C-81)."""
    if work.first(ForumComplaint, post_id=event.post_id) is None:
        told = ("post_id", "uid", "home_id", "project_id", "board", "category", "text", "posted_at")
        work.perform(receive, **{name: getattr(event, name) for name in told})


@forum_complaints.reacts(ForumPostHidden)
def on_forum_post_hidden(event: ForumPostHidden, work: Work) -> None:
    """The case of a hidden post says so (B-92)."""
    post = work.first(ForumComplaint, post_id=event.post_id)
    if post is not None:
        work.perform(note_hidden, work.get(ForumComplaint, post.id, lock=True), principle=event.principle)
