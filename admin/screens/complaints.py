"""The menu of complaints and enquiries."""

from __future__ import annotations

from admin.screens.kinds import Link, Screen, Selection
from services.contracts.roles import Role

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

#: Cases and what follows from them, enquiries, the forum.
COMPLAINTS: tuple[Screen | Selection | Link, ...] = (
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
)
