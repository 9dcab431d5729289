"""Published by membership (domain 4.5)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.events.membership_referrals import ReferralRegistered as ReferralRegistered
from services.contracts.events.membership_referrals import ReferralRewarded as ReferralRewarded
from services.contracts.events.membership_referrals import ReferralVoided as ReferralVoided
from services.contracts.events.membership_segments import ReferralWillingnessChanged as ReferralWillingnessChanged
from services.contracts.events.membership_segments import SegmentChanged as SegmentChanged
from services.contracts.vocabulary.common import (
    CustomerUid,
    ForumPostId,
    HomeId,
    LongText,
    Moment,
    ProjectId,
    Rating,
    Reason,
    ShortText,
    SourceRef,
    User,
)
from services.contracts.vocabulary.complaints import CaseCategory
from services.contracts.vocabulary.membership import ForumBoard


class MemberJoined(Event, subject="uid"):
    """A customer joined the club (B-05)."""

    uid: CustomerUid
    member_number: ShortText
    at: Moment


class MemberLeft(Event, subject="uid"):
    """A member left the club (B-05)."""

    uid: CustomerUid
    reason: Reason


class CustomerManagerAssigned(Event, subject="home_id"):
    """An owner household got its customer manager (B-80)."""

    uid: CustomerUid
    home_id: HomeId
    manager: User


class HighValueCustomerDesignated(Event, subject="uid"):
    """A customer is of high value: requests get the one-hour tier (B-82, C-29)."""

    uid: CustomerUid
    reason: Reason
    adviser: User | None = None


class HighValueCustomerRevoked(Event, subject="uid"):
    """A customer is no longer of high value (B-82)."""

    uid: CustomerUid
    reason: Reason


class CareSent(Event, subject="uid"):
    """An entry of the care plan was sent (B-85)."""

    uid: CustomerUid
    home_id: HomeId | None = None
    entry: ShortText
    channel: ShortText
    at: Moment


class FollowUpCompleted(Event, subject="uid"):
    """A follow-up visit or call was completed (B-63); `cause` is what it followed, such as the id of a case."""

    uid: CustomerUid
    home_id: HomeId | None = None
    theme: ShortText
    form: ShortText
    score: Rating
    at: Moment
    cause: SourceRef | None = None


class FollowUpIssueRaised(Event, subject="uid"):
    """A follow-up brought up an issue; it becomes a complaint or a repair (B-64)."""

    uid: CustomerUid
    home_id: HomeId | None = None
    kind: ShortText
    issue: LongText


class ForumComplaintPosted(Event, subject="post_id"):
    """Somebody complains in the forum (B-92); the project stands where no home is named, the category where one is."""

    post_id: ForumPostId
    uid: CustomerUid
    home_id: HomeId | None = None
    project_id: ProjectId | None = None
    board: ForumBoard
    category: CaseCategory | None = None
    text: LongText
    posted_at: Moment


class ForumPostHidden(Event, subject="post_id"):
    """A moderator took a post out of sight, and by which principle (B-92, B-94)."""

    post_id: ForumPostId
    principle: ShortText
