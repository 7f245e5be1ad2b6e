"""A clock that stands still, so that the same questions have the same answers on every day.

The sample's flights lie around "today", and policies are in force on some days and not on others. Only a
process that was started for an evaluation, with a database of its own, may stop the clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

from django.utils import timezone

# A Wednesday after every policy of the sample has come into force, in the middle of a working day.
FIXED_AT = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)

_now: ContextVar[datetime] = ContextVar("evaluation_clock", default=FIXED_AT)


@contextmanager
def standing_still() -> Iterator[None]:
    """Let ``timezone.now`` give ``FIXED_AT``, or the day of ``on``, in this process while inside."""
    real = timezone.now
    timezone.now = _now.get  # type: ignore[assignment]
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def on(day: date | None) -> Iterator[None]:
    """Let it be ``day`` for whatever is begun inside, at the hour of ``FIXED_AT``; None: the fixed day."""
    at = FIXED_AT if day is None else datetime.combine(day, time(FIXED_AT.hour), UTC)
    token = _now.set(at)
    try:
        yield
    finally:
        _now.reset(token)
