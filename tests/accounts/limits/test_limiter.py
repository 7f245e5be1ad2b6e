"""``take``: who counts, what happens while Redis is away, and that it comes back by itself."""

import asyncio
import time

import pytest

from accounts import limits
from accounts.limits import Away, Rule, Use, Where
from accounts.limits.reach import PAUSE_SECONDS, Reach

MESSAGES = Rule("messages", 4, 60)
READS = Rule("reads", 4, 60, Away.OPEN)

pytestmark = pytest.mark.anyio


@pytest.fixture
def outages(monkeypatch):
    """The lines that the log gets."""
    lines: list[str] = []
    for level in ("warning", "info"):
        monkeypatch.setattr(f"accounts.limits.reach.logger.{level}", lambda line, **_: lines.append(line))
    return lines


@pytest.fixture
def only_redis(settings, running_redis):
    settings.REDIS_URL = running_redis.url
    return running_redis


async def test_tasks_and_threads_count_the_same(carrier):
    assert (await limits.take(MESSAGES, "alice")).allowed
    assert limits.take_now(MESSAGES, "alice").remaining == 2
    assert (await limits.take_all(Use(MESSAGES, "alice"), Use(READS, "alice"))).remaining == 1
    await limits.close()


async def test_what_is_given_back_is_free_again(carrier):
    tight = MESSAGES.at(1)
    await limits.give_back(await limits.take(tight, "alice"))
    limits.give_back_now(limits.take_now(tight, "alice"))
    assert (await limits.take(tight, "alice")).allowed
    assert not limits.take_now(tight, "alice").allowed
    await limits.close()


async def test_no_limit_is_0_and_costs_nothing(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    decision = await limits.take(MESSAGES.at(0), "alice")
    assert (decision.allowed, decision.where, decision.headers) == (True, Where.NOWHERE, {})


async def test_switch_turns_every_limit_off(settings):
    settings.RATELIMIT_ENABLE = False
    assert {limits.rule(name).limit for name in settings.LIMITS} == {0}


def test_headers_tell_what_is_left(carrier):
    assert limits.take_now(MESSAGES, "alice").headers == {
        "RateLimit-Limit": "4",
        "RateLimit-Remaining": "3",
        "RateLimit-Reset": "60",
    }
    for _ in range(3):
        limits.take_now(MESSAGES, "alice")
    refused = limits.take_now(MESSAGES, "alice").headers
    assert refused["RateLimit-Remaining"] == "0"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert 50 < int(refused["Retry-After"]) <= 60  # since the first of them


def test_without_redis_each_process_allows_a_part_and_reads_stay_open(only_redis, outages):
    limits.take_now(MESSAGES, "alice")
    only_redis.kill()
    answers = [limits.take_now(MESSAGES, "alice") for _ in range(6)]
    assert [answer.allowed for answer in answers] == [True, True, False, False, False, False]
    assert {answer.where for answer in answers} == {Where.ALONE}
    assert all(limits.take_now(READS, "alice").allowed for _ in range(50))
    assert limits.take_now(MESSAGES, "bob").allowed
    assert outages == ["limits_counted_alone"]


async def test_tasks_do_without_redis_too_and_find_it_again(only_redis, outages):
    only_redis.kill()
    answers = [await limits.take(MESSAGES, "alice") for _ in range(4)]
    assert [answer.allowed for answer in answers] == [True, True, False, False]
    only_redis.start()
    time.sleep(PAUSE_SECONDS)
    assert (await limits.take(MESSAGES, "alice")).where is Where.SHARED
    assert limits.take_now(MESSAGES, "alice").where is Where.SHARED
    assert outages == ["limits_counted_alone", "limits_shared_again"]
    await limits.close()


def test_silent_redis_is_waited_for_once(only_redis, outages, settings):
    settings.LIMITS_REDIS_SECONDS = patience = 0.5
    limits.take_now(MESSAGES, "alice")
    only_redis.pause()
    try:
        begun = time.monotonic()
        answers = [limits.take_now(READS, "alice") for _ in range(50)]
        waited = time.monotonic() - begun
    finally:
        only_redis.resume()
    assert all(answer.allowed for answer in answers)
    assert waited < 50 * patience / 2, "each of 50 must not wait by itself"
    assert outages == ["limits_counted_alone"]


async def test_restarted_redis_is_no_outage(only_redis, outages):
    limits.take_now(MESSAGES, "alice")
    await asyncio.gather(*(limits.take(MESSAGES, "alice") for _ in range(8)))
    only_redis.kill()
    only_redis.start()
    assert limits.take_now(MESSAGES, "alice").where is Where.SHARED
    assert {(await limits.take(READS, "bob")).where for _ in range(9)} == {Where.SHARED}
    assert outages == []
    await limits.close()


def test_one_caller_a_pause_is_told_to_try():
    now = 0.0
    reach = Reach(clock=lambda: now)
    reach.lost(OSError())
    assert not reach.is_worth_it()
    now = PAUSE_SECONDS
    assert [reach.is_worth_it() for _ in range(3)] == [True, False, False]
    reach.found()
    assert all(reach.is_worth_it() for _ in range(3))


async def test_in_one_process_alone_redis_is_not_asked(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    decisions = [limits.take_here(MESSAGES, "alice") for _ in range(5)]
    assert [decision.allowed for decision in decisions] == [True] * 4 + [False]
    assert {decision.where for decision in decisions} == {Where.HERE}
