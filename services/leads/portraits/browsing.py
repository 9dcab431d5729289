"""What customers look at online: told by the website or the mini-program, for their portraits (L-08)."""

from __future__ import annotations

import enum

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.registers import Register, corrections
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContactChannel, CustomerUid, Minutes, Moment, ProjectId, ShortText
from services.leads.customers.customer import known_customer
from services.leads.projects import project_of
from services.leads.readers import PORTRAIT_READERS


class BrowsingChannel(enum.StrEnum):
    """Where somebody looks at homes online."""

    WEBSITE = ContactChannel.WEBSITE.value
    MINI_PROGRAM = ContactChannel.MINI_PROGRAM.value


class BrowsingEntry(Register):
    """One session of a customer who was signed in."""

    uid: Mapped[CustomerUid]
    at: Mapped[Moment]
    channel: Mapped[BrowsingChannel]
    minutes: Mapped[Minutes]
    unit_type: Mapped[ShortText | None]


browsing_entries = Process(
    BrowsingEntry,
    readers=PORTRAIT_READERS,
    title="uid",
    listed=["uid", "at", "channel", "minutes", "unit_type"],
    filters=["project_id", "uid", "channel", "unit_type", "at"],
    search=["unit_type"],
)


@browsing_entries.create("logged", by=[Role.MARKETING, Role.AI_AGENT])
def log(
    uid: CustomerUid,
    project_id: ProjectId,
    channel: BrowsingChannel,
    minutes: Minutes,
    work: Work,
    unit_type: ShortText | None = None,
    at: Moment | None = None,
) -> BrowsingEntry:
    """Write down how long a customer looked at which kind of home (L-08)."""
    project = project_of(work, project_id)
    at = at or work.now
    if at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    return BrowsingEntry(
        uid=known_customer(work, uid).id,
        at=at,
        channel=channel,
        minutes=minutes,
        unit_type=unit_type,
        project_id=project.id,
        company_id=project.company_id,
    )


corrections(browsing_entries, by=[Role.MARKETING])
