"""Plans, prices and charges for the tests of spending."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.models import PersonPlan, Plan, Price, User
from accounts.spending.ledger import Charge
from accounts.spending.plans import Allowance
from accounts.spending.prices import Cost, Tokens

DAY = date(2026, 11, 21)


def limited(**limits: int | bool) -> Allowance:
    """Return a plan's value, its money in billionths."""
    return Allowance(name="Limited", **limits)


def charge(user: User, *, tokens: int = 100, nano: int = 1_000, day: date = DAY, **more: object) -> Charge:
    """Return what one answer of a model has used."""
    known = {"turn": uuid4(), "source": "model", "provider": "compatible", "model": "fake"} | more
    return Charge(
        user=user.pk, day=day, tokens=Tokens(prompt=tokens), cost=Cost(nano, is_known=True), **known
    )


@pytest.fixture
def give_plan(db: None) -> Callable[..., Plan]:
    """Give a person a plan of their own."""

    def give(user: User, **limits: object) -> Plan:
        plan = Plan.objects.create(name=f"Plan of {user}", **limits)
        PersonPlan.objects.create(user=user, plan=plan)
        return plan

    return give


@pytest.fixture
def prices(db: None) -> list[Price]:
    """Two prices of one model, and one for any model of another provider."""
    rows = [
        ("compatible", "fake", date(2026, 1, 1), "1", "0.5", "4"),
        ("compatible", "fake", date(2026, 11, 21), "2", None, "8"),
        ("openai", "*", date(2026, 1, 1), "0.15", "0.075", "0.6"),
    ]
    return [
        Price.objects.create(
            provider=provider,
            model=model,
            valid_from=since,
            input_per_million=Decimal(into),
            cached_input_per_million=cached and Decimal(cached),
            output_per_million=Decimal(out),
        )
        for provider, model, since, into, cached, out in rows
    ]
