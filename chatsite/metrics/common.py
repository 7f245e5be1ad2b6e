"""What only the database and Redis know: the same for every process, so asked by the one that is scraped.

One query, kept for some seconds. What is away costs a scrape ``PATIENCE_SECONDS`` and never breaks it.
"""

import asyncio
import time
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from chat.database import in_database
from chat.events.log import event_log
from chat.models import Turn

KEEP_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 3.0


class _Kept:
    """The figures, and until when they hold."""

    def __init__(self) -> None:
        self.until = 0.0
        self.figures: dict[str, tuple[str, float]] = {}


_kept = _Kept()


async def of_the_desk() -> list[Metric]:
    """Return the queue's length and age, and whether the database and Redis answer."""
    if time.monotonic() >= _kept.until:
        queue, redis = await asyncio.gather(_queue(), _redis())
        _kept.figures = queue | redis
        _kept.until = time.monotonic() + KEEP_SECONDS
    return [GaugeMetricFamily(name, words, value=value) for name, (words, value) in _kept.figures.items()]


def forget() -> None:
    """Ask anew at the next scrape."""
    _kept.until = 0.0


async def _queue() -> dict[str, tuple[str, float]]:
    words = "1 while the database answers."
    try:
        figures = await asyncio.wait_for(in_database(_ask), PATIENCE_SECONDS)
    except (DatabaseFailure, TimeoutError):
        return {"chatsite_database_up": (words, 0.0)}
    return {"chatsite_database_up": (words, 1.0), **figures}


async def _redis() -> dict[str, tuple[str, float]]:
    """Return whether Redis answers; nothing where the desk does without."""
    if not settings.REDIS_URL:
        return {}
    try:
        is_up = await asyncio.wait_for(event_log().ping(), PATIENCE_SECONDS)
    except TimeoutError:
        is_up = False
    return {"chatsite_redis_up": ("1 while Redis answers.", float(is_up))}


def _ask() -> dict[str, tuple[str, float]]:
    """Count the unfinished turns, of which an index is kept; finished ones are not looked at."""
    queued = Q(status=Turn.Status.QUEUED)
    row = Turn.objects.unfinished().aggregate(
        queued=Count("pk", filter=queued),
        lost=Count("pk", filter=Q(status=Turn.Status.RUNNING, lease_until__lt=timezone.now())),
        oldest=Min("created_at", filter=queued),
    )
    age = (timezone.now() - row["oldest"]).total_seconds() if row["oldest"] else 0.0
    return {
        "chatsite_turns_queued": ("Turns that wait, over all processes.", float(row["queued"])),
        "chatsite_turns_lost": ("Turns whose process is gone and that nobody took over.", float(row["lost"])),
        "chatsite_queue_oldest_seconds": ("Age of the turn that has waited longest.", max(age, 0.0)),
    }
