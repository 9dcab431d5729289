"""Schemathesis reads the published OpenAPI and sends what fits it and what does not. Short and seeded.

Nothing may be a server's fault (503 is an answer, 500 is not), every answer must have the documented status, media type
and shape, what breaks the schema must be refused and what fits it must be taken.
"""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.rest import REPORT, Caller, console, fake

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SHORT = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return console(tmp_path_factory.mktemp("console"), fake())


@pytest.fixture(scope="module")
def caller(app: Flask) -> Caller:
    desk = Caller(app, "desk")
    for _ in range(3):
        assert desk.post("report_work_order", REPORT).status_code == 200
    return desk


@pytest.fixture(scope="module")
def api(app: Flask, caller: Caller) -> schemathesis.BaseSchema:
    """The paths made from the catalogues; Flask-AppBuilder's own document is not ours to keep."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    # Every call here has its token; test_rest.py takes it away.
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    found = schemathesis.openapi.from_wsgi("/api/v1/_openapi", app, headers=headers, config=config)
    return found.include(path_regex="^/api/v1/(maintenance|complaints)/")


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_nothing_that_is_sent_breaks_the_api(
    api: schemathesis.BaseSchema, caller: Caller, mode: GenerationMode
) -> None:
    headers = {"Authorization": f"Bearer {caller.token}"}
    orders = [one["id"] for one in caller.get("/work_order").get_json()["result"]]
    sent = 0
    for found in api.get_all_operations():

        @given(case=found.ok().as_strategy(generation_mode=mode))
        @SHORT
        def each(case: schemathesis.Case) -> None:
            nonlocal sent
            sent += 1
            if mode is GenerationMode.POSITIVE:
                _aim(case, orders[sent % len(orders)])
            case.call_and_validate(headers=headers, checks=CHECKS)

        each()
    assert sent > 200


def _aim(case: schemathesis.Case, order: str) -> None:
    """At a record that exists, most of the time: a made-up id gets no further than 404."""
    if case.path_parameters.get("id") and len(case.path_parameters["id"]) % 4:
        case.path_parameters["id"] = order
    if isinstance(case.body, dict) and isinstance(case.body.get("id"), str) and len(case.body["id"]) % 4:
        case.body["id"] = order
