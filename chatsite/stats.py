"""What goes on right now, over all processes: each reports to the cache, and the page adds them up.

While the cache is away, the figures are those of this process and of the database, and say so.
"""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from chat.events.away import AWAY
from chat.models import Rating, Turn
from chat.sockets import sockets
from chat.turn import answer_cache, attune, concealment
from chat.turn.carrier import carrier
from chat.turn.tally import tallies
from chatsite.pace import last_minute
from chatsite.recent_answers import recent_answers

REPORT_SECONDS = 5
_KEY = "stats:web:"
MOST_CONVERSATIONS = 200
RATED_DAYS = 30
PING_SECONDS = 0.4
COUNTED = ("answer_cache", "safety", "tone", "personal_data")
Kind = Literal["web", "worker"]


# What a process of an older release does not tell of itself, while the two run side by side.
_ROW = {"kind": "web", "sockets": 0, "turns_running_here": 0, "answers_last_minute": 0}


def of_this_process(kind: Kind = "web") -> dict[str, Any]:
    """Return the figures of the running loop's process."""
    return {
        "kind": kind,
        "sockets": len(sockets()),
        "turns_running_here": len(carrier()),
        "answers_last_minute": last_minute(),
        "conversations": [asdict(row) for row in sockets().open_conversations()[:MOST_CONVERSATIONS]],
    }


def report(process: str, figures: dict[str, Any]) -> None:
    """Keep a process's figures until its next report."""
    cache.set(_KEY + process, figures, REPORT_SECONDS * 3)


def count_reporting(kind: Kind) -> int:
    """Return how many processes of a kind have reported of late."""
    return sum(figures.get("kind") == kind for figures in _reports().values())


def ping_cache() -> bool:
    """Tell whether the cache that all processes share answers; a cache in memory does."""
    if not settings.REDIS_URL:
        return True
    try:
        return bool(cache.client.get_client().ping())
    except AWAY:
        return False


async def cache_is_up() -> bool:
    """Tell the same within ``PING_SECONDS``, also of a Redis that is silent."""
    asked = asyncio.ensure_future(asyncio.to_thread(ping_cache))
    done, _ = await asyncio.wait({asked}, timeout=PING_SECONDS)
    return bool(done) and asked.result()


def gather(process: str, own: dict[str, Any], *, is_shared: bool = True) -> dict[str, Any]:
    """Return the figures of all processes, the turns in the database and what the cache has counted.

    Args:
        process: this process's name.
        own: its figures.
        is_shared: whether the cache answers; without it there are no figures of others and no counts.
    """
    reports = _reports() if settings.REDIS_URL and is_shared else {}
    reports[process] = own
    by_status = dict(Turn.objects.unfinished().values_list("status").annotate(n=Count("pk")))
    return {
        "everywhere": is_shared,
        "sockets": sum(figures["sockets"] for figures in reports.values()),
        "processes": {
            name: {field: figures.get(field, default) for field, default in _ROW.items()}
            for name, figures in sorted(reports.items())
        },
        "conversations": _together([row for figures in reports.values() for row in figures["conversations"]]),
        "turns": {"running": by_status.get("running", 0), "queued": by_status.get("queued", 0)},
        "recent": recent_answers(may_be_kept=is_shared),
        "ratings": _ratings(),
        **(_counts() if is_shared else dict.fromkeys(COUNTED)),
    }


def _counts() -> dict[str, Any]:
    """Return what all processes have counted in the cache."""
    return {
        "answer_cache": {
            "hits": cache.get(answer_cache.HITS, 0),
            "misses": cache.get(answer_cache.MISSES, 0),
        },
        "safety": tallies(),
        "tone": {"not_told": cache.get(attune.FAILURES, 0)},
        "personal_data": {"not_masked": cache.get(concealment.FAILURES, 0)},
    }


def _ratings() -> dict[str, int]:
    """Count the answers that customers have rated within the last days, by thumb."""
    since = timezone.now() - timedelta(days=RATED_DAYS)
    counted = Rating.objects.filter(changed_at__gte=since).values_list("value").annotate(n=Count("pk"))
    found = dict(counted)
    return {"days": RATED_DAYS, "up": found.get(Rating.Value.UP, 0), "down": found.get(Rating.Value.DOWN, 0)}


def _reports() -> dict[str, dict[str, Any]]:
    keys = cache.keys(f"{_KEY}*") or []
    return {key.removeprefix(_KEY): figures for key, figures in (cache.get_many(keys) or {}).items()}


def _together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up the sockets of a conversation that is open in several processes."""
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = merged.setdefault(row["conversation"], {**row, "sockets": 0})
        known["sockets"] += row["sockets"]
        known["idle_seconds"] = min(known["idle_seconds"], row["idle_seconds"])
    return sorted(merged.values(), key=lambda row: row["idle_seconds"])
