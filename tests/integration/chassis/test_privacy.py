"""Numbers of persons: masked on every way out, revealed for a purpose, and not to be found out otherwise (X-65)."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis import advice, commands, inbox, logs, privacy, records, reports, views
from services.chassis.actors import Actor
from services.chassis.doors import Doors
from services.chassis.privacy import PersonalDataAccess
from services.chassis.service import Service
from services.chassis.work import Work
from services.contracts.errors import AnjuError, Forbidden, IllegalMove, ValidationFailed
from services.contracts.roles import Role
from tests.example import DESK, MANAGER, Loan, do, person, wait

pytestmark = pytest.mark.integration

NUMBER, OTHER = "13812341234", "13899991234"  #: the same to somebody who sees them masked
STEWARD = person("steward", Role.DATA_STEWARD, Role.MAINTENANCE_DESK)
WHY = {"purpose": "call_back", "explanation": "客户要求回电"}


def answered(service: Service, actor: dict[str, Any], command_id: str = "", **payload: Any) -> dict[str, Any]:
    envelope = {"command_id": command_id or uuid.uuid4().hex, "actor": actor}
    return commands.execute(service, "reveal_loan", payload, envelope)


def doors(service: Service) -> Doors:
    opened = Doors()
    opened.name, opened.runtime = "example", SimpleNamespace(declared=service, publishing=True)
    return opened


def kept(service: Service) -> str:
    """Everything that the database holds except the register of loans itself."""
    with service.database.read() as session:
        tables = [one for one in service.tables if one.name != "loan"]
        return "\n".join(str(row) for table in tables for row in session.execute(sa.select(table)))


def accesses(service: Service) -> list[PersonalDataAccess]:
    with service.database.read() as session:
        return list(session.scalars(sa.select(PersonalDataAccess).order_by(PersonalDataAccess.created_at)))


@pytest.mark.requirement("X-65")
def test_a_number_is_masked_for_everybody_but_whom_the_register_names(service: Service) -> None:
    loan = do(service, "request_loan", borrower="owner", phone=NUMBER)
    do(service, "request_loan", borrower="li", phone="13700137000")
    assert loan["phone"] == "138****1234"
    for actor in (DESK, MANAGER, STEWARD, person("a", Role.MAINTENANCE_DESK, scope="group")):
        with service.reading(Actor.from_wire(actor)) as work:
            for answer in (
                views.search(work, "loan", {}),
                views.search_each(work, [["loan", {}], ["loan", {"q": NUMBER}], ["loan", {"order": "phone"}]]),
                views.fetch(work, "loan", loan["id"]),
                views.history(work, "loan", loan["id"]),
                views.options(work, "loan", ""),
            ):
                assert NUMBER not in str(answer)
    with service.reading(Actor.from_wire(person("owner", Role.MAINTENANCE_DESK))) as work:
        seen = {one["borrower"]: one["phone"] for one in views.search(work, "loan", {})["result"]}
        assert seen == {"owner": NUMBER, "li": "137****7000"}, "each row by itself"
        assert views.fetch(work, "loan", loan["id"])["result"]["phone"] == NUMBER
        assert views.search(work, "loan", {"q": NUMBER})["count"] == 1
        assert views.search(work, "loan", {"q": "13700137000"})["count"] == 0


@pytest.mark.requirement("X-65")
def test_a_number_is_revealed_once_for_a_purpose_and_kept_nowhere_else(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", phone=NUMBER)
    told = answered(service, STEWARD, id=loan["id"], reference="WO 2026-P01-000001", **WHY)
    assert told["revealed"] == {"field": "phone", "value": NUMBER, "seconds": 120}
    assert told["result"]["phone"] == "138****1234"
    (access,) = accesses(service)
    said = (access.created_by, access.created_at, access.record_id, access.record_number, access.field, access.way)
    assert said == ("steward", service.now(), loan["id"], loan["number"], "phone", "revealed")
    assert (access.purpose, access.explanation, access.reference) == (*WHY.values(), "WO 2026-P01-000001")
    assert NUMBER not in kept(service)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), service.database.write() as session:
        session.execute(sa.update(PersonalDataAccess).values(purpose="other"))


@pytest.mark.requirement("X-65")
def test_the_same_command_again_reveals_only_while_it_may_be_shown(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", phone=NUMBER)
    asked = {"command_id": "r1", "id": loan["id"], **WHY}
    answered(service, STEWARD, **asked)
    wait(service, seconds=119)
    assert answered(service, STEWARD, **asked)["revealed"] == {"field": "phone", "value": NUMBER, "seconds": 1}
    wait(service, seconds=1)
    late = answered(service, STEWARD, **asked)
    assert (late["replayed"], late["revealed"]) == (True, None)
    assert len(accesses(service)) == 1


@pytest.mark.requirement("X-65")
def test_who_may_not_reveal_or_says_no_purpose_is_refused(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", phone=NUMBER)
    with pytest.raises(Forbidden):
        answered(service, DESK, id=loan["id"], **WHY)
    with pytest.raises(ValidationFailed) as refused:
        answered(service, STEWARD, id=loan["id"])
    assert set(refused.value.errors) == {"purpose", "explanation"}
    assert accesses(service) == []


@pytest.mark.requirement("X-65")
def test_thirty_numbers_an_hour_are_revealed_to_a_person(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", phone=NUMBER)
    start = service.now()
    with service.begin(Actor.from_wire(STEWARD), command="test") as work:
        for _ in range(29):
            privacy._note(work, service.resources["loan"], None, "phone", "revealed", purpose="other")
    wait(service, minutes=59)
    answered(service, STEWARD, id=loan["id"], **WHY)
    with pytest.raises(IllegalMove) as spent:
        answered(service, STEWARD, id=loan["id"], **WHY)
    assert (spent.value.code, spent.value.params) == ("reveals_spent", {"most": 30})
    other = person("second", Role.DATA_STEWARD, Role.MAINTENANCE_DESK)
    assert answered(service, other, id=loan["id"], **WHY)["revealed"]["value"] == NUMBER
    wait(service, seconds=59, milliseconds=999)
    with pytest.raises(IllegalMove):
        answered(service, STEWARD, id=loan["id"], **WHY)
    wait(service, milliseconds=1)
    assert (service.now() - start).total_seconds() == 3600
    assert answered(service, STEWARD, id=loan["id"], **WHY)["revealed"]["value"] == NUMBER


@pytest.mark.requirement("X-65")
def test_a_look_up_by_a_whole_number_is_written_down_and_limited(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", phone=NUMBER)
    opened = doors(service)
    for part in (NUMBER[:-1], "138", "1234", "138****1234"):
        assert opened.search("loan", {"q": part}, DESK)["count"] == 0
    assert accesses(service) == []
    assert opened.search("loan", {"q": "+86 138-1234 1234"}, DESK)["result"][0]["id"] == loan["id"]
    assert opened.options("loan", NUMBER, DESK)["result"][0]["id"] == loan["id"]
    assert opened.search("loan", {"q": OTHER}, DESK)["count"] == 0
    made = [(one.created_by, one.way, one.record_id, one.reference) for one in accesses(service)]
    hit = ("desk", "looked_up", loan["id"], "138****1234")
    assert sorted(made, key=str) == sorted([hit, hit, ("desk", "looked_up", None, "138****1234")], key=str)
    with service.begin(Actor.from_wire(DESK), command="test") as work:
        for _ in range(56):
            privacy._note(work, service.resources["loan"], None, "phone", "looked_up", purpose="identification")
    assert opened.search("loan", {"q": NUMBER}, DESK)["count"] == 1
    with pytest.raises(Forbidden) as spent:
        opened.search("loan", {"q": NUMBER}, DESK)
    assert (spent.value.code, spent.value.params) == ("look_ups_spent", {"most": 60})
    assert opened.search("loan", {"q": "Li"}, DESK)["count"] == 1, "other words are not numbers"


def _questions(number: str) -> Iterator[tuple[str, Callable[[Work], Any]]]:
    """Everything that a list can be asked for, by somebody who tries out a number."""
    fields = [*(field.name for field in records.COMMON), *Loan.__fields__, "breached", "near_due", "nope"]
    parts = [number, number[:7], number[3:7], number[-8:], f"+86{number}", "138****1234", "138", "%", "_", ""]
    ranges = [{"from": number}, {"to": number}, {"from": number, "to": number}]
    asked: list[dict[str, Any]] = [{"q": part} for part in parts]
    asked += [{"order": sign + field} for field in fields for sign in ("", "-")]
    asked += [{"filters": {field: value}} for field in fields for value in (number, "138", [None, number], *ranges)]
    asked += [{"q": "Li", "order": "phone"}, {"tabs": True, "filters": {"phone": None}}, {"phone": number}]
    for params in asked:
        yield f"search {params}", lambda work, params=params: views.search(work, "loan", params)
        yield f"each {params}", lambda work, params=params: views.search_each(work, [["loan", params]])
    for part in parts:
        yield f"options {part}", lambda work, part=part: views.options(work, "loan", part)
        yield f"fetch {part}", lambda work, part=part: views.fetch(work, "loan", part)
        draft = {"phone": part, "borrower": "Li"}
        yield (
            f"report {part}",
            lambda work, part=part: reports.run(work, "loans_by_borrower", {"borrower": part or "Li"}),
        )
        yield f"advise {part}", lambda work, draft=draft: advice.advise(work, "request_loan", draft)
        yield f"history {part}", lambda work, part=part: views.history(work, "loan", part)


def _told(service: Service, ids: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    with service.reading(Actor.from_wire(DESK)) as work:
        for name, ask in [
            *_questions(NUMBER),
            *((f"record {id}", lambda work, id=id: views.fetch(work, "loan", id)) for id in ids),
            *((f"past {id}", lambda work, id=id: views.history(work, "loan", id)) for id in ids),
        ]:
            try:
                told[name] = json.dumps(ask(work), default=str, sort_keys=True)
            except AnjuError as refused:
                told[name] = f"{type(refused).__name__} {refused.params}"
    return told


@pytest.mark.requirement("X-65")
def test_no_question_tells_two_numbers_apart(service: Service) -> None:
    ids = [do(service, "request_loan", borrower="Li", phone=number)["id"] for number in (NUMBER, OTHER)]
    before = _told(service, ids)
    with service.database.write() as session:
        for id, number in zip(ids, (OTHER, NUMBER), strict=True):
            session.execute(sa.update(Loan).where(Loan.id == id).values(phone=number))
    after = _told(service, ids)
    assert len(before) > 120
    assert {name for name in before if before[name] != after[name]} == set()
    for refused in ("search {'order': 'phone'}", f"search {{'filters': {{'phone': '{NUMBER}'}}}}"):
        assert "masked_field" in before[refused]


@pytest.mark.requirement("X-65")
def test_what_a_mask_shows_is_never_written_back(service: Service) -> None:
    with pytest.raises(ValidationFailed) as refused:
        do(service, "request_loan", borrower="Li", phone="138****1234")
    assert "masked_value" in [one["code"] for one in refused.value.errors["phone"]]


@pytest.mark.requirement("X-65")
def test_no_line_of_the_log_no_event_no_audit_entry_and_no_kept_message_holds_a_number(
    service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import structlog

    before = structlog.get_config()
    logs.configure("debug", service="example")
    try:
        do(service, "request_loan", borrower="Li", phone=NUMBER)

        def broken(*_: Any) -> None:
            with Session(service.database.engine) as session:
                session.execute(sa.insert(Loan).values(id="x", phone=NUMBER))

        monkeypatch.setattr(views, "search", broken)
        with pytest.raises(AnjuError):
            doors(service).search("loan", {}, DESK)
        structlog.get_logger().warning("noted", text=f"called {NUMBER} and 330102199001011234")
    finally:
        structlog.configure(**before)
    monkeypatch.undo()
    body = {"id": "m1", "type": "work_order_cancelled", "data": {"phone": NUMBER, "said": f"请拨{NUMBER}"}}
    inbox.take(service, [inbox.Delivery(json.dumps(body).encode(), "application/cloudevents+json", "utf-8")])
    assert NUMBER not in kept(service)
    admin = person("admin", Role.ADMINISTRATOR, scope="group")
    with service.reading(Actor.from_wire(admin)) as work:
        (message,) = views.search(work, "parked_message", {})["result"]
        shown = base64.b64decode(message["body"]).decode()
        assert NUMBER not in shown
        assert json.loads(shown)["data"]["phone"] == "138****1234"
    written = capsys.readouterr()
    assert "door_failed" in written.err
    assert "138****1234" in written.err
    assert NUMBER not in written.out + written.err
    assert "330102199001011234" not in written.err
