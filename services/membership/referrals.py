"""Referrals, old brings new: from an owner's recommendation to its reward (B-51 to B-53).

Who the recommended person is, and whether nobody knows them yet, is for leads to say: it keeps the telephones of all
customers. What it tells of their visit, reservation and contract is kept by `services.membership.referral_news`.
"""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.clocks import clock
from services.chassis.parameters import Parameter
from services.chassis.places import place_of
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.membership_referrals import ReferralRegistered, ReferralRewarded, ReferralVoided
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ContactChannel,
    ContractId,
    CustomerUid,
    HomeId,
    LifecycleStage,
    Moment,
    Number,
    PersonName,
    Phone,
    ProjectId,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.referrals import Points, RewardKind, VoidCause, Years
from services.contracts.vocabulary.sales import ReservationId, VisitEntryId
from services.contracts.vocabulary.segments import PurchaseKind
from services.membership.members import Member
from services.membership.places import READERS, owner_of
from services.membership.profiles import HIGH_VALUE, designate, profile_of, revoke
from services.membership.purchases import Purchase

REWARD_FEE = Parameter("referral.reward_fee", 2, "years", "B-53")
DESK = [Role.CLUB_OFFICER, Role.CUSTOMER_MANAGER, Role.CUSTOMER_CENTRE, Role.HOTLINE_OPERATOR]
#: Who has bought from us: owners, and prospective owners whose contract is signed.
OWNERS = (LifecycleStage.CONTRACTED, LifecycleStage.OWNER, LifecycleStage.OLD_OWNER)
UNREWARDED = ("registered", "matched", "visited", "reserved", "contracted", "reward_due")
REWARD_DUE = "referral_reward_due"


class Referral(Record):
    """Who recommends whom for which project, what became of it, and with what it was rewarded (B-51, B-52).

    `agent` served the referrer and has been given the new customer; `home_id` is what that customer took, `fee_home_id`
    the referrer's own home whose property fee is paid.
    """

    number: Mapped[Number]
    referrer_uid: Mapped[CustomerUid]
    name: Mapped[PersonName]
    phone: Mapped[Phone]
    has_consented: Mapped[bool]
    channel: Mapped[ContactChannel]
    uid: Mapped[CustomerUid | None]
    agent: Mapped[User | None]
    visit_id: Mapped[VisitEntryId | None]
    reservation_id: Mapped[ReservationId | None]
    contract_id: Mapped[ContractId | None]
    home_id: Mapped[HomeId | None]
    withdrawal_deadline: Mapped[Moment | None]
    reward: Mapped[RewardKind | None]
    fee_years: Mapped[Years | None]
    fee_home_id: Mapped[HomeId | None]
    points: Mapped[Points | None]
    gift: Mapped[ShortText | None]
    rewarded_by: Mapped[User | None]
    rewarded_at: Mapped[Moment | None]
    void_cause: Mapped[VoidCause | None]
    reason: Mapped[Reason | None]

    @property
    def value(self) -> str:
        """As `referral_rewarded` tells it."""
        return str(self.fee_years or self.points or self.gift)

    @property
    def cause(self) -> VoidCause | None:
        """As `referral_voided` tells it."""
        return self.void_cause


referrals = Process(
    Referral,
    numbered="RF",
    readers=[*READERS, Role.MARKETING, Role.SITE_SALES_LEAD, Role.FINANCE],
    listed=["number", "referrer_uid", "name", "phone", "uid", "agent", "home_id", "reward", "void_cause"],
    filters=["project_id", "referrer_uid", "uid", "agent", "channel", "reward", "void_cause", "created_at"],
    search=["number", "name"],
)
reveals(referrals, by=[Role.CLUB_OFFICER, Role.CUSTOMER_MANAGER])


@referrals.create("registered", by=DESK, emits=[ReferralRegistered])
def register(
    referrer_uid: CustomerUid,
    project_id: ProjectId,
    name: PersonName,
    phone: Phone,
    has_consented: bool,
    channel: ContactChannel,
    work: Work,
) -> Referral:
    """Write down whom an owner or a member recommends, who agreed to be called (B-51, B-52)."""
    referrer = work.need_replica("leads/customer", referrer_uid, field="referrer_uid")
    if referrer["lifecycle_stage"] not in OWNERS and not _is_member(work, referrer_uid):
        raise ValidationFailed.of("referrer_uid", "neither_owner_nor_member")
    if not has_consented:
        raise ValidationFailed.of("has_consented", "consent_needed")
    told = {"name": name, "phone": phone, "has_consented": has_consented, "channel": channel}
    return Referral(referrer_uid=referrer_uid, **told, **place_of(work, None, project_id))


@referrals.move("registered", "matched", by=[Role.SYSTEM])
def match(referral: Referral, uid: CustomerUid) -> None:
    """Leads has found or registered the recommended person (B-52)."""
    referral.uid = uid


@referrals.move("matched", "visited", by=[Role.SYSTEM])
def visit(referral: Referral) -> None:
    """The customer has come to the sales site (B-52)."""


@referrals.move(("matched", "visited"), "reserved", by=[Role.SYSTEM])
def reserve(referral: Referral) -> None:
    """The customer has signed a subscription agreement (B-52)."""


@referrals.move(("matched", "visited", "reserved"), "contracted", by=[Role.SYSTEM])
def contract(referral: Referral) -> None:
    """The customer has bought; with or without a reservation before (B-52)."""


@referrals.move("contracted", "reward_due", by=[Role.SYSTEM])
def fall_due(referral: Referral, work: Work) -> None:
    """Nobody can withdraw any more: the reward is due, and who brings a buyer is of high value (B-52, B-82)."""
    work.task(REWARD_DUE, referral, role=Role.CLUB_OFFICER)
    referrer = profile_of(work, referral.referrer_uid)
    if referrer.state == "ordinary":
        work.perform(designate, referrer, reason=referral.number)


clock(referrals, "withdrawal", until="withdrawal_deadline", starts="contracted", stops="reward_due", then=fall_due)


@referrals.move("reward_due", "rewarded", by=[Role.CLUB_OFFICER], emits=[ReferralRewarded])
def reward(
    referral: Referral,
    work: Work,
    kind: RewardKind = RewardKind.PROPERTY_FEE,
    fee_home_id: HomeId | None = None,
    points: Points | None = None,
    gift: ShortText | None = None,
) -> None:
    """Confirm what the referrer gets: two years' property fee for a home of theirs, points, or a gift (B-52, B-53)."""
    needed = {
        RewardKind.PROPERTY_FEE: ("fee_home_id", fee_home_id),
        RewardKind.POINTS: ("points", points),
        RewardKind.GIFT: ("gift", gift),
    }
    for one, (field, given) in needed.items():
        if (given is not None) != (one == kind):
            raise ValidationFailed.of(field, "required" if one == kind else "another_reward")
    if fee_home_id is not None:
        if owner_of(work, fee_home_id) != referral.referrer_uid:
            raise ValidationFailed.of("fee_home_id", "not_the_referrers_home")
        referral.fee_years = int(work.parameter(REWARD_FEE))
    referral.reward, referral.fee_home_id, referral.points, referral.gift = kind, fee_home_id, points, gift
    referral.rewarded_by, referral.rewarded_at = work.actor.user, work.now
    work.end_tasks(referral, "done", subject=REWARD_DUE)


@referrals.move(UNREWARDED, "void", by=[Role.CLUB_OFFICER], emits=[ReferralVoided])
def cancel(referral: Referral, reason: Reason, work: Work) -> None:
    """The referral comes to nothing: the referrer or the recommended person does not want it any more (B-52)."""
    _end(referral, VoidCause.CANCELLED, work)
    referral.reason = reason


@referrals.move(UNREWARDED, "void", by=[Role.SYSTEM], emits=[ReferralVoided])
def annul(referral: Referral, cause: VoidCause, work: Work) -> None:
    """Nobody new was recommended, or nothing was bought in the end (B-52)."""
    if referral.state == "reward_due":
        _take_value_back(work, referral)
    _end(referral, cause, work)


@referrals.change(by=[Role.SYSTEM])
def keep(
    referral: Referral,
    agent: User | None = None,
    visit_id: VisitEntryId | None = None,
    reservation_id: ReservationId | None = None,
    contract_id: ContractId | None = None,
    home_id: HomeId | None = None,
    withdrawal_deadline: Moment | None = None,
) -> None:
    """Keep what leads tells of the customer, in whatever order it is heard (X-405)."""
    referral.agent, referral.visit_id = agent or referral.agent, visit_id or referral.visit_id
    referral.reservation_id = reservation_id or referral.reservation_id
    referral.contract_id, referral.home_id = contract_id or referral.contract_id, home_id or referral.home_id
    referral.withdrawal_deadline = withdrawal_deadline or referral.withdrawal_deadline


def _end(referral: Referral, cause: VoidCause, work: Work) -> None:
    referral.void_cause = cause
    work.end_tasks(referral, "dropped")


def _take_value_back(work: Work, referral: Referral) -> None:
    """Who was of high value for the buyers they brought is so no longer, unless they brought another one or have
    bought in the ten-million-yuan class themselves (B-82)."""
    referrer = profile_of(work, referral.referrer_uid)
    theirs = work.all(Referral, referrer_uid=referrer.uid)
    if referrer.state != "high_value" or referrer.reason not in {one.number for one in theirs}:
        return
    others = [one for one in theirs if one.id != referral.id and one.state in ("reward_due", "rewarded")]
    own = work.all(Purchase, uid=referrer.uid, kind=PurchaseKind.CONTRACT, state="counted")
    if not others and all(one.amount < work.parameter(HIGH_VALUE) for one in own):
        work.perform(revoke, referrer, reason=referral.number)


def _is_member(work: Work, uid: str) -> bool:
    return work.first(Member, Member.uid == uid, Member.state.in_(("joined", "active", "lapsed"))) is not None
