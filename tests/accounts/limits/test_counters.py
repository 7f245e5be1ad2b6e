"""The sliding window, alike in memory and in Redis."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.limits import Rule, Use
from accounts.limits.memory import MemoryStore
from accounts.limits.shared import PREFIX, SharedStore
from tests.accounts.limits.conftest import InRedis, tries

THREE = Rule("messages", 3, 60)
FIVE = Rule("requests", 5, 60)


def test_so_many_and_no_more(counter):
    assert tries(counter, Use(THREE, "alice"), 5) == [True, True, True, False, False]


def test_bob_is_not_affected_by_alices_spending(counter):
    tries(counter, Use(THREE, "alice"), 5)
    assert tries(counter, Use(THREE, "bob"), 4) == [True, True, True, False]


def test_remaining_counts_down(counter):
    assert [counter.take_all(Use(THREE, "alice")).remaining for _ in range(4)] == [2, 1, 0, 0]


def test_the_window_slides(counter):
    alice = Use(THREE, "alice")
    tries(counter, alice, 1)
    counter.pass_time(40)
    tries(counter, alice, 2)
    counter.pass_time(19)
    assert not counter.take_all(alice).allowed
    counter.pass_time(1)
    assert tries(counter, alice, 2) == [True, False]


def test_no_edge_of_a_window_lets_twice_as_many_through(counter):
    alice = Use(Rule("messages", 20, 60), "alice")
    allowed = []
    for second in range(180):
        allowed += [second] * sum(tries(counter, alice, 2))
        counter.pass_time(1)
    for start in range(121):
        assert sum(start <= moment < start + 60 for moment in allowed) <= 20


def test_retry_after_is_the_moment_it_is_allowed(counter):
    alice = Use(THREE, "alice")
    tries(counter, alice, 2)
    counter.pass_time(20)
    tries(counter, alice, 1)
    refused = counter.take_all(alice)
    assert 39 < refused.retry_after <= 40
    counter.pass_time(refused.retry_after - 1)
    assert not counter.take_all(alice).allowed
    counter.pass_time(1)
    assert counter.take_all(alice).allowed


def test_refused_tries_do_not_count(counter):
    alice = Use(THREE, "alice")
    tries(counter, alice, 50)
    counter.pass_time(60)
    assert tries(counter, alice, 3) == [True] * 3


def test_several_rules_count_together_or_not_at_all(counter):
    mine, ours = Use(FIVE, "alice"), Use(THREE, "desk")
    answers = [counter.take_all(mine, ours) for _ in range(4)]
    assert [answer.allowed for answer in answers] == [True, True, True, False]
    assert answers[0].rule == THREE
    assert answers[3].rule == THREE
    assert tries(counter, mine, 3) == [True, True, False]


def test_longest_wait_is_told(counter):
    hourly = Rule("tokens", 1, 3_600)
    both = (Use(Rule("messages", 1, 60), "alice"), Use(hourly, "alice"))
    counter.take_all(*both)
    refused = counter.take_all(*both)
    assert refused.rule == hourly
    assert 3_599 < refused.retry_after <= 3_600


def test_what_is_given_back_is_free_again(counter):
    alice = Use(THREE, "alice")
    first = counter.take_all(alice)
    tries(counter, alice, 2)
    counter.give_back(first)
    assert tries(counter, alice, 2) == [True, False]


def test_giving_back_a_refusal_changes_nothing(counter):
    alice = Use(THREE, "alice")
    tries(counter, alice, 3)
    counter.give_back(counter.take_all(alice))
    assert not counter.take_all(alice).allowed


@pytest.mark.parametrize(("limit", "allowed"), [(5, [True, True, False]), (2, [False])])
def test_another_rate_keeps_what_was_counted(counter, limit, allowed):
    tries(counter, Use(THREE, "alice"), 3)
    assert tries(counter, Use(THREE.at(limit), "alice"), len(allowed)) == allowed


def test_lowered_rate_waits_for_as_many_as_are_too_many(counter):
    alice = Use(THREE, "alice")
    for _ in range(3):
        counter.take_all(alice)
        counter.pass_time(10)
    refused = counter.take_all(Use(THREE.at(1), "alice"))
    assert 49 < refused.retry_after <= 50


def test_exact_among_threads(counter):
    alice = Use(Rule("messages", 30, 60), "alice")
    with ThreadPoolExecutor(32) as pool:
        allowed = list(pool.map(lambda _: counter.take_all(alice).allowed, range(200)))
    assert sum(allowed) == 30


PROCESS = """
import asyncio, sys
from accounts.limits.rules import Rule, Use
from accounts.limits.shared import SharedStore

async def main():
    store = SharedStore(sys.argv[1], patience=20)
    use = Use(Rule("messages", 30, 60), "alice")
    answers = await asyncio.gather(*(store.take_all([use], lambda: True) for _ in range(50)))
    print(sum(answer.allowed for answer in answers))
    await store.aclose()

asyncio.run(main())
"""


def test_exact_among_processes_and_tasks(running_redis):
    command = [sys.executable, "-c", PROCESS, running_redis.url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    allowed = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(allowed) == 30


def test_tasks_and_threads_count_together(running_redis):
    alice = Use(THREE, "alice")
    tries(InRedis(running_redis.url), alice, 2)

    async def main() -> list[bool]:
        store = SharedStore(running_redis.url, patience=5)
        answers = [await store.take_all([alice], lambda: True) for _ in range(2)]
        await store.give_back(answers[0])
        answers.append(await store.take_all([alice], lambda: True))
        await store.aclose()
        return [answer.allowed for answer in answers]

    assert asyncio.run(main()) == [True, False, True]


def test_redis_forgets_a_log_when_its_window_has_passed(running_redis):
    counter = InRedis(running_redis.url)
    counter.take_all(Use(THREE, "alice"))
    (log,) = counter.redis.scan_iter(f"{PREFIX}*")
    assert 59_000 < counter.redis.pttl(log) <= 60_000


def test_moments_of_a_clock_set_back_are_dropped(running_redis):
    counter = InRedis(running_redis.url)
    alice = Use(THREE, "alice")
    tries(counter, alice, 3)
    counter.pass_time(-3_600)
    assert counter.take_all(alice).allowed


def test_memory_forgets_whom_it_has_not_seen_for_a_window():
    now = 0.0
    store = MemoryStore(clock=lambda: now)
    for number in range(5_000):
        now = number * 1.0
        store.take_all([Use(THREE, number)])
    assert len(store) <= 61


def test_memory_keeps_no_more_logs_than_it_may(monkeypatch):
    monkeypatch.setattr("accounts.limits.memory.MOST_LOGS", 100)
    store = MemoryStore()
    for number in range(1_000):
        store.take_all([Use(THREE, number)])
    assert len(store) <= 100
