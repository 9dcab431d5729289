"""Customers: one record each, and how far they have come in each project (L-01, L-03, X-72)."""

from services.leads.customers.customer import Customer, CustomerStage, customers, stages
from services.leads.customers.lifecycle import advance_stage, stage_of
from services.leads.customers.registration import known_or_new, register, update

__all__ = [
    "Customer",
    "CustomerStage",
    "advance_stage",
    "customers",
    "known_or_new",
    "register",
    "stage_of",
    "stages",
    "update",
]
