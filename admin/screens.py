"""The menu: which registers and pages stand where. One line per register.

Its columns, labels, filters, form controls and buttons come from the catalogue of its service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.contracts.roles import Role


@dataclass(frozen=True)
class EntryForm:
    """A command that makes a record, with a line of its own in the menu; what is `given` is filled in beforehand, and a
    second line of one command has a `label` of its own."""

    command: str
    label: str = ""
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Screen:
    """A register in the menu, `service/name`; `*/name` is one that every service has.

    `columns` replaces the catalogue's list; `mine` is the field that holds who works on it, for "my work"; `searched`
    registers are asked by the search in the header. `awaiting` says in which states a record waits for a role's desk,
    `settled` in which nobody has to do anything although something may still happen. `roles` says whose menu shows it,
    where that is not everybody who may read it. `entries` have lines of their own.
    """

    resource: str
    area: str
    columns: tuple[str, ...] = ()
    mine: str | None = None
    searched: bool = False
    awaiting: tuple[tuple[str, tuple[str, ...]], ...] = ()
    settled: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    entries: tuple[EntryForm, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Some records of a register as a list of its own: the filters that choose them, and columns that say why.

    It waits on the desks of the roles in `awaited`.
    """

    resource: str
    label: str
    area: str
    filters: tuple[tuple[str, Any], ...]
    columns: tuple[str, ...]
    roles: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A page of its own in the menu. `roles` empty: everybody; `reports`: who may read at least one report. `report` is
    the one, `service/name`, that the page shows, for those who may read it."""

    endpoint: str
    label: str
    area: str
    roles: tuple[str, ...] = ()
    reports: bool = False
    report: str = ""


#: Areas in the order of the menu; their names are `area.<name>` in `console.toml`.
AREAS = ("work", "floor", "sales", "handover", "complaints", "maintenance", "club", "platform")

#: Who rates complaints, or keeps the words that rate them.
RATING = (
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    Role.COMPLAINT_SUPERVISOR,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.COMPANY_MANAGER,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)

#: Who manages the sales floor, and looks at how it was done.
LEADING = (Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR)
#: Who reads what the rotation board and the pages of its records show otherwise.
LOOKING = (Role.SALES_DIRECTOR, Role.AUDITOR)

#: A return visit is entered by the same command, into a register of its own (L-22).
CAME_BEFORE = (("been_before", "true"),)

SCREENS: tuple[Screen | Selection | Link, ...] = (
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
    Link(
        "RotationView.rotation",
        "rotation.title",
        "floor",
        (Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR),
    ),
    Screen("leads/reception", "floor", mine="agent", searched=True, settled=("finished",)),
    Screen("leads/deputy_notice", "floor", mine="agent"),
    Screen("leads/readiness_check", "floor"),
    Screen("leads/sales_fact_change", "floor"),
    Screen("leads/fact_receipt", "floor", roles=LOOKING),
    Screen("leads/roster", "floor", roles=LEADING),
    Screen("leads/rotation_slot", "floor", roles=LOOKING),
    Screen("leads/make_up_turn", "floor", roles=LOOKING),
    Screen("leads/presentation_check", "floor", roles=LEADING),
    Screen("leads/violation", "floor", searched=True),
    Screen("leads/customer_lookup", "floor", entries=(EntryForm("ask_customer_lookup"),)),
    Screen("leads/call_entry", "floor", entries=(EntryForm("register_call_entry"),)),
    Screen(
        "leads/visit_entry",
        "floor",
        entries=(
            EntryForm("register_visit_entry"),
            EntryForm("register_visit_entry", "reception.register_return", CAME_BEFORE),
            EntryForm("meet_visit_entry"),
            EntryForm("meet_visit_entry", "reception.meet_return", CAME_BEFORE),
        ),
    ),
    Screen("leads/sales_follow_up", "floor", mine="agent", searched=True, awaiting=((Role.SALES_AGENT, ("open",)),)),
    Screen(
        "leads/objection", "floor", awaiting=((Role.MARKETING, ("recorded",)),), settled=("script_revised", "noted")
    ),
    Screen(
        "leads/protection",
        "floor",
        mine="agent",
        columns=("uid", "basis", "agent", "stage", "due_on", "ends_on", "last_contact_at"),
    ),
    Screen("leads/referred_customer", "floor", mine="agent", searched=True),
    Link("ReportView.report", "matching.title", "floor", report="leads/matching_homes"),
    Screen("leads/customer", "sales", searched=True),
    Selection(
        "leads/customer",
        "stewardship.incomplete",
        "sales",
        (("is_complete", False), ("state", "registered")),
        ("number", "name", "phone", "missing_tags", "quality_score"),
        (Role.DATA_STEWARD, Role.CUSTOMER_AFFAIRS, Role.SITE_SALES_LEAD, Role.SALES_AGENT),
        (Role.DATA_STEWARD,),
    ),
    Screen("leads/customer_stage", "sales"),
    Screen("leads/customer_tag", "sales"),
    Screen("leads/tag_conflict", "sales", awaiting=((Role.DATA_STEWARD, ("open",)),), settled=("settled", "resolved")),
    Screen(
        "leads/tag_change",
        "sales",
        awaiting=((Role.CUSTOMER_AFFAIRS, ("submitted",)),),
        settled=("applying", "applied", "refused"),
    ),
    Screen("leads/lead", "sales", mine="agent", awaiting=((Role.SALES_AGENT, ("handed_over",)),), settled=("taken",)),
    Screen("leads/household_link", "sales"),
    Screen("leads/browsing_entry", "sales"),
    Screen("leads/content_rule", "sales"),
    Screen("leads/tag", "sales"),
    Screen(
        "leads/duplicate_candidate",
        "sales",
        awaiting=((Role.DATA_STEWARD, ("suspected",)),),
        settled=("merged",),
        roles=(Role.DATA_STEWARD, Role.CUSTOMER_AFFAIRS, Role.AUDITOR),
    ),
    Screen("leads/customer_key", "sales", roles=(Role.DATA_STEWARD, Role.AUDITOR)),
    Screen("leads/customer_merge", "sales", settled=("merged",)),
    Screen("leads/reservation", "sales", searched=True),
    Screen("leads/contract", "sales", searched=True),
    Screen("leads/split_decision", "sales", searched=True, settled=("payable",)),
    Screen("leads/split_dispute", "sales", searched=True, awaiting=((Role.SITE_SALES_LEAD, ("open",)),)),
    Screen("leads/ownership_exception", "sales"),
    Screen("leads/restricted_request", "sales"),
    Screen("leads/interaction", "sales"),
    Screen("leads/purchase_interest", "sales", mine="agent", awaiting=((Role.SALES_AGENT, ("told",)),)),
    Screen("leads/project", "sales"),
    Link("ImportView.imports", "imports.title", "sales", (Role.DATA_STEWARD, Role.MARKETING, Role.CUSTOMER_AFFAIRS)),
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
    Link(
        "DeskView.desk",
        "desk.title",
        "complaints",
        (Role.HOTLINE_OPERATOR, Role.COMPLAINT_HANDLER, Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE),
    ),
    Screen(
        "complaints/case",
        "complaints",
        mine="handler",
        searched=True,
        awaiting=(
            (Role.HOTLINE_OPERATOR, ("registered",)),
            (Role.COMPLAINT_HANDLER, ("registered",)),
            (Role.COMPLAINT_SUPERVISOR, ("cause_transferred",)),
        ),
        settled=("closed",),
    ),
    Screen("complaints/plan", "complaints"),
    Screen("complaints/case_repair", "complaints"),
    Screen(
        "complaints/compensation",
        "complaints",
        searched=True,
        awaiting=((Role.FINANCE, ("approved",)), (Role.COMPLAINT_HANDLER, ("rejected",))),
        settled=("paid",),
    ),
    Screen(
        "complaints/corrective_action",
        "complaints",
        mine="owner",
        searched=True,
        awaiting=(
            (Role.DISCIPLINE, ("requested", "accepted", "in_progress", "returned")),
            (Role.PROJECT_DEPARTMENT, ("requested", "accepted", "in_progress", "returned")),
            (Role.CUSTOMER_AFFAIRS, ("requested", "accepted", "in_progress", "returned")),
            (Role.MARKETING, ("requested", "accepted", "in_progress", "returned")),
            (Role.COMPLAINT_HANDLER, ("done",)),
        ),
    ),
    Screen(
        "complaints/media_case",
        "complaints",
        searched=True,
        awaiting=(
            (Role.COMPLAINT_HANDLER, ("noted", "decided")),
            (Role.PUBLIC_RELATIONS, ("proposed",)),
            (Role.CUSTOMER_CENTRE, ("proposed",)),
        ),
        settled=("answered",),
    ),
    Screen(
        "complaints/forum_complaint",
        "complaints",
        searched=True,
        awaiting=((Role.COMPLAINT_HANDLER, ("unanswered",)), (Role.GROUP_CENTRE, ("unanswered",))),
        settled=("answered",),
    ),
    Screen("complaints/forum_reading", "complaints", settled=("issued",)),
    Screen("complaints/reading_receipt", "complaints"),
    Screen(
        "complaints/appeal",
        "complaints",
        searched=True,
        awaiting=((Role.GROUP_CENTRE, ("filed", "reviewing")), (Role.CUSTOMER_CENTRE, ("coordinating",))),
        settled=("concluded",),
    ),
    Screen("complaints/principles", "complaints", settled=("in_force",)),
    Screen(
        "complaints/feedback",
        "complaints",
        awaiting=((Role.DISCIPLINE, ("sent", "received")), (Role.MARKETING, ("sent", "received"))),
    ),
    Screen(
        "complaints/suggestion",
        "complaints",
        searched=True,
        awaiting=((Role.HOTLINE_OPERATOR, ("received", "acknowledged")),),
    ),
    Screen("complaints/hotspot_report", "complaints"),
    Screen(
        "complaints/defect_case",
        "complaints",
        searched=True,
        awaiting=((Role.DISCIPLINE, ("drafted",)), (Role.CUSTOMER_AFFAIRS, ("translated",))),
        settled=("published",),
    ),
    Screen(
        "complaints/sensitive_point", "complaints", awaiting=((Role.DISCIPLINE, ("draft",)),), settled=("published",)
    ),
    Screen("complaints/red_line", "complaints", awaiting=((Role.GROUP_CENTRE, ("draft",)),), settled=("published",)),
    Screen("complaints/red_line_check", "complaints", awaiting=((Role.DISCIPLINE, ("unmet",)),)),
    Screen(
        "complaints/enquiry",
        "complaints",
        mine="handler",
        searched=True,
        awaiting=((Role.HOTLINE_OPERATOR, ("escalated",)), (Role.GROUP_CENTRE, ("escalated",))),
        settled=("confirmed", "answered_by_human"),
    ),
    Screen(
        "complaints/knowledge_entry",
        "complaints",
        mine="owner",
        awaiting=((Role.CUSTOMER_CENTRE, ("draft", "invalidated")),),
        settled=("published",),
    ),
    Screen("complaints/missed_contact", "complaints", awaiting=((Role.HOTLINE_OPERATOR, ("missed",)),)),
    Screen("complaints/contact_hour", "complaints"),
    Screen("complaints/duty_shift", "complaints"),
    Screen("complaints/project_fact", "complaints"),
    Screen(
        "complaints/group_complaint",
        "complaints",
        searched=True,
        awaiting=(
            (Role.CUSTOMER_CENTRE, ("suspected", "settled")),
            (Role.COMPLAINT_HANDLER, ("confirmed", "handling")),
        ),
    ),
    Screen("complaints/group_member", "complaints"),
    Screen(
        "complaints/supervision_order",
        "complaints",
        mine="assignee",
        awaiting=((Role.COMPLAINT_HANDLER, ("issued",)), (Role.COMPLAINT_SUPERVISOR, ("done",))),
    ),
    Screen("complaints/high_value_customer", "complaints"),
    Screen("complaints/level_keyword", "complaints", roles=RATING),
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
    Link("OperationsView.operations", "operations.title", "platform", (Role.ADMINISTRATOR, Role.AUDITOR)),
    Link("PeopleView.people", "people.title", "platform", (Role.ADMINISTRATOR,)),
    Screen("*/parameter", "platform"),
    Screen("*/authority_rule", "platform"),
    Screen("*/personal_data_access", "platform"),
    Screen("*/refused_change", "platform"),
)

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
