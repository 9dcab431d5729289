"""Sale contracts: signed for a free home and fulfilled by its handover (L-76); their end is in `terminations`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record, new_id
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import ContractSigned
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CustomerUid,
    Day,
    HomeId,
    LifecycleStage,
    Money,
    Number,
    Reason,
    Title,
    User,
)
from services.contracts.vocabulary.referrals import ReferralId
from services.contracts.vocabulary.sales import ReservationId
from services.leads import homes, reservations
from services.leads.authorship import only_by_the_lead
from services.leads.customers import Customer, advance_stage
from services.leads.homes import Home
from services.leads.ownership.decisions import decide_deal, moment_of, standing_decision
from services.leads.readers import HANDOVER_READERS
from services.leads.referrals import register as referrals
from services.leads.restricted_requests import discount_granted


class Contract(Record):
    """Who bought which home, for how much, and how it is paid (L-76)."""

    __table_args__ = (
        sa.Index(
            "uq_contract_live",
            "home_id",
            unique=True,
            sqlite_where=sa.text("state = 'signed'"),
            postgresql_where=sa.text("state = 'signed'"),
        ),
    )

    number: Mapped[Number]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    signed_on: Mapped[Day]
    amount: Mapped[Money]
    is_mortgaged: Mapped[bool]
    bank: Mapped[Title | None]
    loan_amount: Mapped[Money | None]
    is_guaranteed: Mapped[bool]
    planned_handover: Mapped[Day | None]
    agent: Mapped[User | None]
    reservation_id: Mapped[ReservationId | None]
    referral_id: Mapped[ReferralId | None]
    reason: Mapped[Reason | None]

    @property
    def deal_id(self) -> str:
        """What the split of the deal is kept under: the reservation's where there was one."""
        return self.reservation_id or self.id


contracts = Process(
    Contract,
    key="contract_id",
    numbered="CT",
    readers=HANDOVER_READERS,
    listed=["number", "home_id", "uid", "amount", "signed_on", "planned_handover"],
    filters=["project_id", "home_id", "uid", "agent", "signed_on", "planned_handover", "is_mortgaged"],
    search=["number", "home_id"],
    announces=[ContractSigned],
)


@contracts.create("signed", by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD])
def sign(
    home_id: HomeId,
    uid: CustomerUid,
    amount: Money,
    signed_on: Day,
    work: Work,
    agent: User | None = None,
    is_mortgaged: bool = False,
    bank: Title | None = None,
    loan_amount: Money | None = None,
    is_guaranteed: bool = False,
    planned_handover: Day | None = None,
) -> Contract:
    """Sell a free home, or the one that the customer reserved; who signs is a prospective owner (L-76, L-65). For less
    than its price only with a discount that the sales director has granted (X-36.10, L-68)."""
    reserved = reservations.live(work, home_id, lock=True)
    home = work.get(Home, home_id, field="home_id", lock=True)
    work.get(Customer, uid, field="uid")
    if home.state not in ("on_sale", "reserved"):
        raise ValidationFailed.of("home_id", "not_for_sale", state=home.state)
    if home.reserved_for not in (None, uid):
        raise ValidationFailed.of("home_id", "reserved_for_another")
    if signed_on > work.today:
        raise ValidationFailed.of("signed_on", "in_the_future")
    if is_mortgaged and not bank:
        raise ValidationFailed.of("bank", "required")
    if is_guaranteed and not is_mortgaged:
        raise ValidationFailed.of("is_guaranteed", "not_mortgaged")
    if loan_amount is not None and loan_amount > amount:
        raise ValidationFailed.of("loan_amount", "loan_above_price")
    below = home.price - amount if home.price is not None else 0
    if below > 0 and below > discount_granted(work, home_id, uid):
        raise ValidationFailed.of("amount", "discount_not_approved", price=str(home.price), below=str(below))
    work.perform(homes.contract, home, uid=uid)
    advance_stage(work, uid, str(home.project_id), LifecycleStage.CONTRACTED)
    reserved = reserved or reservations.live(work, home_id)
    closer = reserved.agent if reserved is not None else work.actor.user
    said = {"signed_on": signed_on != work.today, "agent": agent not in (None, closer)}
    only_by_the_lead(work, home.company_id, home.project_id, **said)
    contract = Contract(
        id=new_id(),
        home_id=home_id,
        uid=uid,
        signed_on=signed_on,
        amount=amount,
        is_mortgaged=is_mortgaged,
        bank=bank,
        loan_amount=loan_amount,
        is_guaranteed=is_guaranteed,
        planned_handover=planned_handover,
        agent=agent or closer,
        reservation_id=reserved.id if reserved is not None else None,
        project_id=home.project_id,
        company_id=home.company_id,
    )
    work.begin_life(contracts, contract, "signed")
    if reserved is not None:
        work.perform(reservations.complete, reserved)
    _refer(work, contract)
    work.emit(ContractSigned, contract, withdrawal_deadline=reserved.withdrawal_deadline if reserved else None)
    if standing_decision(work, contract.deal_id) is None:
        decide_deal(
            work,
            deal_id=contract.deal_id,
            deal_number=contract.number,
            home=home,
            uid=uid,
            closer=str(contract.agent),
            at=moment_of(work, signed_on),
        )
    return contract


@contracts.change(by=[Role.SYSTEM])
def attribute(contract: Contract, referral_id: ReferralId) -> None:
    """Somebody had recommended the buyer, which was heard of after the signing (L-76, B-52)."""
    contract.referral_id = referral_id


@contracts.move("signed", "fulfilled", by=[Role.SYSTEM])
def fulfil(contract: Contract) -> None:
    """The home has been handed over; by `handovers.complete`."""


def _refer(work: Work, contract: Contract) -> None:
    """The referral whose outcome the contract is: its reservation's, or else one that has had none (L-76, B-52)."""
    if contract.reservation_id is not None:
        referred = referrals.of_reservation(work, contract.reservation_id)
    else:
        signed_at = moment_of(work, contract.signed_on)
        referred = referrals.deal_of(work, contract.uid, str(contract.project_id), signed_at)
    if referred is not None:
        work.perform(referrals.keep, referred, contract_id=contract.id)
        contract.referral_id = referred.id


def in_force(work: Work, home_id: str) -> Contract | None:
    """The contract under which a home will be handed over."""
    return work.first(Contract, Contract.home_id == home_id, Contract.state == "signed")
