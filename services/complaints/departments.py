"""The departments that centre and desk turn to, whom each answers to, and what only they may do (X-26, X-48)."""

from __future__ import annotations

from typing import Any

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ExecutingDepartment

DEPARTMENTS = [Role(one.value) for one in ExecutingDepartment]
#: Whom a department answers to, where that is not the company manager (Appendix C: "department, its head"; heads ext).
HEADS = {
    ExecutingDepartment.MARKETING: Role.SALES_DIRECTOR,
    ExecutingDepartment.SITE_SALES_LEAD: Role.SALES_DIRECTOR,
    ExecutingDepartment.PROPERTY_COMPANY: Role.MAINTENANCE_LEAD,
}


def head_of(department: str) -> Role:
    """Who hears of what a department has not done in time."""
    return HEADS.get(ExecutingDepartment(department), Role.COMPANY_MANAGER)


def of_department(record: Any, work: Work) -> Obstacle | None:
    """Only the department that a record names, where the record belongs, goes on with it."""
    mine = work.actor.covers([str(record.department)], record.company_id, record.project_id)
    return None if mine else Obstacle("not_yours", {"department": str(record.department)})
