"""Group complaints for the tests: found, confirmed, handled."""

from __future__ import annotations

from typing import Any

from tests.integration.complaints.world import HANDLER, MANAGER, SUPERVISOR, World, person

CENTRE = person("yang", "group_centre", scope="group")
CONFIRMED = {"cause": "同批次防水材料不合格", "wording": "正在排查，三日内答复", "spokesperson": "gao"}
SIGNED = {"agreement": "返修并补偿", "signed_by": "王先生", "signed_on": "2026-03-02"}


def groups(world: World, **filters: Any) -> list[dict[str, Any]]:
    return world.found("group_complaint", **filters)


def members(world: World, group: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    return world.found("group_member", order="number", cluster_id=group["id"], **filters)


def suspected(world: World) -> dict[str, Any]:
    """Three homes with one trouble."""
    for home in ("H1", "H2", "H3"):
        world.register(home_id=home)
    (group,) = groups(world)
    return group


def confirmed(world: World) -> dict[str, Any]:
    return world.do("confirm_group_complaint", SUPERVISOR, id=suspected(world)["id"], **CONFIRMED)


def handled(world: World) -> dict[str, Any]:
    group = confirmed(world)
    world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="统一返修", amount_proposed="60000")
    world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    return world.do("approve_plan_group_complaint", MANAGER, id=group["id"])


def agree_with_all(world: World, group: dict[str, Any]) -> None:
    for member in members(world, group, state="attached"):
        world.do("agree_group_member", HANDLER, id=member["id"], **SIGNED)
