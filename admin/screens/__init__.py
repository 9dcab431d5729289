"""The menu: which registers and pages stand where. One line per register.

Its columns, labels, filters, form controls and buttons come from the catalogue of its service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from admin.screens.complaints import COMPLAINTS
from admin.screens.kinds import EntryForm, Link, Screen, Selection
from admin.screens.sales import FLOOR, SALES
from services.contracts.roles import Role

#: Areas in the order of the menu; their names are `area.<name>` in `console.toml`.
AREAS = ("work", "floor", "sales", "handover", "complaints", "maintenance", "club", "platform")

#: What is to be done, of every service.
WORK: tuple[Screen | Selection | Link, ...] = (
    Link("IndexView.index", "work.title", "work"),
    Link("InboxView.inbox", "inbox.title", "work"),
    Link("ReportView.reports", "reports.title", "work", reports=True),
    Screen(
        "complaints/customer_issue",
        "work",
        searched=True,
        awaiting=((Role.CUSTOMER_CENTRE, ("reported", "done")),),
        entries=(EntryForm("report_customer_issue"),),
    ),
    Screen("*/task", "work"),
    Screen("*/alert", "work"),
    Screen("*/absence", "work"),
)
#: Homes, open days, title deeds.
HANDOVER: tuple[Screen | Selection | Link, ...] = (
    Screen("leads/home", "handover", searched=True),
    Screen(
        "leads/handover",
        "handover",
        searched=True,
        awaiting=(
            (Role.PROJECT_DEPARTMENT, ("booked", "in_progress")),
            (Role.CUSTOMER_AFFAIRS, ("booked", "in_progress")),
        ),
    ),
    Screen("leads/title_deed_case", "handover", searched=True),
    Screen("leads/title_deed_chase", "handover"),
)
#: Repairs and property companies.
MAINTENANCE: tuple[Screen | Selection | Link, ...] = (
    Screen(
        "maintenance/work_order",
        "maintenance",
        searched=True,
        awaiting=(
            (Role.MAINTENANCE_DESK, ("reported", "triaged", "surveyed", "done", "verified", "owner_confirmed")),
            (Role.PROPERTY_COMPANY, ("dispatched", "accepted", "on_site", "repairing", "suspended")),
        ),
    ),
    Screen("maintenance/green_channel_customer", "maintenance"),
    Screen("maintenance/warranty_item", "maintenance"),
    Screen("maintenance/forwarded_complaint", "maintenance"),
    Screen("maintenance/company_question", "maintenance", awaiting=((Role.PROPERTY_COMPANY, ("asked",)),)),
    Screen("maintenance/property_company", "maintenance"),
    Screen(
        "maintenance/engagement",
        "maintenance",
        columns=("property_company", "project_id", "appointed_from", "replaced_on"),
    ),
    Screen(
        "maintenance/company_action",
        "maintenance",
        awaiting=((Role.PROPERTY_COMPANY, ("asked",)),),
        settled=("reported",),
    ),
)
#: The owners' club.
CLUB: tuple[Screen | Selection | Link, ...] = (
    Screen("membership/member", "club", searched=True),
    Screen(
        "membership/referral",
        "club",
        searched=True,
        awaiting=((Role.CLUB_OFFICER, ("reward_due",)),),
        settled=("registered", "matched", "visited", "reserved", "contracted"),
        entries=(EntryForm("register_referral"),),
    ),
    Screen("membership/household", "club", mine="manager"),
    Screen("membership/care_task", "club", mine="assignee"),
    Screen("membership/wake_up", "club", searched=True, awaiting=((Role.CLUB_OFFICER, ("open",)),)),
    Screen("membership/follow_up", "club", mine="assignee", searched=True),
    Screen(
        "membership/post",
        "club",
        searched=True,
        awaiting=((Role.CUSTOMER_CENTRE, ("posted", "under_review")),),
        settled=("visible", "linked_to_case", "answered"),
    ),
    Screen("membership/content_suggestion", "club", awaiting=((Role.CLUB_OFFICER, ("suggested",)),)),
    Screen("membership/project_hold", "club"),
    Screen("membership/profile", "club"),
    Screen("membership/counted_contact", "club"),
    Screen("membership/purchase", "club"),
    Screen("membership/segment_run", "club"),
    Screen("membership/manager_roster", "club"),
)
#: People, figures and what was refused.
PLATFORM: tuple[Screen | Selection | Link, ...] = (
    Link("OperationsView.operations", "operations.title", "platform", (Role.ADMINISTRATOR, Role.AUDITOR)),
    Link("PeopleView.people", "people.title", "platform", (Role.ADMINISTRATOR,)),
    Screen("*/parameter", "platform"),
    Screen("*/authority_rule", "platform"),
    Screen("*/personal_data_access", "platform"),
    Screen("*/refused_change", "platform"),
)

SCREENS = (*WORK, *FLOOR, *SALES, *HANDOVER, *COMPLAINTS, *MAINTENANCE, *CLUB, *PLATFORM)

#: The registers among them.
REGISTERS = tuple(one for one in SCREENS if isinstance(one, Screen))
SELECTIONS = tuple(one for one in SCREENS if isinstance(one, Selection))


def screen_of(resource: str) -> Screen | None:
    """The declaration of a register, where it has one."""
    return next((one for one in REGISTERS if one.resource == resource), None)


def selection_of(resource: str, filters: Mapping[str, Any]) -> Selection | None:
    """The selection that a query asks for, narrowed or not."""
    fitting = (one for one in SELECTIONS if one.resource == resource)
    return next((one for one in fitting if all(filters.get(name) == wanted for name, wanted in one.filters)), None)


#: Registers that each service has under the same name; their lists switch between the services.
SHARED = (
    *("task", "alert", "approval", "absence", "parked_message", "parameter", "authority_rule"),
    *("personal_data_access", "refused_change"),
)

#: The home card (X-303): its record page shows what every service knows, at once. The customer page is its own (X-302).
COMPOSED = ("leads/home",)
