"""Who proposes that customers are one, who decides, and what cannot be proposed (L-04, X-36.15, L-166)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.chassis.duties import Task
from services.contracts.errors import Forbidden, IllegalMove, OwnSubmission, ValidationFailed
from services.contracts.events.leads import CustomersMerged
from services.leads.customers import Customer
from services.leads.customers.duplicates import DuplicateCandidate
from services.leads.customers.merges import CustomerMerge
from tests.integration.leads.conftest import Estate
from tests.integration.leads.merge_world import AFFAIRS, OTHER_STEWARD, STEWARD, both, merge, propose
from tests.integration.leads.test_both_databases import at_once
from tests.integration.leads.world import World, person

__all__ = ["both"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("L-04", "X-393")
def test_nobody_proposes_or_decides_about_a_customer_of_whom_they_may_not_know(estate: Estate, world: World) -> None:
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    away = {"kind": "person", "name": "赵六", "phone": "13900018000", "project_id": "P02"}
    other = world.do("register_customer", away)["id"]
    here = person("cao.rui", "data_steward", scope="project:P01")
    for survivor, merged, field in ((estate.uid, other, "merged_uids"), (other, estate.uid, "survivor_uid")):
        with pytest.raises(ValidationFailed) as refusal:
            propose(world, survivor, merged, by=here)
        assert refusal.value.errors == {field: [{"code": "unknown_reference", "params": {"id": other}}]}
    with pytest.raises(ValidationFailed) as refusal:
        pair = {"uid": estate.uid, "other_uid": other, "project_id": "P01"}
        world.do("suspect_duplicate_candidate", pair, by=here)
    assert refusal.value.errors["other_uid"][0]["code"] == "unknown_reference"
    proposal = propose(world, other, estate.uid)
    with pytest.raises(IllegalMove) as unknown:
        by = person("zheng.jie", "customer_affairs", scope="project:P01")
        world.do("approve_customer_merge", {"id": proposal["id"]}, by=by)
    assert unknown.value.code == "merge_of_others"
    assert world.do("approve_customer_merge", {"id": proposal["id"]}, by=AFFAIRS)["state"] == "merged"


@pytest.mark.requirement("L-04")
def test_five_records_are_merged_into_one_at_once_and_no_more(estate: Estate, world: World) -> None:
    others = [estate.customer(f"1370013700{n}", f"{name}六") for n, name in enumerate("赵钱孙李周吴")]
    with pytest.raises(ValidationFailed) as refusal:
        propose(world, estate.uid, *others)
    assert refusal.value.errors == {"merged_uids": [{"code": "merged_count", "params": {"most": 5}}]}
    assert propose(world, estate.uid, *others[:5])["state"] == "proposed"


@pytest.mark.requirement("L-04")
def test_two_stewards_at_once_make_one_proposal(both: World) -> None:
    world, estate = both, Estate(both)
    other, third = estate.customer("13900018000", "赵六"), estate.customer("13700137000", "钱七")
    answers = at_once(lambda: propose(world, estate.uid, other), lambda: propose(world, third, other, by=OTHER_STEWARD))
    assert sorted(type(one).__name__ for one in answers) == ["ValidationFailed", "dict"]
    (refusal,) = [one for one in answers if not isinstance(one, dict)]
    assert refusal.errors == {"merged_uids": [{"code": "merge_open", "params": {"id": other}}]}
    assert len(world.all(CustomerMerge)) == 1


@pytest.mark.requirement("L-04", "X-36.15")
def test_who_proposes_does_not_decide_and_a_refusal_goes_back_to_the_steward(estate: Estate, world: World) -> None:
    other = estate.customer("13900018000", "王女士")
    (candidate,) = world.all(DuplicateCandidate)
    with pytest.raises(ValidationFailed) as wrong:
        choice = {"id": candidate.id, "survivor_uid": estate.customer("13700137000"), "reason": "同一人"}
        world.do("propose_merge_duplicate_candidate", choice, by=STEWARD)
    assert wrong.value.errors["survivor_uid"][0]["code"] == "none_of_the_pair"
    both = person("cao.rui", "data_steward", "customer_affairs")
    choice = {"id": candidate.id, "survivor_uid": estate.uid, "reason": "同一人"}
    assert world.do("propose_merge_duplicate_candidate", choice, by=both)["state"] == "merge_proposed"
    (proposal,) = world.all(CustomerMerge)
    assert (proposal.survivor_uid, proposal.merged_uids, proposal.project_id) == (estate.uid, [other], "P01")
    with pytest.raises(OwnSubmission):
        world.do("approve_customer_merge", {"id": proposal.id}, by=both)
    with pytest.raises(Forbidden):
        world.do("approve_customer_merge", {"id": proposal.id}, by=OTHER_STEWARD)
    world.do("reject_customer_merge", {"id": proposal.id, "reason": "证据不足"}, by=AFFAIRS)
    assert [one.state for one in world.all(DuplicateCandidate)] == ["suspected"]
    assert len(world.all(Task, Task.subject == "duplicate_suspected", Task.state == "open")) == 1
    again = propose(world, estate.uid, other)
    world.do("withdraw_customer_merge", {"id": again["id"], "reason": "再核实"}, by=STEWARD)
    assert world.get(Customer, other).state == "registered"
    assert world.told(CustomersMerged) == []


@pytest.mark.requirement("L-04")
@pytest.mark.parametrize(
    ("merged", "code"), [([], "merged_count"), (["own"], "same_customer"), (["nobody"], "unknown_reference")]
)
def test_what_cannot_be_merged_is_refused(estate: Estate, world: World, merged: list[str], code: str) -> None:
    named = [estate.uid if one == "own" else one for one in merged]
    with pytest.raises(ValidationFailed) as refusal:
        propose(world, estate.uid, *named)
    assert refusal.value.errors["merged_uids"][0]["code"] == code


@pytest.mark.requirement("L-166")
def test_the_report_counts_what_became_of_the_pairs(estate: Estate, world: World) -> None:
    found = [estate.customer(f"1390001800{n}", f"赵{n}") for n in range(3)]
    merge(world, estate.uid, found[0])
    propose(world, estate.uid, found[1])
    pair = {"uid": estate.uid, "other_uid": found[2], "project_id": "P01"}
    third = world.do("suspect_duplicate_candidate", pair, by=STEWARD)
    world.do("dismiss_duplicate_candidate", {"id": third["id"], "reason": "两个人"}, by=STEWARD)
    assert reported(world) == [("P01", 3, 1, 1, 1)]


def reported(world: World) -> list[tuple[Any, ...]]:
    with world.reading(Actor.from_wire(STEWARD)) as work:
        rows = reports.run(work, "duplicates", {})["rows"]
        for row in rows:
            for count, filters in row["behind"].items():
                listed = views.search(work, "duplicate_candidate", {"filters": filters})["count"]
                assert listed == row["values"][count], count
    return [tuple(row["values"].values()) for row in rows]
