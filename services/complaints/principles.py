"""The group's principles of handling complaints, by edition; local decisions refer to the one in force (C-92)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Files, LongText, Moment, Number, Reason, Title


class Principles(Record):
    """One edition of the document; a change is another edition."""

    number: Mapped[Number]
    edition: Mapped[int]
    title: Mapped[Title]
    text: Mapped[LongText]
    files: Mapped[Files | None]
    change: Mapped[Reason | None]
    published_at: Mapped[Moment | None]


principles = Process(
    Principles,
    key="principles_id",
    numbered="GP",
    readers=["*"],
    listed=["number", "edition", "title", "change", "published_at"],
    search=["number", "title", "text"],
)


@principles.create("draft", by=[Role.GROUP_CENTRE])
def draft(
    title: Title, text: LongText, work: Work, files: Files | None = None, change: Reason | None = None
) -> Principles:
    """Write the next edition; the one in force holds until it is published (C-92)."""
    work.alone("principles")
    latest = work.session.scalar(sa.select(sa.func.max(Principles.edition))) or 0
    return Principles(edition=latest + 1, title=title, text=text, files=files, change=change)


@principles.move("draft", "in_force", by=[Role.GROUP_CENTRE])
def publish(edition: Principles, work: Work) -> None:
    """It holds from now on; the edition before is kept for what was decided by it (C-92)."""
    work.alone("principles")
    former = in_force(work)
    if former is not None:
        work.perform(replace, former)
    edition.published_at = work.now


@principles.move("in_force", "replaced", by=[Role.SYSTEM])
def replace(edition: Principles) -> None:
    """A later edition holds."""


@principles.move("draft", "dropped", by=[Role.GROUP_CENTRE])
def drop(edition: Principles, reason: Reason) -> None:
    """The draft will not be published."""


def in_force(work: Work) -> Principles | None:
    """The edition that decisions refer to now."""
    return work.first(Principles, Principles.state == "in_force")
