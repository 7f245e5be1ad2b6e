"""Whether Redis is worth asking: after a failure it is left alone for a moment, and the outage told once."""

import threading
import time
from collections.abc import Callable

import structlog

logger = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0


class Reach:
    """What this process knows of Redis.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._is_away = False
        self._next_try = 0.0
        self.failures = 0

    def is_worth_it(self) -> bool:
        """Tell whether to ask Redis now; while it is away, one caller is told to in every pause."""
        if not self._is_away:
            return True
        with self._lock:
            now = self._clock()
            if self._is_away and now < self._next_try:
                return False
            self._next_try = now + PAUSE_SECONDS
            return True

    def lost(self, error: Exception) -> None:
        """Note a failure."""
        with self._lock:
            self.failures += 1
            is_news, self._is_away = not self._is_away, True
            self._next_try = self._clock() + PAUSE_SECONDS
        if is_news:
            logger.warning("limits_counted_alone", reason=repr(error))

    def found(self) -> None:
        """Note an answer."""
        if not self._is_away:
            return
        with self._lock:
            is_news, self._is_away = self._is_away, False
        if is_news:
            logger.warning("limits_shared_again")
