"""Published by complaints: what is said in public, and what the group centre is asked (domain 4.3)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary import CaseId, ForumPostId, LongText, Number


class ForumReplyIssued(Event, subject="post_id"):
    """The official reply to a post of the complaint forum (C-81)."""

    case_id: CaseId
    post_id: ForumPostId
    text: LongText


class ForumReplyOverdue(Event, subject="post_id"):
    """A post of the complaint forum got no reply within the limit (C-23)."""

    post_id: ForumPostId
    case_id: CaseId
    hours: int


class ComplaintAppealed(Event, subject="case_id"):
    """A customer turns to the group centre, not satisfied with how the local company received the complaint (C-90)."""

    case_id: CaseId
    number: Number
    reason: LongText
