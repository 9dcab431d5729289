"""What counts as a contact, for whom, and who brought whom (B-83, B-84, B-56)."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis import inbox
from services.contracts.events import Event
from services.contracts.events.complaints import EnquiryAnswered
from services.contracts.events.leads import CustomerRegistered, HandoverCompleted
from services.membership.contacts import CountedContact
from services.membership.follow_ups import follow_ups
from services.membership.profiles import Profile
from services.membership.rfm import Known
from services.membership.segments import known_of
from services.membership.service import SERVICE
from tests.integration.leads.world import START, World
from tests.integration.membership.conftest import HOME, UID, tell
from tests.integration.membership.news import DAY, HOUR, buys, calls, comes, hear, merged, parted, reserves

pytestmark = pytest.mark.integration
FRIEND, OWNER, STRANGER = "uid-2", "uid-3", "uid-4"


@pytest.fixture
def club(world: World) -> World:
    """Each customer has a profile."""
    hear(world, *(CustomerRegistered(uid=uid, kind="person") for uid in (UID, FRIEND, OWNER, STRANGER)))
    return world


def known(world: World, uid: str) -> Known:
    with world.reading() as work:
        return known_of(work, uid)[0]


def brought(world: World, uid: str = OWNER) -> int:
    return known(world, uid).referrals


@pytest.mark.requirement("B-84")
def test_every_contact_counts_once(world: World) -> None:
    asked: dict[str, Any] = {"topic": "purchase", "channel": "telephone", "answered_by": "human", "at": START - 2 * DAY}
    events = [
        calls(UID, "call", START - 3 * DAY),
        comes(UID, "v1", at=START - DAY),
        comes(UID, "v2", kind="return", at=START - DAY),
        EnquiryAnswered(enquiry_id="e1", number="EQ 1", uid=UID, **asked),
        EnquiryAnswered(enquiry_id="e2", number="EQ 2", **asked),
        reserves(UID, HOME, at=START - HOUR),
        buys(UID, HOME, "1.00", signed_on=(START - 9 * DAY).date()),
        HandoverCompleted(home_id=HOME, uid=UID, project_id="P01", handover_id="h1", at=START - HOUR),
    ]
    hear(world, *events)
    hear(world, *events)
    found = world.all(CountedContact)
    assert sorted(one.kind for one in found) == [
        *("call", "contract", "enquiry", "handover", "reservation", "visit", "visit")
    ]
    assert [one.at for one in found if one.kind == "contract"] == [datetime(2026, 2, 21, 16, 0, tzinfo=UTC)]
    assert (known(world, UID).last_contact_at, known(world, UID).frequency) == (START - HOUR, 7)


@pytest.mark.requirement("B-84", "X-47")
@pytest.mark.parametrize("is_one_batch", [True, False], ids=["in one batch", "one by one"])
def test_a_corrected_entry_counts_once_in_whatever_order_it_is_heard(world: World, is_one_batch: bool) -> None:
    for number, order in enumerate(itertools.permutations(range(3))):
        uid, keys = f"caller-{number}", [f"{number}-{step}" for step in range(3)]
        chain = [calls(uid, keys[n], START - n * DAY, corrects=keys[n - 1] if n else None) for n in range(3)]
        for batch in [order] if is_one_batch else [[step] for step in order]:
            hear(world, *(chain[step] for step in batch))
        states = {one.cause: one.state for one in world.all(CountedContact, CountedContact.uid == uid)}
        assert states == dict(zip(keys, ("corrected", "corrected", "counted"), strict=True)), order
        assert (known(world, uid).frequency, known(world, uid).last_contact_at) == (1, START - 2 * DAY), order


@pytest.mark.requirement("B-84", "X-47")
@pytest.mark.parametrize("is_late", [False, True], ids=["in order", "the correction first"])
def test_a_visit_that_was_another_customers_is_taken_from_whom_it_was_not(club: World, is_late: bool) -> None:
    hear(club, calls(UID, "before", START - DAY))
    told: list[Event] = [comes(UID, "v1", by=OWNER), comes(FRIEND, "v2", by=OWNER, corrects="v1")]
    for event in reversed(told) if is_late else told:
        hear(club, event)
    assert (known(club, UID).frequency, known(club, UID).last_contact_at) == (1, START - DAY)
    assert (known(club, FRIEND).frequency, known(club, FRIEND).last_contact_at) == (1, START)
    assert [club.get(Profile, uid).brought_by for uid in (UID, FRIEND)] == [None, OWNER]
    assert brought(club) == 1


@pytest.mark.requirement("B-84", "X-47")
def test_a_visit_that_was_nobodys_leaves_nothing_of_a_customer(club: World) -> None:
    hear(club, comes(UID, "v1", by=OWNER))
    hear(club, comes(FRIEND, "v2", corrects="v1"))
    assert (known(club, UID).frequency, known(club, UID).last_contact_at, brought(club)) == (0, None, 0)


def test_whoever_was_brought_is_one_however_often_and_to_whom_they_come(club: World) -> None:
    def counts() -> tuple[int, ...]:
        return tuple(brought(club, uid) for uid in (OWNER, UID, STRANGER))

    hear(club, comes(FRIEND, "v1", by=OWNER), comes(FRIEND, "v2", by=OWNER, agent="lin.xue", at=START + HOUR))
    hear(club, comes(FRIEND, "v3", by=UID, kind="return", at=START + DAY))
    assert counts() == (1, 0, 0)
    # A correction of what says nothing of it changes nothing of it.
    hear(club, comes(FRIEND, "v4", kind="return"))
    hear(club, comes(FRIEND, "v5", kind="return", corrects="v4"))
    assert counts() == (1, 0, 0)
    # It was not the owner who sent them to the second agent, nor to the first one; nobody was it in the end.
    hear(club, comes(FRIEND, "v6", corrects="v2", agent="lin.xue", at=START + HOUR))
    assert counts() == (1, 0, 0)
    hear(club, comes(FRIEND, "v7", by=STRANGER, corrects="v1"))
    assert counts() == (0, 0, 1)
    hear(club, comes(FRIEND, "v8", corrects="v7"))
    assert counts() == (0, 1, 0)


@pytest.mark.requirement("X-407")
def test_joined_customers_are_one_whom_somebody_brought_and_parted_ones_two(club: World) -> None:
    hear(club, comes(UID, "v1", by=OWNER), comes(FRIEND, "v2", by=OWNER))
    found = []
    for event in (merged(UID, FRIEND), parted(UID, FRIEND), merged(UID, FRIEND)):
        hear(club, event)
        found.append(brought(club))
    assert found == [1, 2, 1]
    # Whoever brings is joined, too: with a stranger, and with whom they brought.
    hear(club, merged(STRANGER, OWNER))
    assert brought(club, STRANGER) == 1
    hear(club, parted(STRANGER, OWNER))
    assert (brought(club, STRANGER), brought(club)) == (0, 1)
    hear(club, merged(OWNER, UID))
    assert brought(club) == 0


def test_a_contact_that_is_heard_meanwhile_refuses_no_follow_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(SERVICE, database_url)
    tell(world)
    hear(world, calls(UID, "first", START - DAY))
    who = {"number": "FU 1", "theme": "other", "form": "telephone", "uid": UID, "due_on": START.date(), "attempts": 1}
    call = world.add(follow_ups, "in_progress", **who)
    answers: list[dict[str, Any]] = []

    def complete() -> None:
        answers.append(world.do("complete_follow_up", {"id": call.id, "score": 5, "opinion": "满意"}))

    second = threading.Thread(target=complete)

    def reached(point: str) -> None:
        """What was heard is written and not committed: the officer has to wait for it."""
        if point == "inbox_before_commit" and threading.current_thread() is threading.main_thread():
            second.start()
            second.join(0.5)

    monkeypatch.setattr(inbox.faultpoints, "reached", reached)
    hear(world, calls(UID, "second", START - HOUR))
    second.join(20)
    assert [one["state"] for one in answers] == ["completed"]
    assert (known(world, UID).frequency, known(world, UID).last_contact_at) == (3, START)
    world.close()
