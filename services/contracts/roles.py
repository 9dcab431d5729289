"""Roles of the catalogue (section 1.1), and roles that are resolved at run time.

Customers and owners (X-01, X-02), owners' committees and sub-district offices (X-15) and mortgage banks (X-16) are
outside: somebody here records what they say, and no screen is theirs, so they have no role. The agent that answers
customers (X-21) is a program: it has a role, for its commands and its audit entries, and no desk.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Role(enum.StrEnum):
    """Who acts. The value is the key on the wire and the name of the console's role."""

    SALES_AGENT = "sales_agent"  #: X-03
    SITE_SALES_LEAD = "site_sales_lead"  #: X-04
    SALES_DIRECTOR = "sales_director"
    MARKETING = "marketing"  #: X-05
    PROJECT_DEPARTMENT = "project_department"  #: X-06
    CUSTOMER_AFFAIRS = "customer_affairs"  #: X-07
    GENERAL_MANAGEMENT = "general_management"  #: X-09
    COMPANY_MANAGER = "company_manager"  #: X-10
    RESPONSIBLE_LEADER = "responsible_leader"  #: X-11
    FINANCE = "finance"  #: X-12
    DEED_AGENCY = "deed_agency"  #: X-13
    PROPERTY_COMPANY = "property_company"  #: X-14
    COMPLAINT_HANDLER = "complaint_handler"  #: X-17
    COMPLAINT_SUPERVISOR = "complaint_supervisor"  #: X-18
    PUBLIC_RELATIONS = "public_relations"  #: X-19
    HOTLINE_OPERATOR = "hotline_operator"  #: X-20
    AI_AGENT = "ai_agent"  #: X-21: a program; hands over to people and never closes a complaint
    CUSTOMER_CENTRE = "customer_centre"  #: X-22
    GROUP_CENTRE = "group_centre"  #: X-23
    EXECUTIVE = "executive"  #: X-24
    CHAIRMAN = "chairman"  #: X-24: has a complaint board of his own in the forum (C-84)
    INSPECTION_ENGINEER = "inspection_engineer"  #: X-25
    DISCIPLINE = "discipline"  #: X-26: design, engineering, cost and others that execute actions
    MAINTENANCE_DESK = "maintenance_desk"  #: the desk of X-27 that triages and dispatches
    MAINTENANCE_LEAD = "maintenance_lead"  #: head of X-27, approves repair plans (X-36.8)
    EXPERT = "expert"  #: X-28
    CUSTOMER_MANAGER = "customer_manager"  #: X-29
    CLUB_OFFICER = "club_officer"  #: X-30
    SURVEY_FIRM = "survey_firm"  #: X-31
    EMPLOYEE = "employee"  #: X-32
    LEASING_MANAGER = "leasing_manager"  #: X-34
    DATA_STEWARD = "data_steward"
    ADMINISTRATOR = "administrator"  #: X-35
    AUDITOR = "auditor"  #: X-35
    PERFORMANCE_OFFICER = "performance_officer"  #: X-35
    SYSTEM = "system"  #: a service acting on an event or on time; never a person's


@dataclass(frozen=True)
class SwitchedRole:
    """A role that one department holds before a date kept on a replica, and another from that date on.

    The event `announced_by` says that the date has come.
    """

    name: str
    before: Role
    after: Role
    resource: str
    date_field: str
    announced_by: str


#: X-08, X-41: the project department until sales close-out, customer affairs from then on.
COMPETENT_DEPARTMENT = SwitchedRole(
    "competent_department",
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    "leads/project",
    "sales_closed_on",
    "project_sales_closed",
)
SWITCHED_ROLES = (COMPETENT_DEPARTMENT,)


#: People of other companies, who see our records and not our staff.
EXTERNAL = frozenset((Role.PROPERTY_COMPANY, Role.DEED_AGENCY, Role.SURVEY_FIRM))
