"""A provider that keeps failing is left alone, by all processes, and tried again."""

import pytest
from django.core.cache import cache

from chat.llm.breaker import FAILURES, REFUSED_PAUSE_SECONDS, Breaker
from chat.llm.errors import ContextTooLong, ProviderRefused, RateLimited, Unavailable

pytestmark = pytest.mark.anyio
PAUSE_SECONDS = 5.0


class Clock:
    """A wall clock that stands until it is moved."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    cache.clear()
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("vendor:model", PAUSE_SECONDS, clock)


async def fail(breaker: Breaker, times: int = FAILURES) -> None:
    for _ in range(times):
        await breaker.failed(Unavailable("500"))


async def test_opens_after_failures_in_a_row(breaker):
    await fail(breaker, FAILURES - 1)
    assert await breaker.lets_through()
    await fail(breaker, 1)
    assert not await breaker.lets_through()


async def test_success_between_failures_starts_the_count_anew(breaker):
    await fail(breaker, FAILURES - 1)
    await breaker.succeeded()
    await fail(breaker, FAILURES - 1)
    assert await breaker.lets_through()


async def test_one_call_tries_after_the_pause_and_closes(breaker, clock):
    await fail(breaker)
    clock.now += PAUSE_SECONDS
    assert await breaker.lets_through()
    assert not await breaker.lets_through()
    await breaker.succeeded()
    assert await breaker.lets_through()


async def test_failed_trial_doubles_the_pause(breaker, clock):
    await fail(breaker)
    clock.now += PAUSE_SECONDS
    assert await breaker.lets_through()
    await fail(breaker, 1)
    clock.now += PAUSE_SECONDS
    assert not await breaker.lets_through()
    clock.now += PAUSE_SECONDS
    assert await breaker.lets_through()


async def test_other_processes_hear_of_it(breaker, clock):
    other = Breaker("vendor:model", PAUSE_SECONDS, clock)
    assert await other.lets_through()
    await fail(breaker)
    clock.now += 1
    assert not await other.lets_through()
    assert await Breaker("vendor:another", PAUSE_SECONDS, clock).lets_through()


async def test_provider_that_asks_for_a_pause_gets_it_at_once(breaker, clock):
    await breaker.failed(RateLimited("429", retry_after=20))
    clock.now += 19
    assert not await breaker.lets_through()
    clock.now += 1
    assert await breaker.lets_through()


async def test_refused_key_pauses_and_refused_request_does_not(breaker, clock):
    await breaker.failed(ContextTooLong("400"))
    await breaker.failed(ProviderRefused("400"))
    assert await breaker.lets_through()
    await breaker.failed(ProviderRefused("401", lasting=True))
    clock.now += REFUSED_PAUSE_SECONDS - 1
    assert not await breaker.lets_through()


async def test_breaker_without_a_pause_never_opens(clock):
    breaker = Breaker("vendor:model", 0, clock)
    await fail(breaker)
    assert await breaker.lets_through()
