"""Segments night by night: what counts, where the middle is, who is told what, once (B-83, B-84, B-56)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis.parameters import Parameter
from services.contracts.events.leads import CustomerRegistered
from services.contracts.events.membership import ReferralWillingnessChanged, SegmentChanged
from services.membership import explanation
from services.membership.contacts import CONTACTS_KEPT, CountedContact
from services.membership.profiles import Profile
from services.membership.rfm import PERCENTILE, PERIOD
from services.membership.segments import BATCH, SegmentRun
from services.membership.service import SERVICE
from tests.integration.leads.world import START, World, person
from tests.integration.membership.conftest import tell, told_customer, told_home
from tests.integration.membership.news import DAY, HOUR, SECOND, buys, calls, hear, merged, parted, reserves

#: 02:00 in Shanghai.
NIGHT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
AFFAIRS = person("zheng.jie", "customer_affairs", scope="company:C01")


@pytest.fixture
def club(database_url: str) -> Iterator[World]:
    """The club on each database."""
    opened = World(SERVICE, database_url)
    yield told(opened)
    opened.close()


@pytest.fixture
def small(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    """The club on one: for what is no matter of SQL."""
    opened = World(SERVICE, f"sqlite:///{shutil.copy(empty_database, tmp_path)}")
    yield told(opened)
    opened.close()


def told(world: World) -> World:
    tell(world, *(f"P01-1-1-{number:04}" for number in range(1, 7)), "P02-1-1-0001")
    world.take(
        told_home("P02-1-1-0001", project_id="P02", record_version=2),
        *(told_customer(f"u{number}") for number in range(1, 7)),
    )
    world.at(START)
    return world


def establish(world: World, figure: Parameter, value: int) -> None:
    given = {"parameter": figure.name, "value": str(value), "valid_from": world.now, "reason": "调整"}
    world.do("establish_parameter", given, by=person("yan.kai", "administrator"))


def night(world: World, begins: datetime) -> None:
    """A whole night: its beginning and its parts, a second apart."""
    world.at(begins)
    while world.all(SegmentRun, SegmentRun.state == "running"):
        world.at(world.now + SECOND)


def segments(world: World) -> dict[str, Any]:
    return {one.uid: one.segment for one in world.all(Profile)}


def moves(world: World) -> list[tuple[str, str | None, str]]:
    return [(one["uid"], one.get("from_segment"), one["to_segment"]) for one in world.told(SegmentChanged)]


@pytest.mark.requirement("B-83", "B-84")
def test_a_night_places_everybody_in_parts_and_tells_each_change_once(club: World) -> None:
    establish(club, BATCH, 2)
    homes = {f"u{number}": f"P01-1-1-{number:04}" for number in range(1, 6)}
    amounts = dict(zip(homes, ("100.29", "300.30", "200.31", "400.00", "200.30"), strict=True))
    long_ago = START - 60 * DAY
    hear(
        club,
        *(buys(uid, home, amounts[uid], signed_on=long_ago.date()) for uid, home in homes.items()),
        *(calls(uid, f"call-{uid}", START - DAY) for uid in ("u1", "u2")),
        CustomerRegistered(uid="u6", kind="person"),
    )
    club.at(NIGHT - SECOND)
    assert moves(club) == []
    night(club, NIGHT)
    placed = {"u1": "active", "u2": "core", "u3": "dormant", "u4": "potential", "u5": "dormant", "u6": "dormant"}
    assert segments(club) == placed
    assert sorted(moves(club)) == [(uid, None, segment) for uid, segment in placed.items()]
    first, following = club.all(SegmentRun)
    assert (first.state, first.middles, first.assessed, first.changed) == ("done", {"P01": "200.31"}, 6, 6)
    assert (following.state, following.due_at) == ("waiting", NIGHT + DAY)
    (told,) = [one for one in club.told(SegmentChanged) if one["uid"] == "u2"]
    assert told["rfm"] == {"recency_days": 1, "frequency": 2, "monetary": "300.30"}
    assert (told["referral_index"], told["run"]) == (13, first.number)

    night(club, NIGHT + DAY)
    assert (len(moves(club)), club.told(ReferralWillingnessChanged)) == (6, [])
    # 90 days after the call: still lately at the very second, and not any more a night later.
    club.now = NIGHT + 88 * DAY
    hear(club, calls("u2", "late-call", NIGHT - DAY))
    night(club, NIGHT + 89 * DAY)
    assert segments(club)["u2"] == "core"
    (index,) = club.told(ReferralWillingnessChanged)
    assert (index["uid"], index["referral_index"]) == ("u2", 20)
    night(club, NIGHT + 90 * DAY)
    assert moves(club)[6:] == [("u1", "active", "dormant"), ("u2", "core", "potential")]


@pytest.mark.requirement("B-84")
def test_the_middle_is_of_those_with_an_amount_in_the_project_between_two_of_them(club: World) -> None:
    hear(
        club,
        buys("u1", "P01-1-1-0001", "100.00"),
        buys("u1", "P01-1-1-0002", "50.10"),
        buys("u2", "P01-1-1-0003", "150.11"),
        reserves("u3", "P01-1-1-0004", "170.00"),
        reserves("u4", "P01-1-1-0005"),
        buys("u5", "P02-1-1-0001", "9.00"),
        CustomerRegistered(uid="u6", kind="person"),
    )
    club.do("begin_segment_run", {"id": club.all(SegmentRun)[0].id}, by=AFFAIRS)
    (run,) = club.all(SegmentRun)
    assert run.middles == {"P01": "160.055", "P02": "9"}
    club.at(START + SECOND)
    assert {one.uid: str(one.monetary) for one in club.all(Profile)} == {
        "u1": "150.10",
        "u2": "150.11",
        "u3": "170.00",
        "u4": "50000.00",
        "u5": "9.00",
        "u6": "0.00",
    }
    assert [segments(club)[uid] for uid in ("u1", "u2", "u3", "u4")] == ["active", "dormant", "potential", "potential"]
    # A higher percentile lets fewer be of high value.
    establish(club, PERCENTILE, 75)
    night(club, NIGHT)
    assert club.all(SegmentRun)[1].middles["P01"] == "12627.5"
    assert segments(club)["u3"] == "dormant"


@pytest.mark.requirement("B-84")
def test_contacts_are_counted_over_180_days_to_the_second(small: World) -> None:
    long_ago = NIGHT - 180 * DAY
    hear(small, calls("u1", "in", long_ago), calls("u1", "out", long_ago - SECOND), calls("u1", "late", START))
    night(small, NIGHT)
    assert (small.get(Profile, "u1").frequency, small.get(Profile, "u1").segment) == (2, "active")


def test_contacts_are_forgotten_when_they_are_kept_long_enough_but_none_that_is_counted(club: World) -> None:
    kept = int(CONTACTS_KEPT.default)
    hear(club, calls("u1", "old", START - kept * DAY), calls("u1", "new", START - kept * DAY + 2 * HOUR))
    club.at(START + HOUR + SECOND)
    assert [one.cause for one in club.all(CountedContact)] == ["new"]
    # Kept for less than the period that is counted: the period decides.
    establish(club, CONTACTS_KEPT, 30)
    hear(club, calls("u1", "counted", club.now - int(PERIOD.default) * DAY + 2 * HOUR))
    club.at(club.now + HOUR + SECOND)
    assert [one.cause for one in club.all(CountedContact)] == ["counted"]


@pytest.mark.requirement("X-407", "B-84")
def test_merged_customers_add_up_and_parted_ones_stand_where_they_stood(small: World) -> None:
    hear(
        small,
        buys("u1", "P01-1-1-0001", "100.00", signed_on=(START - 9 * DAY).date()),
        buys("u2", "P01-1-1-0002", "100.00", signed_on=(START - 8 * DAY).date()),
        buys("u3", "P01-1-1-0003", "150.00"),
    )
    night(small, NIGHT)
    assert segments(small) == {"u1": "dormant", "u2": "dormant", "u3": "potential"}
    hear(small, merged("u1", "u2"))
    survivor = small.get(Profile, "u1")
    assert (survivor.segment, str(survivor.monetary), survivor.frequency) == ("core", "200.00", 2)
    assert moves(small)[3:] == [("u1", None, "core")]
    night(small, NIGHT + DAY)
    assert len(moves(small)) == 5  # the middle has moved for u3, and nobody speaks of u2
    assert moves(small)[4] == ("u3", "potential", "dormant")
    hear(small, parted("u1", "u2"))
    assert sorted(moves(small)[5:]) == [("u1", None, "dormant"), ("u2", None, "dormant")]


def test_the_page_of_a_profile_says_why_and_how_the_customer_is_treated(small: World) -> None:
    hear(small, buys("u1", "P01-1-1-0001", "2500000.00"), buys("u2", "P01-1-1-0002", "1500000.00"))
    hear(small, calls("u1", "call", START - DAY))

    def said(uid: str) -> dict[str, Any]:
        with small.reading() as work:
            found = explanation.explain(work.get(Profile, uid), work)
            return {one.code: dict(one.params) for one in found}

    assert {"not_placed_yet", "value_not_measured"} <= said("u1").keys()
    night(small, NIGHT)
    page = said("u1")
    assert list(page) == ["treatment_core", "value_high", "activity_high", "willingness"]
    assert page["value_high"] == {"project": "枫林苑", "amount": "2,500,000.00", "middle": "2,000,000.00"}
    assert page["activity_high"] == {"recency": 90, "period": 180, "contacts": 2, "days": 0, "frequency": 2}
    assert page["willingness"]["index"] == 13
    assert list(said("u2")) == ["treatment_dormant", "value_low", "activity_low", "willingness"]
