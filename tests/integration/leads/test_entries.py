"""Who writes an entry, and what a correction says: the registers are the sole evidence for whose a customer is (ADR 14,
L-23, L-24, X-47)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.duties import Task
from services.chassis.records import new_id
from services.contracts.errors import Forbidden, NotFound, ValidationFailed
from services.contracts.events.leads_sales import CallRegistered, VisitRegistered
from services.leads.customers import CustomerStage
from services.leads.interactions import Interaction
from services.leads.ownership.records import Protection
from services.leads.reception.entries import VisitEntry
from services.leads.reception.follow_ups import SalesFollowUp
from tests.integration.leads.deals import LEAD, Floor, agent, on
from tests.integration.leads.floor import refused
from tests.integration.leads.world import World, person

INTAKE = {"been_before": False, "has_called": False, "is_recommended": False, "project_id": "P01"}
STAND = {**INTAKE, "place": "outreach_stand"}
CALLED = {"project_id": "P01", "source": "telephone", "is_invited": True}
NAMED = {"named_agent": "lin", "how_named": "by_name"}
OPERATOR = person("han", "hotline_operator", scope="company:C01")


@pytest.fixture(scope="module")
def site(shared: World) -> Floor:
    """One floor for all tests; each has customers of its own."""
    return Floor(shared)


def contact(floor: Floor, uid: str) -> dict[str, Any]:
    """How an agent who does not know of a customer writes down who they are."""
    with floor.world.reading() as work:
        customer = work.session.execute(sa.text("SELECT name, phone FROM customer WHERE id = :id"), {"id": uid}).one()
    return {"name": customer.name, "phone": customer.phone}


def meet(floor: Floor, uid: str, by: str, **more: Any) -> dict[str, Any]:
    return floor.world.do("meet_visit_entry", {**STAND, **contact(floor, uid), **more}, by=agent(by))


def call(floor: Floor, uid: str, by: dict[str, Any], **more: Any) -> dict[str, Any]:
    return floor.world.do("register_call_entry", {**CALLED, **contact(floor, uid), **more}, by=by)


def correct(floor: Floor, entry: dict[str, Any], **changes: Any) -> dict[str, Any]:
    register = "visit" if "kind" in entry else "call"
    said = {"corrects_id": entry["id"], "correction_reason": "登记有误", **changes}
    return floor.world.do(f"correct_{register}_entry", said, by=LEAD)


@pytest.mark.requirement("L-24", "L-35")
def test_an_agent_writes_visits_away_from_the_site_as_their_own(site: Floor) -> None:
    site.world.now, uid, given = on(1), site.customer(), site.customer()
    with pytest.raises(Forbidden):
        site.world.do("register_visit_entry", {**INTAKE, **contact(site, uid)}, by=agent("zhao"))
    assert refused(meet, site, uid, "zhao", place="sales_site") == {"place": "rotation_receives"}
    for field, value in (("at", on(1)), ("agent", "lin"), ("deputy", "lin")):
        assert refused(meet, site, uid, "zhao", **{field: value}) == {field: "unknown_field"}
    own = meet(site, uid, "zhao")
    assert (own["agent"], own["deputy"], own["place"], own["kind"]) == ("zhao", None, "outreach_stand", "first")
    assert site.states(uid) == {"zhao": "open"}
    for_lin = meet(site, given, "zhao", **NAMED)
    assert (for_lin["agent"], for_lin["deputy"], for_lin["named_agent"]) == ("lin", "zhao", "lin")


@pytest.mark.requirement("L-23", "L-24")
def test_what_is_late_or_somebody_elses_is_the_leads_to_write(site: Floor) -> None:
    world, uid = site.world, site.customer()
    world.now = on(3)
    both = {"sales_agent": ["project:P01"], "site_sales_lead": ["project:P02"]}
    for writer in (agent("zhao"), OPERATOR, {"user": "zhao", "name": "zhao", "roles": both}):
        late = {"at": on(3, 9), "agent": "lin"}
        assert refused(call, site, uid, writer, **late) == dict.fromkeys(late, "late_entry_by_lead")
        assert refused(call, site, uid, writer, at=on(3)) == {"at": "late_entry_by_lead"}
    assert site.states(uid) == {}
    late = call(site, uid, LEAD, at=on(1), agent="lin")
    assert (late["agent"], late["created_by"], late["created_at"]) == ("lin", LEAD["user"], "2026-05-03T02:00:00Z")
    mine = call(site, uid, agent("zhao"), agent="zhao")
    assert (mine["agent"], mine["at"], mine["created_by"]) == ("zhao", mine["created_at"], "zhao")


@pytest.mark.requirement("L-43", "L-66", "L-76")
def test_who_closes_neither_dates_the_deal_nor_names_somebody(site: Floor) -> None:
    world, uid, home = site.world, site.customer(), site.home()
    for by, day in (("zhao", 10), ("lin", 11)):
        world.now = on(day)
        site.visit(uid, by)
    deal = {"uid": uid, "home_id": home, "deposit": "50000"}
    before_zhao = {**deal, "signed_at": on(9)}

    def sign(command: str, said: dict[str, Any]) -> dict[str, str]:
        return refused(world.do, f"sign_{command}", said, by=agent("lin"))

    assert sign("reservation", before_zhao) == {"signed_at": "late_entry_by_lead"}
    assert sign("reservation", {**deal, "agent": "zhao"}) == {"agent": "late_entry_by_lead"}
    sale = {"uid": uid, "home_id": home, "amount": "2000000", "signed_on": "2026-05-11"}
    assert sign("contract", {**sale, "signed_on": "2026-05-09"}) == {"signed_on": "late_entry_by_lead"}
    assert sign("contract", {**sale, "agent": "gao"}) == {"agent": "late_entry_by_lead"}
    signed = world.do("sign_reservation", {**deal, "agent": "lin"}, by=agent("lin"))
    assert (signed["agent"], site.shares(signed["id"])) == ("lin", ("r1", {"zhao": 100}))
    assert sign("contract", {**sale, "agent": "gao"}) == {"agent": "late_entry_by_lead"}
    assert world.do("sign_contract", {**sale, "agent": "lin"}, by=agent("gao"))["agent"] == "lin", "as it was reserved"


@pytest.mark.requirement("L-23", "L-24", "L-43")
def test_nobody_is_named_by_a_customer_on_their_own_word(site: Floor) -> None:
    world, zhaos, stranger, old = site.world, site.customer(), site.customer(), site.customer()
    world.now = on(1)
    site.visit(zhaos, "zhao")
    site.visit(old, "lin")
    world.now = on(3)
    assert refused(meet, site, stranger, "lin", **NAMED) == {"named_agent": "names_yourself"}
    assert refused(meet, site, zhaos, "lin", **NAMED) == {"named_agent": "names_yourself"}
    call(site, zhaos, agent("lin"))
    assert refused(meet, site, zhaos, "lin", **NAMED) == {"named_agent": "names_yourself"}, "zhao had them before"
    deal = site.reserve(zhaos, "lin")
    assert site.shares(deal["id"]) == ("r1", {"zhao": 100})
    site.visit(old, "zhao", on(2))
    assert meet(site, old, "lin", **NAMED)["agent"] == "lin", "lin's before they were zhao's"
    assert site.states(old) == {"lin": "open", "zhao": "ceded"}
    call(site, stranger, agent("lin"))
    assert meet(site, stranger, "lin", **NAMED)["named_agent"] == "lin", "nobody else has them"
    for writer in ("gao", LEAD):
        other = site.customer()
        if writer is LEAD:
            entry = world.do("register_visit_entry", {**INTAKE, **NAMED, **contact(site, other)}, by=LEAD)
        else:
            entry = meet(site, other, str(writer), **NAMED)
        assert entry["named_agent"] == "lin"


@pytest.mark.requirement("L-24", "L-25")
def test_the_intake_at_the_rotation_believes_nobody_about_themselves_either(site: Floor) -> None:
    world, uid = site.world, site.customer()
    world.now = on(4)
    world.do("open_roster", {"project_id": "P01", "agents": ["zhao", "lin"]}, by=LEAD)
    ready = dict.fromkeys(("dress", "props", "sales_control", "sales_facts", "data_changes"), True)
    for user in ("zhao", "lin"):
        world.do("declare_readiness_check", {"project_id": "P01", **ready}, by=agent(user))

    def receive(by: str) -> dict[str, Any]:
        return world.do("receive_reception", {**INTAKE, **NAMED, **contact(site, uid)}, by=agent(by))

    assert refused(receive, "lin") == {"named_agent": "names_yourself"}
    assert world.all(VisitEntry, VisitEntry.uid == uid) == []
    assert receive("zhao")["agent"] == "lin"


@pytest.mark.requirement("L-20", "L-40", "L-43")
def test_whom_the_hotline_took_a_call_of_is_nobodys_customer(site: Floor) -> None:
    world, uid = site.world, site.customer()
    world.now = on(1, 9)
    entry = call(site, uid, OPERATOR)
    assert (entry["agent"], site.states(uid)) == (None, {})
    (told,) = [one for one in world.told(CallRegistered) if one["uid"] == uid]
    assert (told["agent"], told["window_end"]) == ("han", "2026-05-06")
    (line,) = world.all(Interaction, Interaction.uid == uid)
    (stage,) = world.all(CustomerStage, CustomerStage.uid == uid)
    assert (line.by, stage.agent) == ("han", None)
    (due,) = world.all(SalesFollowUp, SalesFollowUp.uid == uid)
    world.at(on(2, 9))
    tasks = world.all(Task, Task.record_id == due.id)
    assert [(one.subject, one.role, one.assignee) for one in tasks] == [
        ("sales_follow_up_overdue", "site_sales_lead", None)
    ]
    with pytest.raises(NotFound):
        world.do("record_sales_follow_up", {"id": due.id, "channel": "sms", "result": "reached"}, by=agent("gao"))
    world.do("assign_sales_follow_up", {"id": due.id, "agent": "gao"}, by=LEAD)
    tasks = world.all(Task, Task.record_id == due.id, Task.state == "open")
    assert [(one.subject, one.role, one.assignee) for one in tasks] == [
        ("sales_follow_up_overdue", "sales_agent", "gao")
    ], "what was overdue goes along"
    said = {"id": due.id, "channel": "telephone", "result": "reached"}
    assert world.do("record_sales_follow_up", said, by=agent("gao"))["done_by"] == "gao"
    corrected = correct(site, entry, needs="两房")
    assert [(one.by, one.content) for one in world.all(Interaction, Interaction.reference == corrected["number"])] == [
        ("han", "两房")
    ]
    world.now = on(3)
    site.visit(uid, "gao")
    assert site.shares(site.reserve(uid, "gao")["id"]) == ("r1", {"gao": 100})


@pytest.mark.requirement("X-47")
@pytest.mark.parametrize(("changed", "whose"), [({"at": on(1, 9)}, "gao"), ({"agent": "lin"}, "lin")])
def test_a_corrected_call_is_followed_up_by_whoever_was_given_it(
    site: Floor, changed: dict[str, Any], whose: str
) -> None:
    world, uid = site.world, site.customer()
    world.now = on(1)
    entry = call(site, uid, OPERATOR)
    (due,) = world.all(SalesFollowUp, SalesFollowUp.uid == uid)
    if whose == "gao":
        world.do("assign_sales_follow_up", {"id": due.id, "agent": "gao"}, by=LEAD)
    correct(site, entry, **changed)
    (due,) = world.all(SalesFollowUp, SalesFollowUp.uid == uid, SalesFollowUp.state == "open")
    assert due.agent == whose


@pytest.mark.requirement("X-47", "L-23")
def test_one_entry_has_one_correction_and_that_one_the_next(site: Floor) -> None:
    world, uid, other = site.world, site.customer(), site.customer()
    world.now = on(1, 9)
    wrong = site.visit(uid, "zhao")
    right = correct(site, wrong, uid=other)
    twice = refused(correct, site, wrong, party_size=2)
    assert twice == {"corrects_id": "corrected_already"}
    assert (site.states(uid), site.states(other)) == ({"zhao": "ceded"}, {"zhao": "open"})
    again = correct(site, right, uid=uid)
    assert (site.states(uid), site.states(other)) == ({"zhao": "open"}, {"zhao": "ceded"})
    told = [one for one in world.told(VisitRegistered) if one["uid"] in (uid, other)]
    assert [(one["visit_id"], one["corrects_id"], one["uid"]) for one in told] == [
        (wrong["id"], None, uid),
        (right["id"], wrong["id"], other),
        (again["id"], right["id"], uid),
    ]
    assert len(world.all(Protection, Protection.uid == uid)) == 1
    row = sa.select(VisitEntry.__table__).where(VisitEntry.id == right["id"])
    with pytest.raises(sa.exc.IntegrityError), world.service.database.write() as session:
        copied = dict(session.execute(row).one()._mapping) | {"id": new_id(), "number": "FV 2026-P01-999999"}
        session.execute(sa.insert(VisitEntry.__table__).values(copied))


@pytest.mark.requirement("X-47", "L-43")
def test_a_correction_empties_what_may_be_empty_and_contradicts_nothing(site: Floor) -> None:
    world, uid = site.world, site.customer()
    world.now = on(1, 9)
    entry = site.visit(uid, "zhao", named="lin", needs="三房", party_size=3)
    assert refused(correct, site, entry, agent="zhao") == {"named_agent": "named_has_the_visit"}
    unnamed = {"named_agent": None, "how_named": None}
    assert refused(correct, site, entry, agent="zhao", **unnamed) == {"deputy": "same_agent"}
    assert refused(correct, site, entry, named_agent=None) == {"named_agent": "required"}
    assert refused(correct, site, entry, place=None) == {"place": "required"}
    fixed = correct(site, entry, agent="zhao", deputy=None, **unnamed)
    assert (fixed["agent"], fixed["named_agent"], fixed["how_named"], fixed["deputy"]) == ("zhao", None, None, None)
    assert (fixed["needs"], fixed["party_size"], fixed["uid"]) == ("三房", 3, uid), "what was left out stays"
    assert site.shares(site.reserve(uid, "zhao")["id"]) == ("r1", {"zhao": 100})
    assert correct(site, fixed, needs=None)["needs"] is None
    taken = call(site, site.customer(), agent("zhao"), topic="budget", appointment_at=on(2))
    assert refused(correct, site, taken, is_invited=False) == {"is_invited": "appointment_without_invitation"}
    emptied = correct(site, taken, is_invited=False, appointment_at=None)
    assert (emptied["appointment_at"], emptied["topic"], emptied["agent"]) == (None, "budget", "zhao")
    assert [one["topic"] for one in world.told(CallRegistered)[-2:]] == ["budget", "budget"]


@pytest.mark.requirement("L-23")
def test_a_late_entry_is_not_the_last_contact(site: Floor) -> None:
    world, uid = site.world, site.customer()
    world.now = on(5)
    last = site.visit(uid, "lin")
    late = site.call(uid, "zhao", on(2))

    def received_by() -> str | None:
        (stage,) = world.all(CustomerStage, CustomerStage.uid == uid)
        return stage.agent

    assert received_by() == "lin"
    correct(site, late, agent="gao")
    assert received_by() == "lin"
    correct(site, last, uid=site.customer())
    assert received_by() == "gao"


@pytest.mark.requirement("X-47", "X-55")
def test_a_corrected_contact_is_not_in_the_future(site: Floor) -> None:
    world, uid = site.world, site.customer()
    world.now = on(5)
    site.call(uid, "zhao")
    (line,) = world.all(Interaction, Interaction.uid == uid)
    said = {"corrects_id": line.id, "correction_reason": "时间", "at": on(5, 10, 1)}
    with pytest.raises(ValidationFailed) as refusal:
        world.do("correct_interaction", said, by=LEAD)
    assert refusal.value.errors == {"at": [{"code": "in_the_future", "params": {}}]}
    assert world.do("correct_interaction", {**said, "at": on(5)}, by=LEAD)["corrects_id"] == line.id
