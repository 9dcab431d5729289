"""The plain functions of membership, without a service or a database."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.errors import ValidationFailed
from services.membership.customer_managers import Household, reassign
from services.membership.follow_ups import FollowUp, begin, raise_issue
from services.membership.members import Member
from services.membership.profiles import Profile, designate, revoke

pytestmark = pytest.mark.unit
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
WORK: Any = SimpleNamespace(now=NOW)


def test_a_member_is_named_by_the_number() -> None:
    assert Member(number="MB 2026-P01-000001", uid="u").member_number == "MB 2026-P01-000001"


@pytest.mark.requirement("B-80")
def test_history_grows_and_the_same_manager_is_no_change() -> None:
    household = Household(home_id="H", uid="u", manager="a", managed_since=NOW)
    with pytest.raises(ValidationFailed):
        reassign(household, "a", "x", WORK)
    for manager in ("b", "c"):
        reassign(household, manager, "调岗", WORK)
    assert [one["manager"] for one in household.history] == ["a", "b"]


@pytest.mark.requirement("B-63")
def test_each_attempt_counts_and_an_issue_has_its_kind() -> None:
    follow_up = FollowUp(theme="other", form="telephone", uid="u", attempts=0)
    begin(follow_up)
    begin(follow_up)
    raise_issue(follow_up, "repair", "漏风")  # type: ignore[arg-type]
    assert (follow_up.attempts, follow_up.kind, follow_up.issue) == (2, "repair", "漏风")


def test_the_adviser_goes_with_the_designation() -> None:
    profile = Profile(uid="u")
    designate(profile, "千万级", WORK, "he.min")
    assert (profile.adviser, profile.changed_at) == ("he.min", NOW)
    revoke(profile, "退订", WORK)
    assert (profile.adviser, profile.reason) == (None, "退订")
