"""The gateway for property companies: who they are, what they may touch, what we answer (X-403).

The company is the one whose exchange the message came through; what the body says of it is only compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog

from services.chassis import inbox
from services.chassis.actors import Actor
from services.chassis.commands import carry_out
from services.chassis.inbox import Intake
from services.chassis.records import Record
from services.chassis.wire import Incoming
from services.chassis.work import Work
from services.contracts import glossary
from services.contracts.errors import AnjuError, Forbidden, NotFound
from services.contracts.events import Event, published_by
from services.contracts.events.maintenance import MessageRejected
from services.contracts.events.property import ComplaintForwarded, RepairReported
from services.contracts.roles import Role
from services.maintenance.companies import Engagement, PropertyCompany, in_contract
from services.maintenance.company_actions import own_action
from services.maintenance.company_complaints import forwarded_before, own_question
from services.maintenance.work_orders import WorkOrder, reported_before

log = structlog.get_logger()


class Refused(AnjuError):
    """A property company's message has no effect; `code` is the reason in its answer."""

    status = 422
    code = "refused"


def admit(code: str, incoming: Incoming, work: Work) -> None:
    """Let one message take effect, as the company that sent it. Raises an AnjuError that names the rule it breaks."""
    company = work.once((PropertyCompany, code), lambda: work.session.get(PropertyCompany, code))
    if company is None:
        raise Refused(code="unknown_company")
    if not in_contract(company, work.today) or (company.state == "ended" and company.contract_until is None):
        raise Refused(code="contract_ended", ended_on=str(company.contract_until))
    event_type = published_by("property").get(incoming.name)
    move = work.service.moves_on.get(incoming.name)
    if event_type is None or move is None:
        raise Refused(code="unknown_event", event=incoming.name[:60])
    event = inbox.loaded(event_type, incoming, work)
    if getattr(event, "company_code", None) not in (None, code):
        log.warning("company_mismatch", sender=code, claimed=str(event.company_code)[:20])
        raise Refused(code="company_mismatch", field="company_code")
    record = None
    if isinstance(event, REPORTS):
        _admit_report(work, code, event)
        if BEFORE[type(event)](work, code, event.source_ref) is not None:
            return
    else:
        record = OWN[event.subject](work, code, str(getattr(event, event.subject)))
    scopes = tuple(f"project:{one}" for one in _projects(work, code))
    actor = Actor(f"company:{code}", company.name, {Role.PROPERTY_COMPANY: scopes})
    work.command = move.command
    params = {field.name: getattr(event, field.name) for field in move.params if hasattr(event, field.name)}
    with work.acting_as(actor):
        carry_out(work, move, record, params, as_actor=True)


def _projects(work: Work, code: str) -> list[str | None]:
    """The projects that the company is engaged for."""

    def ask() -> list[str | None]:
        live = Engagement.property_company == code, Engagement.state != "replaced"
        return list(work.session.scalars(sa.select(Engagement.project_id).where(*live)))

    projects: list[str | None] = work.once((Engagement, code), ask)
    return projects


def _admit_report(work: Work, code: str, event: RepairReported | ComplaintForwarded) -> None:
    home = work.replica("leads/home", event.home_id)
    if home is None:
        raise Refused(code="unknown_reference", field="home_id", id=event.home_id)
    if home["project_id"] not in _projects(work, code):
        raise Forbidden(code="foreign_project", field="home_id")


def _own_order(work: Work, code: str, order_id: str) -> WorkOrder:
    """The order, if it was given to this company in a project it is engaged for; by id or by human number."""
    order = work.session.get(WorkOrder, order_id, with_for_update=True) or work.first(
        WorkOrder, WorkOrder.number == order_id
    )
    if order is None:
        raise NotFound(code="unknown_order", field="order_id", id=order_id[:60])
    if order.property_company != code or order.project_id not in _projects(work, code):
        raise Forbidden(code="foreign_order", field="order_id")
    return order


#: Messages that begin something, and how it is found that an earlier one of the same number has begun it.
REPORTS = (RepairReported, ComplaintForwarded)
BEFORE: dict[type[Event], Callable[[Work, str, str], Record | None]] = {
    RepairReported: reported_before,
    ComplaintForwarded: forwarded_before,
}
#: How the record is found that a company's message names, by the field that names it.
OWN: dict[str, Callable[[Work, str, str], Record]] = {
    "order_id": _own_order,
    "action_id": own_action,
    "case_id": own_question,
}


def answer(code: str, message_id: str, name: str, reason: str, params: dict[str, Any], work: Work) -> None:
    """Tell the company which of its messages had no effect, and why, in both languages."""
    broken = [(field, one) for field, found in (params.get("errors") or {}).items() for one in found]
    said = [(one["code"], one["params"]) for _, one in broken] or [(reason, params)]
    fields = sorted(params["errors"]) if broken else [params["field"]] if "field" in params else []
    work.emit(
        MessageRejected,
        to=code,
        message_id=message_id[:200],
        message_type=name[:200],
        reason=reason[:200],
        message=_sentences(said, "zh"),
        message_en=_sentences(said, "en"),
        fields_at_fault=[str(field)[:200] for field in fields],
        rules_broken=[str(one["code"])[:200] for _, one in broken],
    )


def _sentences(said: list[tuple[str, dict[str, Any]]], language: str) -> str:
    return " ".join(dict.fromkeys(glossary.sentence(rule, language, **figures) for rule, figures in said))[:200]


def codes(work: Work) -> list[str]:
    """The companies whose queues are read; ended ones too, so that they get an answer."""
    return list(work.session.scalars(sa.select(PropertyCompany.code)))


INTAKE = Intake(codes=codes, admit=admit, answer=answer)
