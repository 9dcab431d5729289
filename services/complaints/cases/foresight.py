"""What the desk is told while a case is still being entered (C-08, C-09, C-20, C-30, C-70)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from services.chassis.advice import Caution, Suggestion, advises
from services.chassis.work import Work
from services.complaints.cases.case import OPEN, Case
from services.complaints.cases.intake import likely_duplicate, register
from services.complaints.cases.levels import SERIOUS, begin_of_days_ago, signs
from services.complaints.cases.limits import HIGH_VALUE_RESPONSE
from services.complaints.groups.detection import GROUP_HOMES, GROUP_PERIOD, live_group
from services.complaints.groups.group import GroupComplaint
from services.complaints.groups.members import attached_to
from services.complaints.high_value import tier_of
from services.contracts.vocabulary.complaints import ServiceTier


@advises(register)
def foresee(draft: Mapping[str, Any], work: Work) -> Iterator[Suggestion | Caution]:
    """The level that the words and the claim suggest, the customer's tier, and cases that this may belong to."""
    trigger = signs(work, draft["amount_claimed"], draft["description"], draft["expectation"])
    if trigger is not None and (draft["suggested_level"] or 1) < SERIOUS:
        yield Suggestion("suggested_level", SERIOUS, f"level_by_{trigger}", {"level": SERIOUS})
    if draft["uid"] and tier_of(work, draft["uid"])[0] == ServiceTier.HIGH_VALUE:
        yield Caution("tier_high_value", {"hours": int(work.parameter(HIGH_VALUE_RESPONSE))})
    if draft["uid"] and draft["category"]:
        same = likely_duplicate(work, draft["uid"], draft["home_id"], draft["category"])
        if same is not None:
            yield Caution("same_matter_open", about=same)
    yield from _neighbours(draft, work)


def _neighbours(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """The live group of the project and category, or homes that report the same kind of problem within the period."""
    home = work.replica("leads/home", draft["home_id"]) or {}
    project = home.get("project_id") or draft["project_id"]
    if not project or not draft["category"]:
        return
    group = live_group(work, project, draft["category"])
    if group is not None:
        yield _of_group(work, group, home.get("building"))
        return
    since = begin_of_days_ago(work, int(work.parameter(GROUP_PERIOD)))
    alike = sa.select(Case).where(
        Case.project_id == project,
        Case.category == draft["category"],
        Case.created_at >= since,
        Case.state.in_(OPEN),
        Case.home_id.is_not(None),
        Case.home_id != draft["home_id"],
    )
    found = list(work.session.scalars(alike.order_by(Case.created_at.desc()).limit(50)))
    homes = {one.home_id for one in found}
    if len(homes) + 1 >= int(work.parameter(GROUP_HOMES)):
        yield Caution("group_matter_open", {"homes": len(homes)}, about=found[0])


def _of_group(work: Work, group: GroupComplaint, building: str | None) -> Caution:
    """How many homes belong to the group, and how many of them are in the same building (C-08, C-70)."""
    homes = {one.home_id for one in attached_to(work, group) if one.home_id}
    known = [work.replica("leads/home", one) or {} for one in homes]
    here = sum(one.get("building") == building for one in known) if building else 0
    return Caution("group_live_here", {"number": group.number, "homes": len(homes), "here": here}, about=group)
