"""The doors of maintenance."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.maintenance.companies import engagements
from services.maintenance.company_actions import company_actions
from services.maintenance.company_complaints import company_questions, forwarded_complaints
from services.maintenance.gateway import INTAKE
from services.maintenance.green_channel import green_channel
from services.maintenance.lessons import companies
from services.maintenance.sensitive_points import orders
from services.maintenance.warranty import TERMS, items
from services.maintenance.work_orders.order import PARAMETERS

SERVICE = Service(
    "maintenance",
    [orders, green_channel, items, companies, engagements, company_actions, forwarded_complaints, company_questions],
    replicates=["leads/project", "leads/home", "leads/customer", "complaints/sensitive_point"],
    parameters=[*PARAMETERS, *TERMS.values()],
    intake=INTAKE,
)


class Maintenance(Doors):
    """Repairs, warranty and property companies."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Maintenance
