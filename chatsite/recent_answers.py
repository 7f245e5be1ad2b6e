"""What was answered in the last minutes: rates, sources, and how long people waited. From the turns' rows.

One query by an index reads what ended, for all processes and also after a restart; what it finds is shared
through the cache for a few seconds.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from accounts.models.money import from_nano
from accounts.spending.prices import Tokens, cost
from chat.models import Turn
from chat.turn.charge import FREE

WINDOW_SECONDS: Final = 600
STEP_SECONDS: Final = 15  # of the graphs
MOST_TURNS: Final = 5_000
PERCENTS: Final = (50, 95, 99)
SOURCES: Final = ("model", "cache", "shared", "quoted", "fixed")
_KEPT_SECONDS: Final = 4
_KEY: Final = "stats:recent-answers"


class Ended(NamedTuple):
    """What is read of a turn that ended; ``followed_ms`` is set where it waited for another's answer."""

    finished_at: datetime
    status: str
    source: str
    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    first_token_ms: int | None
    total_ms: int | None
    followed_ms: int | None


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that at least ``percent`` % of all are no greater than (nearest rank):
    the value at place ceil(percent / 100 * n), exactly, with nothing in between. None: there are no values.

    Args:
        ordered: the values, ascending.
        percent: 1 to 100.
    """
    return ordered[math.ceil(percent * len(ordered) / 100) - 1] if ordered else None


def recent_answers(*, may_be_kept: bool = True) -> dict[str, Any]:
    """Return the figures of the last minutes, a few seconds old at most.

    Args:
        may_be_kept: whether the cache may be asked; not while it is away.
    """
    if not may_be_kept:
        return _figures(timezone.now())
    kept: dict[str, Any] | None = cache.get(_KEY)
    if kept is None:
        kept = _figures(timezone.now())
        cache.set(_KEY, kept, _KEPT_SECONDS)
    return kept


def _figures(now: datetime) -> dict[str, Any]:
    ended, since = _ended(now)
    minutes = max((now - since).total_seconds(), 1.0) / 60  # a window that holds too much is shorter
    answered = [turn for turn in ended if turn.status != Turn.Status.FAILED]
    tokens = sum(turn.prompt_tokens + turn.completion_tokens for turn in ended if turn.provider not in FREE)
    return {
        "seconds": round(minutes * 60),
        "answers": len(answered),
        "answers_per_minute": _rate(len(answered), minutes),
        "failed": len(ended) - len(answered),
        "failed_per_minute": _rate(len(ended) - len(answered), minutes),
        "tokens_per_minute": _rate(tokens, minutes),
        "money_per_hour": round(_money(ended) / minutes * 60, 6),
        "currency": settings.CURRENCY,
        "sources": _by_source(answered),
        "first_token_ms": _waits([turn.first_token_ms for turn in answered]),
        "total_ms": _waits([turn.total_ms for turn in answered]),
        "steps": _steps(ended, now),
    }


def _ended(now: datetime) -> tuple[list[Ended], datetime]:
    """Return what ended in the window, and since when nothing is missing.

    A turn that ended in it was asked in it, or one deadline earlier: the index by asking finds them.
    """
    since = now - timedelta(seconds=WINDOW_SECONDS)
    asked_since = since - timedelta(seconds=settings.TURN_DEADLINE_SECONDS)
    names = [*Ended._fields[:-1], "stage_ms__follow"]
    rows = (
        Turn.objects.filter(created_at__gte=asked_since, finished_at__gt=since)
        .order_by("-created_at")
        .values_list(*names)[:MOST_TURNS]
    )
    ended = [Ended(*row) for row in rows]
    if len(ended) == MOST_TURNS:
        since = min(turn.finished_at for turn in ended)
    return ended, since


def _money(ended: Sequence[Ended]) -> float:
    """Return the cost at today's prices; prompts that a vendor had cached count in full."""
    used: Counter[tuple[str, str, str]] = Counter()
    for turn in ended:
        if turn.provider not in FREE:
            used[turn.provider, turn.model, "prompt"] += turn.prompt_tokens
            used[turn.provider, turn.model, "completion"] += turn.completion_tokens
    day = timezone.localdate()
    nano = 0
    for provider, model in {key[:2] for key in used}:
        tokens = Tokens(used[provider, model, "prompt"], used[provider, model, "completion"])
        nano += cost(provider, model, tokens, day).nano
    return float(from_nano(nano))


def _by_source(answered: Sequence[Ended]) -> dict[str, int]:
    """Count answers by where their words come from; ``shared`` is another's, taken while it was written."""
    counted = Counter(
        "shared" if turn.source == Turn.Source.CACHE and turn.followed_ms is not None else turn.source
        for turn in answered
    )
    return {name: counted[name] for name in SOURCES}


def _waits(found: Sequence[int | None]) -> dict[str, int | None]:
    ordered = sorted(ms for ms in found if ms is not None)
    return {f"p{percent}": percentile(ordered, percent) for percent in PERCENTS}


def _steps(ended: Sequence[Ended], now: datetime) -> list[dict[str, Any]]:
    """Return the graphs' points, oldest first; ``at`` is the end of a step, in seconds since the epoch.

    The step that is not over yet is left out: its few answers would look like a fall.
    """
    last = int(now.timestamp()) // STEP_SECONDS - 1
    steps: dict[int, list[Ended]] = {
        number: [] for number in range(last - WINDOW_SECONDS // STEP_SECONDS + 1, last + 1)
    }
    for turn in ended:
        number = int(turn.finished_at.timestamp()) // STEP_SECONDS
        if number in steps:
            steps[number].append(turn)
    return [_step(number, turns) for number, turns in steps.items()]


def _step(number: int, turns: Sequence[Ended]) -> dict[str, Any]:
    firsts = sorted(turn.first_token_ms for turn in turns if turn.first_token_ms is not None)
    failed = sum(turn.status == Turn.Status.FAILED for turn in turns)
    return {
        "at": (number + 1) * STEP_SECONDS,
        "answers": len(turns) - failed,
        "failed": failed,
        "first_token_p50": percentile(firsts, 50),
        "first_token_p95": percentile(firsts, 95),
    }


def _rate(count: int, minutes: float) -> float:
    return round(count / minutes, 2)
