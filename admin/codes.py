"""Text fields that hold codes: what may be chosen, by name, so that nobody has to know or type a code."""

from __future__ import annotations

from dataclasses import replace

from admin.catalogues import catalogues
from admin.texts import choice_name, parameter_name, resource_name, role_name, rule_name, state_name
from admin.values import CORRECTS
from services.contracts import glossary
from services.contracts.fields import ROLE, Field
from services.contracts.roles import Role

ORDERS = "maintenance/work_order"


def offered(service: str, register: str, field: Field) -> list[tuple[str, str]]:
    """The codes that a field may hold, each with its name; nothing for a field that holds something else."""
    if field.values is not None:
        return [(one, choice_name(service, field.choices, one)) for one in field.values]
    if field.kind != "text" or field.many:
        return []
    name = field.name
    if field.to == ROLE:
        return [(role.value, role_name(role)) for role in Role if role is not Role.SYSTEM]
    if name == "resource":
        own = [one for one in catalogues().all_resources() if one.service == service]
        return [(one.name, resource_name(service, one.name)) for one in own]
    if name == "order_state":
        orders = catalogues().at(ORDERS)
        return [(one, state_name("maintenance", "work_order", one)) for one in (orders.states if orders else ())]
    if (register, name) in (("approval", "kind"), ("authority_rule", "kind")):
        kinds = glossary.terms(service).get("choices", {}).get("approval_kind") or _common("choices", "approval_kind")
        return [(one, choice_name(service, "approval_kind", one)) for one in kinds]
    if (register, name) == ("parameter", "parameter"):
        return [
            (str(one["name"]), parameter_name(service, str(one["name"]))) for one in catalogues().parameters(service)
        ]
    if (register, name) == ("alert", "rule"):
        rules = {**_common("rules"), **glossary.terms(service).get("rules", {})}
        return [(one, rule_name(service, one)) for one in rules]
    return []


def _common(*path: str) -> dict[str, list[str]]:
    found = glossary.terms("common")
    for step in path:
        found = found.get(step, {})
    return found


def pointing(field: Field, register: str) -> Field:
    """The field as a reference, where its text is the id of a record: that is picked, not typed. `register` is whose
    field it is."""
    if field.name == CORRECTS:
        return replace(field, kind="reference", to=register)
    named = field.kind == "text" and not field.many and catalogues().at(field.to or "")
    return replace(field, kind="reference") if named else field
