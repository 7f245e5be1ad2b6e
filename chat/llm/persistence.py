"""How long one provider is tried for one answer before the next one is asked."""

from collections.abc import Awaitable, Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from chat.llm.errors import ProviderError, RateLimited, TimedOut

MOST_TRIES = 3
LONGEST_WAIT_SECONDS = 2.0  # asked to wait longer, the next provider is quicker
_growing = wait_exponential_jitter(multiplier=0.2, max=LONGEST_WAIT_SECONDS, jitter=0.3)


def again(before_again: Callable[[], Awaitable[None]]) -> AsyncRetrying:
    """Return the tries of one provider: with growing, jittered pauses, or the one it asks for.

    Args:
        before_again: awaited before each further try.

    The last failure rises as it is.
    """

    async def before(_: RetryCallState) -> None:
        await before_again()

    return AsyncRetrying(
        retry=retry_if_exception(_may_help),
        stop=stop_after_attempt(MOST_TRIES),
        wait=_pause,
        before_sleep=before,
        reraise=True,
    )


def _may_help(error: BaseException) -> bool:
    """Tell whether the same call may succeed in a moment; one that hung has used up its patience."""
    if not isinstance(error, ProviderError) or not error.retryable or isinstance(error, TimedOut):
        return False
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return asked is None or asked <= LONGEST_WAIT_SECONDS


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return _growing(state) if asked is None else asked
