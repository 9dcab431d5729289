"""The doors of leads."""

from __future__ import annotations

from services.chassis.doors import Doors, Runtime
from services.chassis.service import Service
from services.leads import (
    dormancy,
    handovers,
    interactions,
    penalties,
    purchase_interests,
    reservations,
    restricted_requests,
    sensitive_points,
    terminations,
    title_deeds,
)
from services.leads.complaint_notices import projects
from services.leads.customers.duplicate_figures import candidates
from services.leads.customers.duplicates import LAST_DIGITS
from services.leads.customers.identity import customer_keys
from services.leads.customers.importing import customer_import
from services.leads.customers.lookups import lookups
from services.leads.customers.merges import AT_ONCE, merges
from services.leads.homes import homes
from services.leads.ownership import disputes, exceptions, explanation, reports
from services.leads.ownership.figures import PARAMETERS as OWNERSHIP
from services.leads.portraits import parts as portraits
from services.leads.portraits import worth
from services.leads.reception import alteration, figures, follow_ups, funnel, paper
from services.leads.reception.entries import CALL_WINDOW
from services.leads.referrals import rewards
from services.leads.rotation import parts as rotation

SERVICE = Service(
    "leads",
    [
        projects,
        homes,
        worth.customers,
        customer_keys,
        funnel.stages,
        lookups,
        candidates,
        merges,
        terminations.contracts,
        sensitive_points.handovers,
        title_deeds.cases,
        title_deeds.chases,
        interactions.interactions,
        purchase_interests.purchase_interests,
        paper.call_entries,
        paper.visit_entries,
        figures.objections,
        figures.sales_follow_ups,
        *portraits.PROCESSES,
        *rotation.PROCESSES,
        alteration.violations,
        explanation.protections,
        reports.split_decisions,
        disputes.disputes,
        exceptions.exceptions,
        reservations.reservations,
        rewards.referred_customers,
        restricted_requests.restricted_requests,
    ],
    replicates=["complaints/sensitive_point"],
    parameters=[
        LAST_DIGITS,
        AT_ONCE,
        *dormancy.PARAMETERS,
        *handovers.PARAMETERS,
        *title_deeds.PARAMETERS,
        *interactions.PARAMETERS,
        *follow_ups.PARAMETERS,
        *funnel.PARAMETERS,
        CALL_WINDOW,
        *portraits.PARAMETERS,
        *rotation.PARAMETERS,
        *penalties.PARAMETERS,
        *OWNERSHIP,
        *reports.PARAMETERS,
        reservations.WITHDRAWAL_WINDOW,
    ],
    founding=[portraits.found],
    importables=[customer_import],
)


class Leads(Doors):
    """Customers, homes, contracts, handovers and title deeds."""

    name = SERVICE.name
    runtime = Runtime(SERVICE)


DOORS = Leads
