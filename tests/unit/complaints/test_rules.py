"""The rules as plain functions: levels, ladder, words, limits, and the guards of moves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from services.complaints.cases import ending, execution, inquiry, intake, negotiation, planning, supervision
from services.complaints.cases.case import Case, cases, external_consent, plan_approval
from services.complaints.cases.levels import rung, signs, supervisors, urgency_of
from services.complaints.cases.limits import escalation
from services.complaints.keywords import LevelKeyword, kinds_in
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.complaints import LevelTrigger
from services.contracts.vocabulary.enquiries import KeywordKind
from services.contracts.vocabulary.maintenance import Urgency

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Still:
    """A unit of work without a database: the default figures, one moment, and the words that it is given."""

    def __init__(self, user: str = "han", words: tuple[LevelKeyword, ...] = (), system: bool = False) -> None:
        self.now, self.today, self.words = NOW, date(2026, 3, 2), list(words)
        self.actor = SimpleNamespace(user=user, is_system=system)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.given: list[str] = []

    def parameter(self, parameter: Any) -> Any:
        return parameter.default

    def all(self, record: Any, *conditions: Any) -> list[Any]:
        return self.words

    def emit(self, event: Any, record: Any = None, **facts: Any) -> None:
        self.told.append((event.__name__, facts))

    def task(self, subject: str, record: Any, **facts: Any) -> None:
        self.given.append(subject)

    def perform(self, function: Any, **params: Any) -> None:
        self.told.append((function.__name__, params))


def case(**facts: Any) -> Case:
    return Case(**{"level": 1, "department": "project_department", "kind": "complaint", **facts})


def word(text: str, kind: KeywordKind, state: str = "in_force") -> LevelKeyword:
    return LevelKeyword(word=text, kind=kind, state=state)


@pytest.mark.requirement("C-30")
def test_the_supervisors_of_the_levels() -> None:
    assert supervisors(1, "customer_affairs") == ["complaint_supervisor"]
    assert supervisors(2, "customer_affairs") == ["customer_affairs"]
    assert supervisors(3, "customer_affairs") == ["company_manager"]
    assert set(supervisors(4, "customer_affairs")) == {"group_centre", "company_manager", "public_relations"}


@pytest.mark.requirement("C-34")
def test_the_rungs_begin_at_the_cases_own_level() -> None:
    assert [rung(case(level=2), step) for step in (1, 2, 3, 4)] == [
        "project_department",
        "company_manager",
        "group_centre",
        None,
    ]
    assert [rung(case(level=4), step) for step in (1, 2)] == ["group_centre", None]


@pytest.mark.requirement("C-34")
def test_each_rung_has_two_hours_for_high_value_and_a_day_for_others() -> None:
    assert escalation(case(tier="high_value")).length(2).total_seconds() == 7200
    assert (escalation(case(tier="high_value")).default, escalation(case(tier="ordinary")).default) == (2, 24)


@pytest.mark.requirement("C-20", "C-21", "C-22", "C-27")
def test_which_limit_a_case_has() -> None:
    limits = {rule.name: rule for rule in cases.clocks}

    def limit(name: str, **facts: Any) -> tuple[Any, str] | None:
        found = limits[name].limit_for(case(**facts))
        return (found.default, found.unit) if found is not None else None

    assert limit("first_response", tier="high_value") == (1, "h")
    assert limit("first_response", tier="ordinary") == (2, "h")
    assert limit("solution", solution_fed_back_at=None) == (24, "h")
    assert limit("solution", solution_fed_back_at=NOW) is None


@pytest.mark.requirement("C-29")
def test_urgency_comes_from_words_and_level() -> None:
    assert urgency_of(1, danger=True) == Urgency.EMERGENCY
    assert [urgency_of(level, danger=False) for level in (1, 2, 3, 4)] == ["normal", "normal", "high", "high"]


@pytest.mark.requirement("C-31")
def test_words_in_both_languages_and_in_any_case() -> None:
    work: Any = Still()
    assert kinds_in(work, "阳台坍塌", None) == {KeywordKind.SAFETY}
    assert kinds_in(work, "I will call a JOURNALIST", "有人触电") == {KeywordKind.SAFETY, KeywordKind.MEDIA}
    assert kinds_in(work, "账单有误", None, "") == set()


@pytest.mark.requirement("C-31")
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("電梯墜落", KeywordKind.SAFETY),
        ("有人觸電", KeywordKind.SAFETY),
        ("燃氣洩漏", KeywordKind.SAFETY),
        ("The ceiling collapsed", KeywordKind.SAFETY),
        ("it is collapsing", KeywordKind.SAFETY),
        ("我會找記者", KeywordKind.MEDIA),
        ("I know two journalists", KeywordKind.MEDIA),
    ],
)
def test_words_are_heard_however_they_are_written(said: str, kind: KeywordKind) -> None:
    work: Any = Still()
    assert kinds_in(work, said) == {kind}


@pytest.mark.requirement("C-31")
@pytest.mark.parametrize("said", ["an issue with the bill", "the humane society", "the pursuer"])
def test_a_word_within_another_english_word_is_none(said: str) -> None:
    work: Any = Still()
    assert kinds_in(work, said) == set()


@pytest.mark.requirement("C-31")
def test_a_company_keeps_its_own_words() -> None:
    own: Any = Still(words=(word("甲醛", KeywordKind.SAFETY), word("坍塌", KeywordKind.SAFETY, "excluded")))
    assert kinds_in(own, "甲醛超标") == {KeywordKind.SAFETY}
    assert kinds_in(own, "吊顶坍塌") == set()


@pytest.mark.requirement("C-30")
def test_what_makes_a_case_serious() -> None:
    work: Any = Still()
    assert signs(work, None, "起火", "记者") == LevelTrigger.SAFETY_KEYWORD
    assert signs(work, None, "记者") == LevelTrigger.MEDIA_MENTION
    assert signs(work, Decimal(100_000), "x") == LevelTrigger.LARGE_CLAIM
    assert signs(work, Decimal("99999.99"), "x") is None


@pytest.mark.requirement("X-45")
def test_what_the_matrix_is_asked_about() -> None:
    one = case(level=3, amount_proposed=Decimal(8000), group_suspected=True)
    assert (plan_approval.level(one), plan_approval.amount(one), plan_approval.group(one)) == (3, 8000, True)
    assert plan_approval.amount(case(amount_proposed=None)) == 0
    assert external_consent.level(one) == 3


@pytest.mark.requirement("C-28")
def test_only_a_human_is_a_first_contact() -> None:
    bot: Any = Still(system=True)
    human: Any = Still()
    refusal = intake._by_a_human(case(), bot)
    assert refusal is not None
    assert refusal.code == "human_contact_only"
    assert intake._by_a_human(case(), human) is None


@pytest.mark.requirement("C-43")
def test_the_investigator_is_a_named_person() -> None:
    work: Any = Still(user="han")
    assert inquiry._the_investigator(case(investigator="han"), work) is None
    assert inquiry._the_investigator(case(investigator="zhou"), work) is not None


@pytest.mark.requirement("C-59")
@pytest.mark.parametrize(("day", "open_again"), [(31, True), (1, False)])
def test_the_last_day_of_reopening_counts(day: int, open_again: bool) -> None:
    work: Any = Still()
    work.today = date(2026, 3, day) if day == 31 else date(2026, 4, 1)
    closed = case(closed_at=datetime(2026, 3, 1, 15, 59, tzinfo=UTC))
    assert (ending._in_time(closed, work) is None) == open_again
    assert ending._in_time(case(closed_at=closed.closed_at, repeat_fault_at=closed.closed_at), work) is None


@pytest.mark.requirement("C-58")
@pytest.mark.parametrize(("failed", "enough"), [(2, False), (3, True), (4, True)])
def test_three_failed_rounds_open_the_way_out(failed: int, enough: bool) -> None:
    work: Any = Still()
    assert (ending._enough_rounds(case(failed_rounds=failed), work) is None) == enough


@pytest.mark.requirement("C-55", "C-100")
def test_a_cause_becomes_an_action_of_each_department() -> None:
    work: Any = Still()
    one = case(cause="渗水")
    letter: Any = {"transfer_form": "meeting_minutes", "transfer_document": "x", "work": work}
    asked: Any = {"corrective_action": "培训", "due_on": date(2026, 3, 31), **letter}
    execution.transfer_cause(one, departments=["marketing", "finance", "marketing"], **asked)  # type: ignore[list-item]
    execution.transfer_cause(one, departments=["discipline"], disciplines=["design", "cost"], **asked)  # type: ignore[list-item]
    given = [(facts["department"], facts["discipline"]) for _, facts in work.told]
    assert given == [("marketing", None), ("finance", None), ("discipline", "design"), ("discipline", "cost")]
    assert {(facts["action"], facts["due_on"], facts["cause"]) for _, facts in work.told} == {
        ("培训", date(2026, 3, 31), "渗水")
    }
    for wrong, field in (
        ({"departments": []}, "departments"),
        ({"departments": ["discipline"]}, "disciplines"),
        ({"departments": ["marketing"], "due_on": None}, "due_on"),
        ({"departments": ["marketing"], "no_action_reason": "偶发"}, "corrective_action"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            execution.transfer_cause(one, **{**asked, **wrong})
        assert list(refused.value.errors) == [field]


@pytest.mark.requirement("C-62")
def test_not_ours_needs_a_name() -> None:
    work: Any = Still()
    with pytest.raises(ValidationFailed) as nobody:
        execution.close(case(), outcome="not_ours", closing_note="x", work=work)  # type: ignore[arg-type]
    assert list(nobody.value.errors) == ["accepting_party"]


def test_dates_that_cannot_be() -> None:
    work: Any = Still()
    with pytest.raises(ValidationFailed):
        negotiation.agree(case(), agreement="x", signed_by="y", signed_on=date(2026, 3, 3), work=work)
    with pytest.raises(ValidationFailed):
        execution.execute(case(), executor="x", work=work, execute_by=NOW)
    with pytest.raises(ValidationFailed):
        inquiry.record_mediation(case(), held_on=date(2026, 3, 3), mediator="x", mediation_result="y", work=work)
    with pytest.raises(ValidationFailed):
        planning.draft_plan(case(home_id=None), plan="x", work=work, repair_part="y")
    with pytest.raises(ValidationFailed):
        supervision.raise_level(case(level=2), level=2, reason="x", work=work)
