"""The end of a sale contract before the handover, which the sales director decides (L-77, X-36.10)."""

from __future__ import annotations

from services.chassis.authority import ApprovalRule
from services.chassis.work import Work
from services.contracts.events.leads import ContractTerminated
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Reason
from services.contracts.vocabulary.referrals import VoidCause
from services.leads import handovers, homes
from services.leads.contracts import Contract, contracts
from services.leads.customers import stage_of
from services.leads.customers.lifecycle import fall_back
from services.leads.homes import Home
from services.leads.ownership.decisions import end_deal
from services.leads.referrals import register as referrals

__all__ = ["contracts", "termination_approval"]

#: X-36.10: the sales director decides on the end of a contract, as on the other restricted functions (L-77).
termination_approval = ApprovalRule(
    "contract_termination",
    "X-36.10",
    Role.SALES_DIRECTOR,
    snapshot=("number", "home_id", "uid", "amount", "reason"),
    amount=lambda contract: contract.amount,
)


@contracts.change("signed", by=[Role.SITE_SALES_LEAD], submits=termination_approval)
def request_termination(contract: Contract, reason: Reason) -> None:
    """Ask the sales director to let the contract end (L-77, X-36.10)."""
    contract.reason = reason


@contracts.move("signed", "terminated", approves=termination_approval, emits=[ContractTerminated])
def terminate(contract: Contract, work: Work, comment: Reason = "") -> None:
    """End the contract before the handover: the home is free again and what was planned is called off (L-77)."""
    reason = str(contract.reason)
    handovers.call_off(work, contract.id, reason)
    end_deal(work, contract.deal_id)
    referrals.end_for(work, contract.referral_id, VoidCause.CONTRACT_TERMINATED)
    work.perform(homes.take_back, work.get(Home, contract.home_id, lock=True), reason=reason)
    others = work.first(
        Contract,
        Contract.uid == contract.uid,
        Contract.project_id == contract.project_id,
        Contract.state != "terminated",
        Contract.id != contract.id,
    )
    stage = stage_of(work, contract.uid, contract.project_id)
    if others is None and stage is not None and stage.state == "contracted":
        work.perform(fall_back, stage, reason=reason)


@contracts.change("signed", rejects=termination_approval)
def keep(contract: Contract, reason: Reason) -> None:
    """Refuse to end the contract, with the reason; it stays in force (X-36.10)."""
    contract.reason = None
