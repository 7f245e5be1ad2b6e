"""Which plan holds for a person, without asking the database for every message.

Plans and the groups they are given to are few: each process keeps them for ``PLAN_CACHE_SECONDS``. Only a
desk that gives plans to people or groups asks anything about a person, and keeps the answer as long.
"""

import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q
from django.db.models.signals import post_delete, post_save

from accounts.models import GroupPlan, PersonPlan, Plan
from accounts.models.money import to_nano

MOST_PEOPLE = 10_000  # kept by one process; beyond it all are forgotten, or memory would have no end


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a plan allows. None: no limit.

    Attributes:
        messages_per_minute: instead of the desk's own limit; None: that one holds.
        tokens_per_day: of prompts and answers together.
        money_per_day, money_per_month: billionths of the currency's unit.
        stops: whether beyond a limit there is a notice instead of quoted passages.
    """

    name: str = ""
    messages_per_minute: int | None = None
    tokens_per_day: int | None = None
    money_per_day: int | None = None
    money_per_month: int | None = None
    currency: str = ""
    stops: bool = False

    @property
    def is_limited(self) -> bool:
        """Tell whether tokens or money have a limit."""
        return (self.tokens_per_day, self.money_per_day, self.money_per_month) != (None, None, None)


NO_LIMITS = Allowance()


@dataclass(slots=True)
class _Book:
    """All plans as they were at one moment, and the people looked up since."""

    read_at: float
    default: Allowance
    of_groups: dict[int, Allowance]
    has_personal: bool
    people: dict[int, Allowance] = field(default_factory=dict)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.read_at < settings.PLAN_CACHE_SECONDS

    @property
    def is_one_for_all(self) -> bool:
        return not (self.of_groups or self.has_personal)


_lock = threading.Lock()
_book: _Book | None = None


def plan_of(user_id: int) -> Allowance:
    """Return the plan that holds for a person: their own, else their groups' most generous, else the default.

    Asks the database at most a few times in ``PLAN_CACHE_SECONDS``.
    """
    global _book
    known = known_plan_of(user_id)
    if known is not None:
        return known
    book = _book
    if book is None or not book.is_fresh:
        book = _read()
        with _lock:
            _book = book
    if book.is_one_for_all:
        return book.default
    allowance = _look_up(user_id, book)
    if len(book.people) >= MOST_PEOPLE:
        book.people.clear()
    book.people[user_id] = allowance
    return allowance


def known_plan_of(user_id: int) -> Allowance | None:
    """Return the plan if this process knows it without asking; may be called on an event loop."""
    book = _book
    if book is None or not book.is_fresh:
        return None
    return book.default if book.is_one_for_all else book.people.get(user_id)


def forget(**_: object) -> None:
    """Read plans anew at the next question; called whenever this process changes one."""
    global _book
    _book = None


def _read() -> _Book:
    read_at = time.monotonic()
    groups = {
        row.group_id: _allowance(row.plan) for row in GroupPlan.objects.select_related("plan").order_by("pk")
    }
    default = Plan.objects.filter(is_default=True).first()
    return _Book(
        read_at=read_at,
        default=_allowance(default) if default else NO_LIMITS,
        of_groups=groups,
        has_personal=PersonPlan.objects.exists(),
    )


def _look_up(user_id: int, book: _Book) -> Allowance:
    own = Plan.objects.filter(people__user=user_id).first() if book.has_personal else None
    if own is not None:
        return _allowance(own)
    groups = Group.objects.filter(Q(user=user_id) & Q(pk__in=book.of_groups)).values_list("pk", flat=True)
    plans = [book.of_groups[group] for group in groups] if book.of_groups else []
    return max(plans, key=_generosity, default=book.default)


def _generosity(plan: Allowance) -> tuple[float, ...]:
    """Order plans by money, then tokens, then messages; no limit is the most."""
    limits = (plan.money_per_day, plan.money_per_month, plan.tokens_per_day, plan.messages_per_minute)
    return tuple(float("inf") if limit is None else limit for limit in limits)


def _allowance(plan: Plan) -> Allowance:
    return Allowance(
        name=plan.name,
        messages_per_minute=plan.messages_per_minute,
        tokens_per_day=plan.tokens_per_day,
        money_per_day=_nano(plan.money_per_day),
        money_per_month=_nano(plan.money_per_month),
        currency=plan.currency,
        stops=plan.beyond == Plan.Beyond.STOP,
    )


def _nano(amount: Decimal | None) -> int | None:
    return None if amount is None else to_nano(amount)


for _model in (Plan, PersonPlan, GroupPlan):
    post_save.connect(forget, sender=_model)
    post_delete.connect(forget, sender=_model)
