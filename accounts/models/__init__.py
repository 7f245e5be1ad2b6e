"""Who a person is and what they may use, as rows."""

from accounts.models.audit import AuditEntry
from accounts.models.keys import ApiKey
from accounts.models.people import User
from accounts.models.plans import GroupPlan, PersonPlan, Plan
from accounts.models.prices import Price
from accounts.models.spending import Reservation, SpendAlert, Spending, Usage

__all__ = [
    "ApiKey",
    "AuditEntry",
    "GroupPlan",
    "PersonPlan",
    "Plan",
    "Price",
    "Reservation",
    "SpendAlert",
    "Spending",
    "Usage",
    "User",
]
