"""What other services tell of customers, as the tests of membership hear it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.contracts.events import Event
from services.contracts.events.leads import ContractSigned, ContractTerminated, CustomersMerged, CustomersUnmerged
from services.contracts.events.leads_sales import CallRegistered, HomeReserved, VisitRegistered
from tests.integration.leads.world import START, World, delivery

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def hear(world: World, *events: Event, at: datetime | None = None) -> None:
    """In one batch, sent now or at another moment."""
    world.take(*(delivery(event, at=at or world.now) for event in events))


def buys(uid: str, home: str, amount: str, **more: Any) -> ContractSigned:
    return ContractSigned(contract_id=f"c-{home}", number="CT 1", home_id=home, uid=uid, amount=Decimal(amount), **more)


def ends(uid: str, home: str) -> ContractTerminated:
    return ContractTerminated(contract_id=f"c-{home}", number="CT 1", home_id=home, uid=uid, reason="退房")


def reserves(uid: str, home: str, price: str | None = None, at: datetime = START) -> HomeReserved:
    who: dict[str, Any] = {"uid": uid, "project_id": home[:3], "agent": "zhao.min"}
    listed = None if price is None else Decimal(price)
    return HomeReserved(
        reservation_id=f"r-{home}", home_id=home, deposit=Decimal(50_000), signed_at=at, price=listed, **who
    )


def calls(uid: str, key: str, at: datetime, corrects: str | None = None) -> CallRegistered:
    who: dict[str, Any] = {"uid": uid, "project_id": "P01", "agent": "zhao.min"}
    return CallRegistered(call_id=key, at=at, window_end=at.date(), corrects_id=corrects, **who)


def comes(uid: str, key: str, *, by: str | None = None, corrects: str | None = None, **more: Any) -> VisitRegistered:
    """A visit, on another customer's word or not."""
    who: dict[str, Any] = {"uid": uid, "project_id": "P01", "agent": "zhao.min", "kind": "first", "at": START}
    return VisitRegistered(visit_id=key, referrer_uid=by, corrects_id=corrects, **{**who, **more})


def merged(survivor: str, *others: str) -> CustomersMerged:
    return CustomersMerged(surviving_uid=survivor, merged_uids=list(others), decided_by="zheng.jie", at=START)


def parted(survivor: str, *others: str) -> CustomersUnmerged:
    who: dict[str, Any] = {"surviving_uid": survivor, "merged_uids": list(others), "decided_by": "zheng.jie"}
    return CustomersUnmerged(reason="误判", at=START, **who)
