"""The engine that answers enquiries: behind a port, nobody waits for it, and what it cannot do a human does (C-116)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.actors import SYSTEM
from services.complaints.enquiries.answering import engines
from services.complaints.enquiries.answering.port import Escalation
from services.complaints.keywords import add
from services.complaints.service import SERVICE
from services.contracts.errors import Forbidden
from services.contracts.vocabulary.enquiries import EscalationCause, KeywordKind
from tests.integration.complaints.enquiry_world import (
    BOT,
    HANDOVER,
    ask,
    entry,
)
from tests.integration.complaints.world import World, person


class Broken:
    def answer(self, *asked: Any) -> str:
        raise ConnectionError("nobody is there")


class Nonsense:
    def answer(self, *asked: Any) -> str:
        return "交房在明天"


@pytest.mark.requirement("C-116")
@pytest.mark.parametrize("engine", ["Broken", "Nonsense"])
def test_an_engine_that_fails_gives_the_customer_a_human(
    world: World, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setenv(engines.VARIABLE, f"{__name__}:{engine}")
    enquiry = ask(world)
    assert (enquiry["state"], enquiry["cause"], enquiry["answer"]) == ("escalated", "answerer_failed", None)


class Writing:
    """An engine during whose answer somebody else writes."""

    def answer(self, question: str, *asked: Any) -> Escalation:
        with SERVICE.begin(SYSTEM, command="test") as work:
            work.perform(add, word=question[:40], kind=KeywordKind.GRIEVANCE)
        return Escalation(EscalationCause.NOT_KNOWN)


@pytest.mark.requirement("C-26", "C-116")
def test_nobody_who_writes_waits_for_the_engine(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world)
    monkeypatch.setenv(engines.VARIABLE, f"{__name__}:Writing")
    assert ask(world, "阳台能封吗")["cause"] == "not_known"
    again = world.do("ask_again_enquiry", BOT, id=enquiry["id"], question="露台能封吗")
    assert (again["state"], again["cause"]) == ("escalated", "not_known")
    assert {one["word"] for one in world.found("level_keyword")} == {"阳台能封吗", "露台能封吗"}
    world.do("ask_again_enquiry", BOT, id=enquiry["id"], question="还在吗")
    assert len(world.found("level_keyword")) == 2, "a human has it: the engine is not asked"
    with pytest.raises(Forbidden):
        ask(world, "谁能问", by=person("nobody", "finance"))
    assert len(world.found("level_keyword")) == 2
