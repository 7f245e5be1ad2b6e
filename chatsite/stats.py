"""What goes on right now, over all web processes: each reports to the cache, and the page adds them up."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from chat.models import Rating, Turn
from chat.sockets import sockets
from chat.turn import answer_cache, attune, concealment
from chat.turn.carrier import carrier
from chat.turn.tally import tallies

REPORT_SECONDS = 5
_KEY = "stats:web:"
MOST_CONVERSATIONS = 200
RATED_DAYS = 30


def of_this_process() -> dict[str, Any]:
    """Return the figures of the running loop's process."""
    return {
        "sockets": len(sockets()),
        "turns_running_here": len(carrier()),
        "conversations": [asdict(row) for row in sockets().open_conversations()[:MOST_CONVERSATIONS]],
    }


def report(process: str, figures: dict[str, Any]) -> None:
    """Keep a process's figures until its next report."""
    cache.set(_KEY + process, figures, REPORT_SECONDS * 3)


def gather(process: str, own: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of all web processes, the turns in the database and the answer cache's counts."""
    reports = _reports() if settings.REDIS_URL else {}
    reports[process] = own
    by_status = dict(Turn.objects.unfinished().values_list("status").annotate(n=Count("pk")))
    return {
        "sockets": sum(figures["sockets"] for figures in reports.values()),
        "processes": {
            name: {k: v for k, v in figures.items() if k != "conversations"}
            for name, figures in sorted(reports.items())
        },
        "conversations": _together([row for figures in reports.values() for row in figures["conversations"]]),
        "turns": {"running": by_status.get("running", 0), "queued": by_status.get("queued", 0)},
        "answer_cache": {
            "hits": cache.get(answer_cache.HITS, 0),
            "misses": cache.get(answer_cache.MISSES, 0),
        },
        "ratings": _ratings(),
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
