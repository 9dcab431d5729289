"""Complaints in social media: how they are handled is decided with public relations before anybody answers (C-80)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases import Case
from services.complaints.cases.case import HANDLING, OPEN, READERS
from services.complaints.cases.intake import DESK, register
from services.complaints.cases.levels import SERIOUS, lift
from services.contracts.errors import ValidationFailed
from services.contracts.roles import COMPETENT_DEPARTMENT, Role, SwitchedRole
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Files,
    HomeId,
    LongText,
    Moment,
    Number,
    ProjectId,
    Reason,
    ShortText,
    Url,
    User,
)
from services.contracts.vocabulary.complaints import CaseCategory, CaseKind, Channel, LevelTrigger

NOTING: list[Role | SwitchedRole] = [*DESK, COMPETENT_DEPARTMENT, Role.PUBLIC_RELATIONS]


class MediaCase(Record):
    """One post in social media that complains: where it is, how it looked, what was decided, what was answered."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    platform: Mapped[ShortText]
    url: Mapped[Url]
    screenshot: Mapped[Files]
    method: Mapped[LongText | None]
    proposed_by: Mapped[User | None]
    decided_at: Mapped[Moment | None]
    answer: Mapped[LongText | None]
    answer_url: Mapped[Url | None]
    answered_by: Mapped[User | None]
    answered_at: Mapped[Moment | None]


media_cases = Process(
    MediaCase,
    numbered="MD",
    readers=READERS,
    listed=["number", "platform", "url", "method", "decided_at", "answered_at", "case_id"],
    filters=["case_id", "project_id", "platform"],
    search=["number", "platform", "url"],
)

#: X-36.9: the customer centre and public relations decide jointly.
handling_method = ApprovalRule(
    "media_method",
    "X-36.9",
    Role.CUSTOMER_CENTRE,
    snapshot=("number", "case_id", "platform", "url", "screenshot", "method"),
    jointly=(Role.PUBLIC_RELATIONS,),
)


@media_cases.create("noted", by=NOTING)
def note(case_id: CaseId, platform: ShortText, url: Url, screenshot: Files, work: Work) -> MediaCase:
    """A complaint that is known already is in social media as well; that makes it serious (C-80, C-31)."""
    return _noted(work, work.get(Case, case_id, field="case_id", lock=True), platform, url, screenshot)


@media_cases.create("noted", by=NOTING)
def receive(
    platform: ShortText,
    url: Url,
    screenshot: Files,
    uid: CustomerUid,
    category: CaseCategory,
    description: LongText,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    separate_reason: Reason | None = None,
) -> MediaCase:
    """A complaint comes in by social media: it is entered as a case of that channel (C-80, C-02)."""
    case = work.perform(
        register,
        kind=CaseKind.COMPLAINT,
        uid=uid,
        category=category,
        channel=Channel.SOCIAL_MEDIA,
        description=description,
        home_id=home_id,
        project_id=project_id,
        separate_reason=separate_reason,
    )
    return _noted(work, case, platform, url, screenshot)


def _noted(work: Work, case: Case, platform: str, url: str, screenshot: list[str]) -> MediaCase:
    if case.state not in OPEN:
        raise ValidationFailed.of("case_id", "case_not_open", number=case.number)
    if not screenshot:
        raise ValidationFailed.of("screenshot", "required")
    lift(work, case, SERIOUS, LevelTrigger.MEDIA_MENTION)
    noted = MediaCase(
        case_id=case.id,
        platform=platform,
        url=url,
        screenshot=screenshot,
        project_id=case.project_id,
        company_id=case.company_id,
    )
    work.begin_life(media_cases, noted, "noted")
    work.task("propose_media_method", noted, role=Role.COMPLAINT_HANDLER, assignee=case.handler)
    return noted


@media_cases.move("noted", "proposed", by=HANDLING, submits=handling_method)
def propose(media: MediaCase, method: LongText, work: Work) -> None:
    """Put before both how it is to be handled; after a rejection it is revised (X-36.9)."""
    media.method, media.proposed_by = method, work.actor.user
    work.end_tasks(media, "done", subject="propose_media_method")


@media_cases.move("proposed", "decided", approves=handling_method)
def approve_method(media: MediaCase, work: Work, comment: Reason = "") -> None:
    """Consent to the method; with the other's consent it is decided, and may be answered (X-36.9, C-80)."""
    media.decided_at = work.now
    work.task("answer_media", media, role=Role.COMPLAINT_HANDLER, assignee=media.proposed_by)


@media_cases.move("proposed", "noted", rejects=handling_method)
def reject_method(media: MediaCase, reason: Reason, work: Work) -> None:
    """Refuse the method; one refusal is enough (X-36.9)."""
    work.task("propose_media_method", media, role=Role.COMPLAINT_HANDLER, assignee=media.proposed_by)


@media_cases.move("decided", "answered", by=[*HANDLING, Role.PUBLIC_RELATIONS])
def answer(media: MediaCase, answer: LongText, work: Work, answer_url: Url | None = None) -> None:
    """Keep what was answered in public, as decided; the case goes on (C-80)."""
    media.answer, media.answer_url = answer, answer_url
    media.answered_by, media.answered_at = work.actor.user, work.now
    work.end_tasks(media, "done", subject="answer_media")
