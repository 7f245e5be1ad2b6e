"""Circuit breakers: a provider that keeps failing is left alone for a while, by every process.

A breaker opens after ``FAILURES`` failures in a row, or at once when the provider names the seconds to wait.
Open, it refuses; when its time is over one call is let through to try, and its outcome closes the breaker or
opens it for twice as long. What one process learns the others read from the shared cache, once a second at
most; without a shared cache each process learns by itself.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.core.cache import cache

from chat.llm import metrics
from chat.llm.errors import ProviderError, ProviderRefused

logger = structlog.get_logger(__name__)

FAILURES = 5  # in a row
LONGEST_PAUSE_SECONDS = 60.0
REFUSED_PAUSE_SECONDS = 30.0  # a key that is not accepted may be put right meanwhile
READ_SECONDS = 1.0
TRIAL_SECONDS = 30.0  # a trial that has not ended by then no longer keeps others from trying


@dataclass(slots=True)
class Breaker:
    """The breaker of one provider in one process.

    Args:
        name: names the provider and its model to all processes.
        first_pause: seconds of the first pause; 0 for a breaker that never opens.
        now: the wall clock in seconds, which processes share.
    """

    name: str
    first_pause: float
    now: Callable[[], float] = time.time
    _failures: int = 0
    _pauses: int = 0
    _open_until: float = 0.0
    _tried_at: float = 0.0
    _read_at: float = 0.0

    async def lets_through(self) -> bool:
        """Tell whether a call may be made now; after a pause the first to ask is the one that tries."""
        if not self.first_pause:
            return True
        await self._read()
        now = self.now()
        if now < self._open_until:
            return False
        if self._open_until and now < self._tried_at + TRIAL_SECONDS:
            return False
        if self._open_until:
            self._tried_at = now
        return True

    async def succeeded(self) -> None:
        """Close."""
        was_open = bool(self._open_until)
        self._failures, self._pauses, self._open_until, self._tried_at = 0, 0, 0.0, 0.0
        if was_open:
            logger.info("provider_back", provider=self.name)
            await asyncio.to_thread(cache.delete, self._key)

    async def failed(self, error: ProviderError) -> None:
        """Count a failure of the provider's; open when there have been too many, or it asks for a pause."""
        metrics.FAILURES.labels(self.name.partition(":")[0], error.code).inc()
        lasting = isinstance(error, ProviderRefused) and error.lasting
        if not self.first_pause or not (error.retryable or lasting):
            return  # what is wrong with one request says nothing of the next
        self._failures += 1
        asked = REFUSED_PAUSE_SECONDS if lasting else getattr(error, "retry_after", None)
        if asked is None and self._failures < FAILURES and not self._open_until:
            return
        pause = min(max(asked or 0.0, self.first_pause * 2**self._pauses), LONGEST_PAUSE_SECONDS)
        self._pauses += 1
        self._open_until, self._tried_at = self.now() + pause, 0.0
        logger.warning("provider_paused", provider=self.name, seconds=round(pause, 1), code=error.code)
        await asyncio.to_thread(cache.set, self._key, self._open_until, pause)

    @property
    def is_open(self) -> bool:
        """Tell whether the provider is left alone now, as far as this process knows."""
        return self.now() < self._open_until

    async def pause_left(self, *, ask_others: bool = True) -> float:
        """Return for how many seconds more the provider is left alone.

        Args:
            ask_others: whether to read what other processes have found out; not while the cache is away.
        """
        if ask_others:
            await self._read()
        return max(0.0, self._open_until - self.now())

    @property
    def _key(self) -> str:
        return f"provider-paused:{self.name}"

    async def _read(self) -> None:
        """Take over what another process has found out."""
        now = self.now()
        if now < self._read_at + READ_SECONDS:
            return
        self._read_at = now
        shared = await asyncio.to_thread(cache.get, self._key)
        if shared is not None and shared > self._open_until:
            self._open_until, self._tried_at = shared, 0.0
