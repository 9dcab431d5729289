"""Customers that are one: confirmed, followed by every child record, and taken back (L-04, X-36.15)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import joining, reports, views
from services.chassis.actors import SYSTEM, Actor
from services.chassis.duties import Task
from services.chassis.tables import Alias
from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events.leads import CustomersMerged, CustomerStageChanged, CustomersUnmerged, HomeUpdated
from services.contracts.events.leads_sales import ChurnRiskDetected, VisitRegistered
from services.contracts.events.membership_referrals import ReferralRegistered, ReferralVoided
from services.leads.contracts import Contract
from services.leads.customers import Customer, CustomerStage
from services.leads.customers.duplicates import DuplicateCandidate
from services.leads.customers.identity import CustomerKey
from services.leads.homes import Home
from services.leads.interactions import Interaction
from services.leads.ownership.records import Protection
from services.leads.portraits.portrait import go_stale
from services.leads.reception.follow_ups import SalesFollowUp
from services.leads.referrals.register import ReferredCustomer
from services.leads.service import SERVICE
from tests.integration.leads.conftest import Estate
from tests.integration.leads.merge_world import AFFAIRS, STEWARD, both, log, merge, running, uids
from tests.integration.leads.world import START, World, delivery, person

__all__ = ["both"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("L-04", "X-36.15", "L-03")
def test_every_child_record_follows_the_survivor_and_goes_back(both: World) -> None:
    world, estate = both, Estate(both)
    other = estate.customer("13900018000", "王女士")
    said = log(world, other)
    contract = estate.sign(uid=other)
    decided = merge(world, estate.uid, other)

    assert (decided["state"], decided["decided_by"]) == ("merged", "zheng.jie")
    assert uids(world, Interaction) == uids(world, Contract) == [estate.uid]
    assert world.get(Home, estate.home_id).owner_uid == estate.uid
    assert set(uids(world, CustomerKey)) == {estate.uid}
    assert (world.get(Customer, other).state, world.get(Customer, estate.uid).state) == ("merged", "registered")
    with world.reading() as work:
        alias = work.session.get(Alias, ("leads/customer", other))
        assert (alias.current, alias.by, alias.at) == (estate.uid, "zheng.jie", world.now)
    (told,) = world.told(CustomersMerged)
    assert (told["surviving_uid"], told["merged_uids"], told["decided_by"]) == (estate.uid, [other], "zheng.jie")
    assert world.told(HomeUpdated)[-1]["owner_uid"] == estate.uid
    assert [one.state for one in world.all(DuplicateCandidate)] == ["merged"]
    # Both have been in the project: the survivor has come as far as either, and the other's stage counts no more.
    stages = {one.uid: one.state for one in world.all(CustomerStage)}
    assert stages == {estate.uid: "contracted", other: "merged"}
    assert world.get(Customer, estate.uid).lifecycle_stage == "contracted"
    assert world.told(CustomerStageChanged)[-1]["uid"] == estate.uid
    assert [(one["register"], one["state"]) for one in decided["conflicts"]] == [("customer_stage", "contracted")]

    since = log(world, other)
    assert world.get(Interaction, since).uid == estate.uid
    world.do("reverse_customer_merge", {"id": decided["id"], "reason": "母女二人"}, by=AFFAIRS)
    assert (world.get(Interaction, said).uid, world.get(Interaction, since).uid) == (other, estate.uid)
    assert (world.get(Contract, contract["id"]).uid, world.get(Home, estate.home_id).owner_uid) == (other, other)
    stages = {one.uid: one.state for one in world.all(CustomerStage)}
    assert stages == {estate.uid: "registered", other: "contracted"}
    assert world.get(Customer, estate.uid).lifecycle_stage == "registered"
    back = world.told(CustomerStageChanged)[-1]
    assert [back[name] for name in ("uid", "from_stage", "to_stage")] == [estate.uid, "contracted", "registered"]
    (stage,) = world.all(CustomerStage, CustomerStage.uid == estate.uid)
    assert (stage.since, stage.reason) == (world.now, "母女二人")
    assert world.get(Customer, other).state == "registered"
    with world.reading() as work:
        assert work.session.get(Alias, ("leads/customer", other)) is None
    (back,) = world.told(CustomersUnmerged)
    assert (back["surviving_uid"], back["merged_uids"], back["reason"]) == (estate.uid, [other], "母女二人")
    assert [one.uid for one in world.all(CustomerKey, CustomerKey.value == "13900018000")] == [other]


@pytest.mark.requirement("L-04", "L-18", "L-56")
def test_what_a_merged_customer_leaves_behind_waits_for_nothing_and_counts_nowhere(
    estate: Estate, world: World
) -> None:
    def counted() -> tuple[int, int, int]:
        with world.reading(Actor.from_wire(STEWARD)) as work:
            (coverage,) = reports.run(work, "tag_coverage", {})["rows"]
            behind = views.search(work, "customer_stage", {"filters": coverage["behind"]["customers"]})["count"]
        with world.reading(Actor.from_wire(person("sun.li", "sales_director"))) as work:
            (funnel,) = reports.run(work, "sales_funnel", {})["rows"]
        return coverage["values"]["customers"], behind, funnel["values"]["customers"]

    other = estate.customer("13900018000", "赵六")
    both = sorted([estate.uid, other])
    stages = {one.uid: one.id for one in world.all(CustomerStage)}
    assert (running(world, "portrait"), running(world, "silence")) == (both, sorted(stages.values()))
    assert counted() == (2, 2, 2)
    decided = merge(world, estate.uid, other)
    assert (running(world, "portrait"), running(world, "silence")) == ([estate.uid], [stages[estate.uid]])
    assert counted() == (1, 1, 1)
    world.at(START + timedelta(days=91))
    assert world.service.postponed == {}
    assert [one["uid"] for one in world.told(ChurnRiskDetected)] == [estate.uid]
    assert (world.get(Customer, estate.uid).is_stale, world.get(Customer, other).is_stale) == (True, False)
    world.do("reverse_customer_merge", {"id": decided["id"], "reason": "误判"}, by=AFFAIRS)
    assert (running(world, "portrait"), running(world, "silence")) == (both, sorted(stages.values()))
    assert world.get(Customer, estate.uid).is_stale, "nothing was heard of them"
    with pytest.raises(IllegalMove):
        world.do("reopen_customer_stage", {"id": stages[other]})


@pytest.mark.requirement("L-04")
def test_the_survivors_limit_runs_again_where_the_merge_had_ended_it(estate: Estate, world: World) -> None:
    other = estate.customer("13900018000", "赵六")
    estate.sign(uid=other)
    (stage,) = world.all(CustomerStage, CustomerStage.uid == estate.uid)
    decided = merge(world, estate.uid, other)
    assert stage.id not in running(world, "silence")
    world.do("reverse_customer_merge", {"id": decided["id"], "reason": "误判"}, by=AFFAIRS)
    assert running(world, "silence") == [stage.id]


@pytest.mark.requirement("X-47", "L-04")
def test_a_register_lets_its_customer_be_moved_by_a_merge_and_by_nothing_else(both: World) -> None:
    world, estate = both, Estate(both)
    other = estate.customer("13900018000", "赵六")
    said = log(world, other)
    merge(world, estate.uid, other)
    for change in (
        f"uid = '{estate.customer('13700137000')}'",
        "content = 'x'",
        f"uid = '{other}', content = 'x'",
        f"uid = '{other}', at = created_at, channel = 'website'",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.service.database.write() as session:
            session.execute(sa.text(f"UPDATE interaction SET {change} WHERE id = '{said}'"))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.service.database.write() as session:
        session.execute(sa.text(f"DELETE FROM interaction WHERE id = '{said}'"))
    assert world.get(Interaction, said).uid == estate.uid
    # What a merge has moved does not go back by itself, nor by rewriting what says so.
    for statement in (
        f"UPDATE interaction SET uid = '{other}' WHERE id = '{said}'",
        f"UPDATE interaction SET version = version + 1 WHERE id = '{said}'",
        "DELETE FROM repointing",
        f"UPDATE repointing SET after = '{other}'",
        "UPDATE repointing SET position = -position",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.service.database.write() as session:
            session.execute(sa.text(statement))
    assert world.get(Interaction, said).uid == estate.uid


@pytest.mark.requirement("L-04", "L-01")
def test_a_merged_uid_reaches_the_survivor_by_every_way(estate: Estate, world: World) -> None:
    other, last = estate.customer("13900018000", "赵六"), estate.customer("13700137000", "钱七")
    merge(world, estate.uid, other)
    merge(world, last, estate.uid)
    steward = Actor.from_wire(STEWARD)
    for uid in (other, estate.uid):
        with world.reading(steward) as work:
            assert views.fetch(work, "customer", uid)["result"]["id"] == last
            assert views.history(work, "customer", uid) == views.history(work, "customer", last)
            assert views.search(work, "customer_key", {"filters": {"uid": uid}})["count"] == 3
        world.do("update_customer", {"id": uid, "name": "王芳"}, by=STEWARD)
        assert world.get(Customer, last).name == "王芳"
        said = log(world, uid)
        with world.reading() as work:
            found = views.search(work, "interaction", {"filters": {"uid": uid}})["result"]
        assert said in [one["id"] for one in found]
        assert {one["uid"] for one in found} == {last}
    assert set(uids(world, CustomerKey)) == {last}
    with pytest.raises(ValidationFailed) as refusal:
        estate.customer("13900018000")
    assert refusal.value.errors["phone"][0]["code"] == "key_taken"


@pytest.mark.requirement("L-04")
def test_merges_that_build_on_each_other_are_taken_back_in_turn(estate: Estate, world: World) -> None:
    other, last = estate.customer("13900018000", "赵六"), estate.customer("13700137000", "钱七")
    said, own = log(world, other), log(world, estate.uid)
    first = merge(world, estate.uid, other)
    second = merge(world, last, estate.uid)
    assert {world.get(Interaction, one).uid for one in (said, own)} == {last}
    with pytest.raises(IllegalMove) as refusal:
        world.do("reverse_customer_merge", {"id": first["id"], "reason": "误判"}, by=AFFAIRS)
    assert refusal.value.code == "merged_onward"
    world.do("reverse_customer_merge", {"id": second["id"], "reason": "误判"}, by=AFFAIRS)
    assert {world.get(Interaction, one).uid for one in (said, own)} == {estate.uid}
    world.do("reverse_customer_merge", {"id": first["id"], "reason": "误判"}, by=AFFAIRS)
    assert (world.get(Interaction, said).uid, world.get(Interaction, own).uid) == (other, estate.uid)


@pytest.mark.requirement("L-04")
def test_tasks_about_the_merged_customer_are_about_the_survivor(estate: Estate, world: World) -> None:
    other = estate.customer("13900018000", "赵六")
    with world.service.begin(SYSTEM, command="test") as work:
        work.task("duplicate_suspected", work.get(Customer, other), role="data_steward")
        work.finish()
    merge(world, estate.uid, other)
    assert [one.record_id for one in world.all(Task, Task.resource == "customer")] == [estate.uid]


@pytest.mark.requirement("L-04", "L-13")
def test_the_survivors_portrait_has_what_was_said_of_either(estate: Estate, world: World) -> None:
    other = estate.customer("13900018000", "赵六")
    SERVICE.found()
    said = {"uid": other, "tag": "region", "value": "余杭"}
    world.do("note_customer_tag", said, by=person("qian.jun", "site_sales_lead", scope="project:P01"))
    decided = merge(world, estate.uid, other)
    assert (world.get(Customer, estate.uid).tags or {}).get("region") == "余杭"
    world.do("reverse_customer_merge", {"id": decided["id"], "reason": "误判"}, by=AFFAIRS)
    assert "region" not in (world.get(Customer, estate.uid).tags or {})
    assert (world.get(Customer, other).tags or {}).get("region") == "余杭"


@pytest.mark.requirement("L-04", "L-42")
def test_the_survivors_protections_follow_from_both_registers(estate: Estate, world: World) -> None:
    other = estate.customer("13900018000", "赵六")
    for uid, agent in ((estate.uid, "lin.xue"), (other, "lin.xue"), (other, "gao.peng")):
        called = {"uid": uid, "project_id": "P01", "source": "telephone", "is_invited": True, "agent": agent}
        world.do("register_call_entry", called, by=person("qian.jun", "site_sales_lead", scope="project:P01"))

    def protected() -> list[tuple[str, str]]:
        return sorted((one.uid, one.agent) for one in world.all(Protection, Protection.state == "open"))

    before = protected()
    decided = merge(world, estate.uid, other)
    assert protected() == sorted([(estate.uid, "lin.xue"), (estate.uid, "gao.peng")])
    world.do("reverse_customer_merge", {"id": decided["id"], "reason": "误判"}, by=AFFAIRS)
    assert protected() == before


@pytest.mark.requirement("L-04", "B-52")
def test_a_merged_customers_referral_is_the_survivors_and_goes_back(estate: Estate, world: World) -> None:
    friend = {"name": "钱七", "phone": "13700137000", "channel": "telephone", "project_id": "P01", "at": world.now}
    told = ReferralRegistered(referral_id="rf-1", number="RF 1", referrer_uid=estate.uid, **friend)
    world.take(delivery(told))
    (uid,) = uids(world, ReferredCustomer)
    other = estate.customer("13900018000", "钱七")
    decided = merge(world, other, uid)
    assert uids(world, ReferredCustomer) == uids(world, SalesFollowUp) == [other]
    world.do("reverse_customer_merge", {"id": decided["id"], "reason": "误判"}, by=AFFAIRS)
    assert uids(world, ReferredCustomer) == uids(world, SalesFollowUp) == [uid]
    merge(world, other, uid)
    came = {"project_id": "P01", "been_before": False, "has_called": False, "is_recommended": True}
    visit = world.do("register_visit_entry", {"uid": other, **came}, by=person("qian.jun", "site_sales_lead"))
    (referred,) = world.all(ReferredCustomer)
    assert (referred.visit_id, world.told(VisitRegistered)[-1]["referral_id"]) == (visit["id"], "rf-1")
    world.take(delivery(ReferralVoided(referral_id="rf-1", cause="cancelled")))
    assert [one.state for one in world.all(ReferredCustomer)] == ["ended"]


@pytest.mark.requirement("L-04")
def test_what_is_written_of_the_survivor_meanwhile_refuses_no_reversal(
    both: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, estate = both, Estate(both)
    other = estate.customer("13900018000", "赵六")
    estate.sign(uid=other)
    decided = merge(world, estate.uid, other)
    meanwhile = threading.Thread(target=lambda: world.perform(go_stale, estate.uid))
    part = joining.part

    def after_another(*given: Any) -> None:
        meanwhile.start()
        meanwhile.join(0.3)
        part(*given)

    monkeypatch.setattr(joining, "part", after_another)
    done = world.do("reverse_customer_merge", {"id": decided["id"], "reason": "误判"}, by=AFFAIRS)
    meanwhile.join(10)
    assert (done["state"], world.get(Customer, estate.uid).is_stale) == ("reversed", True)
