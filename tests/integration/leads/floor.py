"""The sales floor of tests: a project, people, calls and visits."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import ValidationFailed
from tests.integration.leads.world import World, person

LEAD = person("qian.jun", "site_sales_lead", scope="project:P01")


def agent(user: str) -> dict[str, Any]:
    return person(user, "sales_agent", scope="project:P01")


def call(world: World, phone: str = "13800138000", by: str = "zhao.min", **more: Any) -> dict[str, Any]:
    """An agent takes a call; the lead writes down what is late."""
    said = {"phone": phone, "name": "王芳", "project_id": "P01", "source": "website", "is_invited": False, "agent": by}
    return world.do("register_call_entry", {**said, **more}, by=LEAD if "at" in more else agent(by))


def visit(world: World, phone: str = "13800138000", by: str = "zhao.min", **more: Any) -> dict[str, Any]:
    """An agent receives a visit, and the lead writes it down."""
    intake = {"been_before": False, "has_called": False, "is_recommended": False}
    said = {"phone": phone, "name": "王芳", "project_id": "P01", "agent": by, **intake, **more}
    return world.do("register_visit_entry", {name: value for name, value in said.items() if value is not None}, by=LEAD)


def refused(function: Any, *given: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refusal:
        function(*given, **more)
    return {field: found[0]["code"] for field, found in refusal.value.errors.items()}
