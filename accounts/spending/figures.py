"""What the whole desk has used, day by day, for staff."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.models import Spending, Usage, User
from accounts.models.money import from_nano

SOURCES = ("model", "cache", "quoted", "fixed", "failed", "deleted")
MOST_SPENDERS = 10


@dataclass(slots=True)
class Figures:
    """Sums of some answers."""

    answers: int = 0
    paid: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money_nano: int = 0
    unpriced: int = 0
    by_source: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))

    def add(self, row: dict[str, Any]) -> None:
        """Add one row of the database's sums."""
        self.answers += row["answers"]
        self.paid += row["answers"] if row["prompt_tokens"] + row["completion_tokens"] else 0
        self.prompt_tokens += int(row["prompt_tokens"])
        self.completion_tokens += int(row["completion_tokens"])
        self.money_nano += int(row["money_nano"])
        self.unpriced += row["unpriced"]
        self.by_source[row["source"]] = self.by_source.get(row["source"], 0) + row["answers"]

    @property
    def tokens(self) -> int:
        """Return the tokens that were paid for."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def money(self) -> Decimal:
        """Return what they have cost."""
        return from_nano(self.money_nano)

    @property
    def cost_per_answer(self) -> Decimal:
        """Return the cost spread over all answers, the free ones included."""
        return from_nano(self.money_nano) / self.answers if self.answers else Decimal(0)

    @property
    def sources(self) -> list[int]:
        """Return the answers of each source, in the order of ``SOURCES``."""
        return [self.by_source[source] for source in SOURCES]


@dataclass(frozen=True, slots=True)
class Spender:
    """One person's sums; None for all who have left together."""

    user: User | None
    answers: int
    tokens: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """The days up to and with the last, oldest first, in sums by day and by model.

    Attributes:
        models: by (provider, model), the dearest first; only those that were paid or have no price.
        daily_models: answers of each of them by day, in the same order.
        unpriced: models that were used and have no price.
    """

    days: list[date]
    daily: list[Figures]
    total: Figures
    models: dict[tuple[str, str], Figures]
    daily_models: dict[tuple[str, str], list[Figures]]
    spenders: list[Spender]

    @property
    def unpriced(self) -> list[tuple[str, str]]:
        """Return the models that were used without a price."""
        return [key for key, figures in self.models.items() if figures.unpriced]


def desk_figures(last: date, days: int) -> DeskFigures:
    """Return the figures of ``days`` days: three queries."""
    all_days = [last - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
    rows = list(_rows(all_days[0], last))
    paid = [row for row in rows if row["prompt_tokens"] + row["completion_tokens"]]
    models = _summed(paid, lambda row: (row["provider"], row["model"]))
    dearest = dict(sorted(models.items(), key=lambda item: (-item[1].money_nano, -item[1].tokens)))
    by_day = _summed(rows, lambda row: row["day"])
    by_both = _summed(paid, lambda row: (row["day"], row["provider"], row["model"]))
    return DeskFigures(
        days=all_days,
        daily=[by_day.get(day, Figures()) for day in all_days],
        total=_summed(rows, lambda row: None).get(None, Figures()),
        models=dearest,
        daily_models={key: [by_both.get((day, *key), Figures()) for day in all_days] for key in dearest},
        spenders=_spenders(all_days[0], last),
    )


def _rows(first: date, last: date) -> Iterable[dict[str, Any]]:
    usage = Usage.objects.filter(day__gte=first, day__lte=last).order_by()
    columns = ("answers", "prompt_tokens", "completion_tokens", "money_nano", "unpriced")
    by = usage.values("day", "source", "provider", "model")
    named = by.annotate(**{f"sum_{name}": Sum(name) for name in columns})
    for row in named:
        yield {name.removeprefix("sum_"): value for name, value in row.items()}


def _summed(rows: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], Any]) -> dict[Any, Figures]:
    sums: dict[Any, Figures] = {}
    for row in rows:
        sums.setdefault(key(row), Figures()).add(row)
    return sums


def _spenders(first: date, last: date) -> list[Spender]:
    spending = Spending.objects.filter(day__gte=first, day__lte=last, tokens__gt=0).order_by()
    sums = spending.values("user").annotate(
        all_answers=Sum("answers"), all_tokens=Sum("tokens"), all_money=Sum("money_nano")
    )
    top = list(sums.order_by("-all_money", "-all_tokens")[:MOST_SPENDERS])
    people = User.objects.in_bulk([row["user"] for row in top if row["user"] is not None])
    return [
        Spender(
            people.get(row["user"]),
            row["all_answers"],
            int(row["all_tokens"]),
            from_nano(int(row["all_money"])),
        )
        for row in top
    ]
