"""Approval under histories that nobody thought of: what a model of a few lines says, the service does (X-43, X-44)."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from services.chassis.approvals import Approval
from services.complaints.cases import Case
from services.contracts.errors import (
    AnjuError,
    DecidedAlready,
    Forbidden,
    IllegalMove,
    OwnSubmission,
    ValidationFailed,
)
from services.contracts.fields import to_wire
from tests.integration.complaints.world import EVIDENCE, HOUR, World, opened, person

PEOPLE = {
    "han": person("han", "complaint_handler"),
    "li": person("li", "complaint_handler", "company_manager"),
    "ma": person("ma", "company_manager"),
    "mb": person("mb", "company_manager"),
    "sun": person("sun", "complaint_supervisor"),
}
HANDLERS, MANAGERS = ("han", "li"), ("li", "ma", "mb")
somebody, handlers, managers = st.sampled_from(sorted(PEOPLE)), st.sampled_from(HANDLERS), st.sampled_from(MANAGERS)
NEVER = timedelta(days=400)


@dataclass
class Round:
    """What the model knows of one submission."""

    content: dict[str, Any]
    submitted_by: str
    snapshot: dict[str, Any] = field(default_factory=dict)
    verdict: str = "submitted"
    decided_by: str | None = None
    absent: frozenset[str] = frozenset()
    reason: str | None = None


class History:
    """The plan of one case and everything that people, entitled or not, try with it; the rest of the case stands."""

    def __init__(self, world: World) -> None:
        world.later(NEVER)  # nobody is away any more whom an earlier history sent away
        self.world = world
        self.state, self.standing, self.version = "plan_drafted", "drafted", 1
        self.rounds: list[Round] = []
        self.away: list[tuple[str, str, datetime]] = []
        self.content: dict[str, Any] = {"plan": "甲", "amount_proposed": "800.00", "consultation": None}
        self.case_id = world.placed("analysed", cause="x", evidence=EVIDENCE)
        world.do("draft_plan_case", PEOPLE["han"], id=self.case_id, **self.content)

    def tries(self, expected: type[AnjuError] | None, command: str, by: str, **payload: Any) -> bool:
        """Give the command; whether it was done, which the model has foretold."""
        refused: type[AnjuError] | None = None
        try:
            self.world.do(command, PEOPLE[by], id=self.case_id, **payload)
        except AnjuError as refusal:
            refused = type(refusal)
        assert refused is expected, (command, by, payload)
        return refused is None

    def go_on(self, by: str, manager: str, text: str, amount: str | None, verdict: str) -> None:
        """What the case waits for, by somebody who may do it."""
        if self.state == "plan_drafted" and self.standing == "drafted":
            self.submit(by)
        elif self.state == "plan_drafted":
            self.revise(by, text, amount, True)
        elif self.state == "plan_submitted":
            self.decide(manager, verdict, "过高")
        elif self.state == "plan_approved":
            self.present(by)
        elif self.state == "negotiating":
            self.fail(by)

    def revise(self, by: str, text: str, amount: str | None, asked: bool) -> None:
        content = {"plan": text, "amount_proposed": amount, "consultation": "已沟通" if asked else None}
        if self.state != "plan_drafted":
            expected: type[AnjuError] | None = IllegalMove
        else:
            expected = ValidationFailed if self.standing == "rejected" and not asked else None
        if self.tries(expected, "revise_plan_case", by, **content):
            self.version += self.standing != "drafted"
            self.standing, self.content = "drafted", content

    def submit(self, by: str) -> None:
        possible = (self.state, self.standing) == ("plan_drafted", "drafted")
        if self.tries(None if possible else IllegalMove, "submit_plan_case", by):
            self.state = self.standing = "plan_submitted"
            self.rounds.append(Round(self.content, by))

    def stands_in_for(self, by: str) -> frozenset[str]:
        return frozenset(absent for absent, deputy, until in self.away if deputy == by and self.world.now < until)

    def refusal(self, by: str, verdict: str, reason: str) -> type[AnjuError] | None:
        if self.state != "plan_submitted":
            return DecidedAlready if self.rounds and self.rounds[-1].decided_by else IllegalMove
        if self.rounds[-1].submitted_by == by:
            return OwnSubmission
        if by not in MANAGERS and not self.stands_in_for(by):
            return Forbidden
        return ValidationFailed if verdict == "rejected" and not reason.strip() else None

    def decide(self, by: str, verdict: str, reason: str) -> None:
        command, says = ("approve_plan_case", "comment") if verdict == "approved" else ("reject_plan_case", "reason")
        if self.tries(self.refusal(by, verdict, reason), command, by, **{says: reason}):
            one = self.rounds[-1]
            one.verdict, one.decided_by, one.reason = verdict, by, reason.strip() or None
            one.absent = frozenset() if by in MANAGERS else self.stands_in_for(by)
            self.state = "plan_approved" if verdict == "approved" else "plan_drafted"
            self.standing = verdict

    def present(self, by: str) -> None:
        """Only what was approved is put to the customer, word for word."""
        told = {"minutes": "纪要", "offers": "x", "attendance": "双方"}
        if self.tries(None if self.state == "plan_approved" else IllegalMove, "negotiate_case", by, **told):
            self.state, self.standing = "negotiating", "presented"
            assert self.rounds[-1].verdict == "approved"

    def fail(self, by: str) -> None:
        possible = self.state == "negotiating"
        if self.tries(None if possible else IllegalMove, "fail_negotiation_case", by, differences="x"):
            self.state, self.standing = "plan_drafted", "refused"

    def withdraw(self) -> None:
        if len(self.rounds) < 2:
            return
        if self.tries(None if self.state != "withdrawn" else IllegalMove, "withdraw_case", "han", statement="x"):
            if self.state == "plan_submitted":
                self.rounds[-1].verdict = "withdrawn"
            self.state = "withdrawn"

    def leave(self, absent: str, deputy: str, hours: int) -> None:
        if absent == deputy:
            return
        until = self.world.now + hours * HOUR
        away = {"away_from": to_wire(self.world.now), "away_until": to_wire(until)}
        self.world.do("announce_absence", PEOPLE[absent], role="company_manager", deputy=deputy, **away)
        self.away.append((absent, deputy, until))

    def wait(self, hours: int) -> None:
        self.world.later(hours * HOUR)

    def the_rounds_are_what_was_submitted_and_decided(self) -> None:
        found = sorted(self.world.all(Approval, Approval.record_id == self.case_id), key=lambda one: one.round)
        assert [one.round for one in found] == list(range(1, len(self.rounds) + 1))
        for one, known in zip(found, self.rounds, strict=True):
            said = (one.state, one.submitted_by, one.decided_by, one.reason)
            assert said == (known.verdict, known.submitted_by, known.decided_by, known.reason)
            assert one.decided_by != one.submitted_by
            assert one.decided_for in (known.absent or {None})
            known.snapshot = known.snapshot or one.snapshot
            assert one.snapshot == known.snapshot
            assert one.snapshot | known.content == one.snapshot
            assert one.snapshot_hash == digest(one.snapshot)
        assert sum(one.state == "submitted" for one in found) == (self.state == "plan_submitted")

    def the_case_stands_where_the_last_decision_left_it(self) -> None:
        (case,) = self.world.all(Case, Case.id == self.case_id)
        assert (case.state, case.plan_version) == (self.state, self.version)
        assert {name: to_wire(getattr(case, name)) for name in self.content} == self.content
        if self.standing in ("approved", "presented") and self.state != "withdrawn":
            assert case.approver == self.rounds[-1].decided_by
        if self.standing == "drafted":
            assert case.approver is None, "an edited plan is approved by nobody"


def digest(snapshot: dict[str, Any]) -> str:
    """The fingerprint that anybody can compute of what they were shown."""
    canonical = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


texts, amounts = st.sampled_from("甲乙丙"), st.sampled_from([None, "800.00", "5000.00"])
verdicts, reasons = st.sampled_from(["approved", "rejected"]), st.sampled_from(["", " ", "过高"])
hours = st.integers(1, 8)
#: What somebody may do next; half of the time it is what the case waits for, or no history would come far.
STEPS = {
    "go_on": st.tuples(handlers, managers, texts, amounts, verdicts),
    "revise": st.tuples(handlers, texts, amounts, st.booleans()),
    "submit": st.tuples(handlers),
    "decide": st.tuples(somebody, verdicts, reasons),
    "present": st.tuples(handlers),
    "fail": st.tuples(handlers),
    "withdraw": st.tuples(),
    "leave": st.tuples(managers, somebody, hours),
    "wait": st.tuples(hours),
}
LIKELY = [*["go_on"] * 8, "revise", "submit", *["decide"] * 5, "present", "fail", *["leave"] * 3, "wait", "withdraw"]
steps = st.sampled_from(LIKELY).flatmap(lambda name: st.tuples(st.just(name), STEPS[name]))


@pytest.mark.requirement("X-43", "X-44", "X-331", "C-45", "C-46", "C-47", "C-48", "C-50")
@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=20, max_size=25))
def test_whatever_people_try_with_a_plan_the_model_has_foretold(world: World, tried: list[Any]) -> None:
    history = History(world)
    for name, arguments in tried:
        note(f"{name} {arguments}, in {history.state}")
        getattr(history, name)(*arguments)
        history.the_rounds_are_what_was_submitted_and_decided()
        history.the_case_stands_where_the_last_decision_left_it()


CASES = 8


def _decide_each(
    url: str, user: str, command: str, payload: dict[str, Any], case_ids: list[str], together: Any, said: Any
) -> None:
    """One process of its own that decides case after case, each at the same moment as the other process."""
    with opened(url) as world:
        for case_id in case_ids:
            together.wait(60)
            try:
                world.do(command, PEOPLE[user], id=case_id, **payload)
                said.put((case_id, user, None))
            except AnjuError as refusal:
                said.put((case_id, user, (type(refusal).__name__, refusal.params)))


@pytest.mark.requirement("C-46", "C-47", "X-43")
def test_of_two_processes_that_decide_at_once_exactly_one_wins(world: World) -> None:
    case_ids = [world.soon_to("plan_submitted")["id"] for _ in range(CASES)]
    url = world.service.database.engine.url.render_as_string(hide_password=False)
    apart = multiprocessing.get_context("spawn")
    together, said = apart.Barrier(2), apart.Queue()
    verdicts = {"ma": ("approve_plan_case", {}, "approved"), "mb": ("reject_plan_case", {"reason": "x"}, "rejected")}
    processes = [
        apart.Process(target=_decide_each, args=(url, user, command, payload, case_ids, together, said), daemon=True)
        for user, (command, payload, _) in verdicts.items()
    ]
    for process in processes:
        process.start()
    answers = [said.get(timeout=90) for _ in range(2 * CASES)]
    for process in processes:
        process.join(30)
    for case_id in case_ids:
        (winner,) = [user for one, user, refusal in answers if one == case_id and refusal is None]
        (refusal,) = [refusal for one, _, refusal in answers if one == case_id and refusal is not None]
        verdict = verdicts[winner][2]
        assert refusal == ("DecidedAlready", {"by": winner, "verdict": verdict})
        (approval,) = world.found("approval", record_id=case_id)
        assert (approval["state"], approval["decided_by"]) == (verdict, winner)
        assert [row.name for row in world.events(record_id=case_id) if "_plan_" in row.name] == [
            f"complaint_plan_{verdict}"
        ]
