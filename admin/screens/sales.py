"""The menu of the sales floor, and of customers and what they buy."""

from __future__ import annotations

from admin.screens.kinds import EntryForm, Link, Screen, Selection
from services.contracts.roles import Role

#: Who manages the sales floor, and looks at how it was done.
LEADING = (Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR)
#: Who reads what the rotation board and the pages of its records show otherwise.
LOOKING = (Role.SALES_DIRECTOR, Role.AUDITOR)

#: A return visit is entered by the same command, into a register of its own (L-22).
CAME_BEFORE = (("been_before", "true"),)

#: Reception, ownership and follow-up.
FLOOR: tuple[Screen | Selection | Link, ...] = (
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
)
#: Customers, their portraits and their deals.
SALES: tuple[Screen | Selection | Link, ...] = (
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
)
