"""A circuit breaker: after a few failures in a row the endpoint is left alone for a while."""

import threading
from collections.abc import Callable
from time import monotonic

import structlog

logger = structlog.get_logger(__name__)


class Breaker:
    """Says whether to try. While open nothing is tried; then one try at a time decides.

    Args:
        failures: failures in a row that open it.
        seconds: how long it stays open.
        clock: seconds that only grow.
        what: is tried, for the log.
    """

    def __init__(
        self,
        failures: int,
        seconds: float,
        clock: Callable[[], float] = monotonic,
        *,
        what: str = "embeddings",
    ) -> None:
        self._what = what
        self._most, self._seconds, self._clock = failures, seconds, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opens_until = 0.0

    def allows(self) -> bool:
        """Say whether a try may be made now; the first one after the pause keeps the others waiting."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._clock() < self._opens_until:
                return False
            self._opens_until = self._clock() + self._seconds
            return True

    @property
    def is_open(self) -> bool:
        """Say whether questions go without the endpoint at present."""
        with self._lock:
            return self._failures >= self._most

    def succeeded(self) -> None:
        """Note a success: everything may be tried again."""
        with self._lock:
            was_open, self._failures = self._failures >= self._most, 0
        if was_open:
            logger.info(f"{self._what}_back")

    def failed(self, reason: str) -> None:
        """Note a failure; the one that opens the breaker is logged, those while it is open are not."""
        with self._lock:
            self._failures += 1
            opens = self._failures == self._most
            if self._failures >= self._most:
                self._opens_until = self._clock() + self._seconds
        if opens:
            logger.warning(f"{self._what}_away", reason=reason, seconds=self._seconds)
