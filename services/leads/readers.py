"""Who reads the registers of leads: lists that several processes share."""

from __future__ import annotations

from services.contracts.roles import Role

#: Everyone who talks with customers; the phone is masked for them unless the process says otherwise.
CUSTOMER_READERS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.SALES_DIRECTOR,
    Role.MARKETING,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    Role.COMPANY_MANAGER,
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    Role.COMPLAINT_SUPERVISOR,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.CUSTOMER_MANAGER,
    Role.CLUB_OFFICER,
    Role.MAINTENANCE_DESK,
    Role.MAINTENANCE_LEAD,
    Role.DATA_STEWARD,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
]

#: Who sees what is known of a customer beyond name and stage.
PORTRAIT_READERS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.SALES_DIRECTOR,
    Role.MARKETING,
    Role.CUSTOMER_AFFAIRS,
    Role.COMPANY_MANAGER,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.CUSTOMER_MANAGER,
    Role.CLUB_OFFICER,
    Role.DATA_STEWARD,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
]

#: Who sees the sales floor: its registers, its rotation and whose customer is whose.
FLOOR_READERS = [Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR]

#: Who sees what was sold, for how much, and what became of it.
SALE_READERS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.SALES_DIRECTOR,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    Role.COMPANY_MANAGER,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.FINANCE,
    Role.AUDITOR,
]

#: Who sees how a home reaches its owner.
HANDOVER_READERS = [
    *SALE_READERS,
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    Role.COMPLAINT_SUPERVISOR,
    Role.CUSTOMER_MANAGER,
    Role.INSPECTION_ENGINEER,
    Role.MAINTENANCE_DESK,
    Role.MAINTENANCE_LEAD,
]
