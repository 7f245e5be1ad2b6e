"""What one process holds at the moment it is asked: read then, so that nothing is spent in between."""

from collections.abc import Iterator
from typing import Final

from django.db import connection
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from chat.database import waiting_steps
from chat.events.log import event_log
from chat.llm.registry import breakers, known_models
from chat.sockets import sockets
from chat.turn.carrier import carrier

_LOG: Final = {
    "turns": ("chatsite_event_log_turns", "Turns whose events this process keeps."),
    "events": ("chatsite_event_log_events", "Events that this process keeps."),
    "followers": ("chatsite_followers", "Followers of answers that wait for the next event."),
    "unread": ("chatsite_hub_queue", "Events from other processes that followers have not read yet."),
    "unwritten": ("chatsite_writer_queue", "Events that wait to be written to Redis."),
    "is_connected": ("chatsite_event_log_connected", "1 unless events cannot be written to Redis."),
}


def of_this_process() -> Iterator[Metric]:
    """Yield the gauges of the process whose event loop is running.

    Raises:
        RuntimeError: no event loop is running.
    """
    yield _gauge("chatsite_turns_running", "Turns that this process is answering.", len(carrier()))
    yield _gauge("chatsite_sockets_open", "Open sockets.", len(sockets()))
    yield _gauge(
        "chatsite_conversations_open",
        "Conversations that open sockets show.",
        len(sockets().open_conversations()),
    )
    figures = event_log().figures()
    for name, (metric, words) in _LOG.items():
        yield _gauge(metric, words, getattr(figures, name))
    yield _breakers()
    yield _gauge("chatsite_database_steps_waiting", "Steps that wait for a database thread.", waiting_steps())
    yield from _pool()


def _breakers() -> Metric:
    paused = GaugeMetricFamily(
        "chatsite_provider_paused",
        "1 while a provider that failed is left alone.",
        labels=["provider", "model"],
    )
    known = known_models()
    for breaker in breakers():
        provider, _, model = breaker.name.partition(":")
        paused.add_metric([provider, model if model in known else "other"], int(breaker.is_open))
    return paused


def _pool() -> Iterator[Metric]:
    """Yield the figures of PostgreSQL's connection pool; SQLite has none."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    family = GaugeMetricFamily(
        "chatsite_database_connections", "Connections of the pool, by what they do.", labels=["state"]
    )
    available = stats.get("pool_available", 0)
    family.add_metric(["idle"], available)
    family.add_metric(["in_use"], stats.get("pool_size", 0) - available)
    yield family
    waiting = stats.get("requests_waiting", 0)
    yield _gauge("chatsite_database_waiting", "Threads that wait for a connection of the pool.", waiting)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))
