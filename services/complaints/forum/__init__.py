"""Complaints in the forum: their public reply, the monitor, and what the leaders read (C-81 to C-85)."""

from services.complaints.forum import figures, replies
from services.complaints.forum.complaint import ForumComplaint, forum_complaints
from services.complaints.forum.reading import READING_HOUR, ForumReading, ReadingReceipt, readings, receipts

PARAMETERS = [*replies.PARAMETERS, READING_HOUR]

__all__ = [
    "PARAMETERS",
    "ForumComplaint",
    "ForumReading",
    "ReadingReceipt",
    "figures",
    "forum_complaints",
    "readings",
    "receipts",
    "replies",
]
