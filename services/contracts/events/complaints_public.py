"""Published by complaints: what is said in public, asked of the group centre, and heard by employees (domain 4.3)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerIssueId,
    CustomerUid,
    ForumPostId,
    HomeId,
    LongText,
    Moment,
    Number,
    ProjectId,
)
from services.contracts.vocabulary.complaints import IntakeClass
from services.contracts.vocabulary.maintenance import Urgency


class ForumReplyIssued(Event, subject="post_id"):
    """The official reply to a post of the forum (C-81)."""

    case_id: CaseId
    post_id: ForumPostId
    text: LongText
    at: Moment


class ForumReplyOverdue(Event, subject="post_id"):
    """A complaint in the forum got no public reply within the limit (C-23)."""

    post_id: ForumPostId
    case_id: CaseId
    hours: int


class ComplaintAppealed(Event, subject="case_id"):
    """A customer turns to the group centre, not satisfied with how the local company received the complaint (C-90)."""

    case_id: CaseId
    number: Number
    reason: LongText


class CustomerIssueReferred(Event, subject="issue_id"):
    """What an employee was told by a customer is a defect, or an interest in buying (C-03, C-04)."""

    issue_id: CustomerIssueId
    number: Number
    classification: IntakeClass
    uid: CustomerUid | None = None
    home_id: HomeId | None = None
    project_id: ProjectId | None = None
    description: LongText
    urgency: Urgency
    reported_at: Moment
