"""Where a person stands with their plan: used, allowed, and when it begins anew."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db import connection

from accounts.spending.days import begins, first_of_month, next_month
from accounts.spending.plans import Allowance, plan_of

Period = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class Sums:
    """What one day or month has used; ``under_way`` is what answers now being written have set aside."""

    answers: int = 0
    tokens: int = 0
    money_nano: int = 0
    tokens_under_way: int = 0
    money_nano_under_way: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's day and month beside their plan."""

    plan: Allowance
    on: date
    day: Sums
    month: Sums

    @property
    def shares(self) -> dict[Period, float]:
        """Return which share of its tightest limit each period has used, answers under way included."""
        day, month, plan = self.day, self.month, self.plan
        return {
            "day": max(
                _share(day.tokens + day.tokens_under_way, plan.tokens_per_day),
                _share(day.money_nano + day.money_nano_under_way, plan.money_per_day),
            ),
            "month": _share(month.money_nano + month.money_nano_under_way, plan.money_per_month),
        }

    @property
    def tightest(self) -> Period:
        """Return the period whose limit is the nearest; the month where both are, as it lasts longer."""
        shares = self.shares
        return "month" if shares["month"] >= shares["day"] and shares["month"] > 0 else "day"

    def begins_anew(self, period: Period) -> datetime:
        """Return when the next day or month begins at the desk."""
        return resets_at(period, self.on)


def resets_at(period: Period, on: date) -> datetime:
    """Return when the day or month after that of ``on`` begins at the desk."""
    return begins(next_month(on) if period == "month" else on + timedelta(days=1))


def standing_of(user_id: int, on: date, plan: Allowance | None = None) -> Standing:
    """Return where a person stands on a day: one query, and the plan's where none is given."""
    first, day = (connection.ops.adapt_datefield_value(each) for each in (first_of_month(on), on))
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [*[day] * len(_COLUMNS), user_id, first, day])
        sums = [int(value or 0) for value in cursor.fetchone()]
    return Standing(
        plan=plan_of(user_id) if plan is None else plan,
        on=on,
        day=Sums(*sums[: len(_COLUMNS)]),
        month=Sums(*sums[len(_COLUMNS) :]),
    )


_COLUMNS = ("answers", "tokens", "money_nano", "tokens_reserved", "money_nano_reserved")  # as Sums has them
_OF_DAY = ", ".join(f"SUM(CASE WHEN day = %s THEN {name} ELSE 0 END)" for name in _COLUMNS)
_OF_MONTH = ", ".join(f"SUM({name})" for name in _COLUMNS)
_FROM = "FROM accounts_spending WHERE user_id = %s AND day >= %s AND day <= %s"
_SUMS = f"SELECT {_OF_DAY}, {_OF_MONTH} {_FROM}"  # nosec B608: all of it is written above


def _share(used: int, limit: int | None) -> float:
    if limit is None:
        return 0.0
    return used / limit if limit else 1.0
