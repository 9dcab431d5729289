"""Repairs, from report to closing (M-20 to M-44)."""

from services.maintenance.work_orders import intake, repair
from services.maintenance.work_orders.order import SURVEY_CLASSES, WorkOrder, orders, reported_before

__all__ = ["SURVEY_CLASSES", "WorkOrder", "intake", "orders", "repair", "reported_before"]
