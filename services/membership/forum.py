"""The forum: posts of owners on its boards, and what becomes of them (B-90 to B-94)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import (
    ComplaintClosed,
    ComplaintRegistered,
    ForumReplyIssued,
    ForumReplyOverdue,
)
from services.contracts.events.membership import ForumComplaintPosted, ForumPostHidden
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    HomeId,
    LongText,
    Moment,
    Number,
    ProjectId,
    Reason,
    ShortText,
)
from services.contracts.vocabulary.complaints import CaseCategory
from services.contracts.vocabulary.membership import ForumBoard
from services.membership.places import READERS, owner_of

#: The chairman's board is a complaint board too, his own (X-24); what is said there is answered like the rest (C-84).
COMPLAINT_BOARDS = (ForumBoard.COMPLAINT, ForumBoard.CHAIRMAN)
MODERATING = [Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE]
ENTERING = [*MODERATING, Role.HOTLINE_OPERATOR, Role.CUSTOMER_MANAGER, Role.CLUB_OFFICER]
UNANSWERED = ("posted", "under_review", "visible", "linked_to_case")


class Post(Record):
    """One post: who wrote it where, the case that it became, and the official answer in its thread."""

    number: Mapped[Number]
    board: Mapped[ForumBoard]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    is_home_verified: Mapped[bool]
    category: Mapped[CaseCategory | None]
    text: Mapped[LongText]
    posted_at: Mapped[Moment]
    is_complaint: Mapped[bool]
    case_id: Mapped[CaseId | None]
    is_overdue: Mapped[bool]
    answer: Mapped[LongText | None]
    answered_at: Mapped[Moment | None]
    principle: Mapped[ShortText | None]
    hidden_because: Mapped[Reason | None]


posts = Process(
    Post,
    numbered="FP",
    readers=[*READERS, Role.COMPLAINT_SUPERVISOR, Role.PUBLIC_RELATIONS, Role.EXECUTIVE, Role.CHAIRMAN],
    listed=["number", "board", "text", "uid", "posted_at", "is_overdue", "answered_at"],
    filters=["board", "project_id", "category", "uid", "home_id", "is_complaint", "is_overdue", "posted_at"],
    search=["number", "text"],
    announces=[ForumComplaintPosted],
)


@posts.create("posted", by=ENTERING)
def submit(
    board: ForumBoard,
    uid: CustomerUid,
    text: LongText,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    category: CaseCategory | None = None,
    posted_at: Moment | None = None,
) -> Post:
    """A customer posts. On a complaint board that is a complaint at once, whoever it is (B-91, B-93, D-22)."""
    work.need_replica("leads/customer", uid, field="uid")
    if posted_at is not None and posted_at > work.now:
        raise ValidationFailed.of("posted_at", "in_the_future")
    post = Post(
        board=board,
        uid=uid,
        home_id=home_id,
        is_home_verified=home_id is not None and owner_of(work, home_id) == uid,
        category=category,
        text=text,
        posted_at=posted_at or work.now,
        is_complaint=board in COMPLAINT_BOARDS,
        is_overdue=False,
        **place_of(work, home_id, project_id),
    )
    work.begin_life(posts, post, "posted")
    if post.is_complaint:
        work.emit(ForumComplaintPosted, post)
    return post


def _no_complaint(post: Post, work: Work) -> Obstacle | None:
    return Obstacle("post_is_complaint") if post.is_complaint else None


@posts.move(("posted", "visible"), "under_review", by=MODERATING, guard=_no_complaint)
def review(post: Post) -> None:
    """Look at it by the principles before it is shown; a complaint does not wait for that (B-92)."""


@posts.move(("posted", "under_review"), "visible", by=MODERATING)
def show(post: Post) -> None:
    """Everybody may read it (B-91)."""


@posts.change(("posted", "under_review", "visible"), by=MODERATING, emits=[ForumComplaintPosted], guard=_no_complaint)
def mark_complaint(post: Post, category: CaseCategory | None = None) -> None:
    """What it says is a complaint, on whatever board; the limit counts from the time of the post (B-93, C-23)."""
    post.is_complaint, post.category = True, category or post.category


@posts.move(("posted", "under_review", "visible"), "linked_to_case", by=[Role.SYSTEM])
def link(post: Post, case_id: CaseId) -> None:
    """Complaints has entered its case (B-92, C-81)."""
    post.case_id = case_id


@posts.change(UNANSWERED, by=[Role.SYSTEM])
def note_overdue(post: Post) -> None:
    """The official answer is late: the thread carries a badge until it comes (C-23)."""
    post.is_overdue = True


@posts.move(UNANSWERED, "answered", by=[Role.SYSTEM])
def publish_answer(post: Post, case_id: CaseId, answer: LongText, answered_at: Moment) -> None:
    """The official answer stands in the thread (C-81)."""
    _keep(post, case_id, answer, answered_at)


@posts.change("hidden", by=[Role.SYSTEM])
def keep_answer(post: Post, case_id: CaseId, answer: LongText, answered_at: Moment) -> None:
    """The thread is out of sight; its author gets the answer all the same (C-81)."""
    _keep(post, case_id, answer, answered_at)


def _keep(post: Post, case_id: str, answer: str, answered_at: Moment) -> None:
    post.case_id, post.answer, post.answered_at, post.is_overdue = case_id, answer, answered_at, False


@posts.move((*UNANSWERED, "answered"), "hidden", by=MODERATING, emits=[ForumPostHidden])
def hide(post: Post, principle: ShortText, reason: Reason) -> None:
    """Take it out of sight by a principle, with the reason; nothing is deleted (B-92, B-94)."""
    post.principle, post.hidden_because = principle, reason


@posts.move(("visible", "answered"), "closed", by=MODERATING)
def close(post: Post) -> None:
    """The thread is over (B-92)."""


@posts.reacts(ComplaintRegistered)
def on_complaint_registered(event: ComplaintRegistered, work: Work) -> None:
    """The post has its case (C-81)."""
    post = _post(work, event.post_id)
    if post is not None and post.state in UNANSWERED and post.case_id is None:
        work.perform(link, post, case_id=event.case_id)


@posts.reacts(ForumReplyIssued)
def on_forum_reply_issued(event: ForumReplyIssued, work: Work) -> None:
    """Publish the answer; the complaint itself goes on (C-81, C-85)."""
    post = _post(work, event.post_id)
    if post is None or post.answer is not None:
        return
    said = {"case_id": event.case_id, "answer": event.text, "answered_at": event.at}
    work.perform(keep_answer if post.state == "hidden" else publish_answer, post, **said)


@posts.reacts(ForumReplyOverdue)
def on_forum_reply_overdue(event: ForumReplyOverdue, work: Work) -> None:
    """The badge (C-23)."""
    post = _post(work, event.post_id)
    if post is not None and post.state in UNANSWERED:
        work.perform(note_overdue, post)


@posts.reacts(ComplaintClosed)
def on_complaint_closed(event: ComplaintClosed, work: Work) -> None:
    """With its complaint the answered thread is over too (B-92)."""
    for post in work.all(Post, Post.case_id == event.case_id, Post.state == "answered"):
        work.perform(close, post)


def _post(work: Work, post_id: str | None) -> Post | None:
    return work.session.get(Post, post_id, with_for_update=True) if post_id else None
