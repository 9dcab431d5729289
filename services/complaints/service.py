"""The doors of complaints."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.complaints import enquiries
from services.complaints.cases import PARAMETERS, actions, appeals, cases, compensations, plans, repairs
from services.complaints.defects import defects
from services.complaints.enquiries.answering.engines import answerer
from services.complaints.feedback import feedback, suggestions
from services.complaints.forum import PARAMETERS as FORUM_PARAMETERS
from services.complaints.forum import forum_complaints, readings, receipts
from services.complaints.groups import PARAMETERS as GROUP_PARAMETERS
from services.complaints.groups import group_members, groups
from services.complaints.high_value import high_value_customers
from services.complaints.hotspots import PARAMETERS as HOTSPOT_PARAMETERS
from services.complaints.hotspots import reports
from services.complaints.issues import PARAMETERS as ISSUE_PARAMETERS
from services.complaints.issues import issues
from services.complaints.keywords import keywords
from services.complaints.media import media_cases
from services.complaints.orders import orders
from services.complaints.principles import principles
from services.complaints.red_lines import checks, red_lines
from services.complaints.sensitive_points import points

SERVICE = Service(
    "complaints",
    [
        cases,
        plans,
        repairs,
        compensations,
        actions,
        media_cases,
        forum_complaints,
        readings,
        receipts,
        appeals,
        principles,
        issues,
        feedback,
        suggestions,
        reports,
        defects,
        red_lines,
        checks,
        points,
        high_value_customers,
        keywords,
        *enquiries.PROCESSES,
        groups,
        group_members,
        orders,
    ],
    replicates=["leads/project", "leads/home", "leads/customer"],
    parameters=[
        *PARAMETERS,
        *FORUM_PARAMETERS,
        *HOTSPOT_PARAMETERS,
        *enquiries.PARAMETERS,
        *GROUP_PARAMETERS,
        *ISSUE_PARAMETERS,
    ],
    checks=[answerer],
)


class Complaints(Doors):
    """Complaints and disputes."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Complaints
