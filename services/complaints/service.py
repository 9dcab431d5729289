"""The doors of complaints."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.complaints.cases import PARAMETERS, actions, cases, compensations, plans, repairs
from services.complaints.high_value import high_value_customers
from services.complaints.keywords import keywords

SERVICE = Service(
    "complaints",
    [cases, plans, repairs, compensations, actions, high_value_customers, keywords],
    replicates=["leads/project", "leads/home", "leads/customer"],
    parameters=PARAMETERS,
)


class Complaints(Doors):
    """Complaints and disputes."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Complaints
