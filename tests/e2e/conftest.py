"""The running system, its people at their desks, its property company outside.

A system that runs already can be lent: `ANJU_TEST_SYSTEM=<its URL> <its ANJU_HOME>`.
"""

from __future__ import annotations

import os
import random
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningSystem
from tests.e2e.company import Company, in_hours
from tests.e2e.desk import Desk
from tests.e2e.rest import Person

PROJECT = "P01"
NO_PROCESS: Any = subprocess.Popen


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest) -> RunningSystem:
    """The whole system with demo data, once per run."""
    lent = os.environ.get("ANJU_TEST_SYSTEM")
    if not lent:
        started: RunningSystem = request.getfixturevalue("launch")(demo=True)
        return started
    url, _, home = lent.partition(" ")
    environment = {**os.environ, "ANJU_HOME": home, "ANJU_PORT": url.rpartition(":")[2]}
    return RunningSystem(url, Path(home), environment, NO_PROCESS)


@pytest.fixture(scope="session")
def person(system: RunningSystem) -> Callable[[str], Person]:
    """Somebody with a token for the REST API; asked for once per run."""
    known: dict[str, Person] = {}

    def signed_in(user: str) -> Person:
        if user not in known:
            known[user] = Person(system.url, user, system.password)
        return known[user]

    return signed_in


@pytest.fixture
def at_desk(system: RunningSystem, browser: Any) -> Iterator[Callable[..., Desk]]:
    """`at_desk("li.na", "en")`: somebody who has signed in with a browser of their own."""
    desks: list[Desk] = []

    def sits_down(user: str, language: str = "zh", **more: Any) -> Desk:
        desks.append(Desk(browser, system.url, user, system.password, language, **more))
        return desks[-1]

    yield lambda *a, **k: sits_down(*a, **k).sign_in()
    for desk in desks:
        desk.close()


@pytest.fixture
def stranger(system: RunningSystem, browser: Any) -> Iterator[Callable[..., Desk]]:
    """The same before the login."""
    desks: list[Desk] = []

    def comes(user: str, language: str = "zh") -> Desk:
        desks.append(Desk(browser, system.url, user, system.password, language))
        return desks[-1]

    yield comes
    for desk in desks:
        desk.close()


@pytest.fixture
def evergreen(system: RunningSystem) -> Iterator[Company]:
    """The property company of the demo."""
    company = Company("evergreen", system.home, system.amqp_uri)
    yield company
    company.close()


class Estate:
    """Homes and customers of this test's own, made through the REST API."""

    def __init__(self, person: Callable[[str], Person], until: Callable[..., Any]) -> None:
        self.person, self.until = person, until

    def home(self) -> str:
        """A home that nobody has heard of, offered for sale; its id is its code."""
        code = f"{PROJECT}-9-{random.randrange(10**6):06}"
        place = {"project_id": PROJECT, "building": "9幢", "unit": "1单元", "floor": 6}
        home = self.person("yan.kai").do("leads", "set_up_home", code=code, **place)
        offer = {"opened_on": "2026-01-15", "price": "2680000.00"}
        self.person("wu.gang").do("leads", "open_sale_home", id=home["id"], **offer)
        return code

    def customer(self) -> dict[str, Any]:
        """A customer with a name of their own, to be found by it."""
        name = f"测试{uuid.uuid4().hex[:6]}"
        told = {"kind": "person", "name": name, "phone": f"139{random.randrange(10**8):08}", "project_id": PROJECT}
        return self.person("zhao.min").do("leads", "register_customer", **told)

    def booked_handover(self) -> dict[str, Any]:
        """A home that was sold and inspected, and whose owner has an appointment."""
        lead, site = self.person("qian.jun"), self.person("wu.gang")
        home, buyer = self.home(), self.customer()
        sold = {"home_id": home, "uid": buyer["id"], "amount": "2680000.00", "signed_on": "2026-02-01"}
        lead.do("leads", "sign_contract", **sold, agent="zhao.min")
        site.do("leads", "pass_acceptance_home", id=home)
        site.do("leads", "make_ready_home", id=home, checklist="JF-9")
        window = {"batch": "二期", "window_from": "2026-03-01", "window_to": "2026-03-31"}
        handover = site.do("leads", "plan_handover", home_id=home, **window)
        site.do("leads", "assess_handover", id=handover["id"], assessment_ref="FX-9")
        site.do("leads", "announce_handover", id=handover["id"], letters="入伙通知书")
        return site.do("leads", "book_handover", id=handover["id"], slot=in_hours(4))

    def known_to_maintenance(self, home: str) -> None:
        """Wait until maintenance has heard of a home: only then it finds fault with something else."""
        odd = {"home_id": home, "repair_class": "other", "description": "x", "reported_at": in_hours(1)}
        self._refused_for("han.mei", "maintenance/report_work_order", "reported_at", odd)

    def known_to_complaints(self, home: str, uid: str) -> None:
        """The same for complaints, of a home and a customer."""
        odd = {"kind": "dispute", "category": "delivery", "channel": "hotline", "description": "x"}
        self._refused_for("han.mei", "complaints/register_case", "counterpart", {**odd, "home_id": home, "uid": uid})

    def _refused_for(self, user: str, path: str, field: str, payload: dict[str, Any]) -> None:
        def only() -> bool:
            answer = self.person(user).post(path, **payload)
            assert answer.status == 422, answer
            return set(answer.body["errors"]) == {field}

        assert self.until(only, 15, 0.1), f"{path} has not heard of {payload}"


@pytest.fixture
def estate(person: Callable[[str], Person], until: Callable[..., Any]) -> Estate:
    """Homes and customers of the test's own."""
    return Estate(person, until)
