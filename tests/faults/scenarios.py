"""One fault at a time, while answers stream: what is done, and what a customer sees."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import redis

from tests.faults.desk import Desk

Act = Callable[[Desk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault.

    Attributes:
        name: what is done.
        outcome: what a customer sees of it.
        act: does it, and mends it.
    """

    name: str
    outcome: str
    act: Act


async def _after(seconds: float, act: Callable[[], object]) -> None:
    await asyncio.sleep(seconds)
    await asyncio.to_thread(act)


async def _kill_redis(desk: Desk) -> None:
    await asyncio.to_thread(desk.redis.kill)
    await _after(4, desk.redis.start)


async def _freeze_redis(desk: Desk) -> None:
    desk.redis.pause()
    await _after(5, desk.redis.resume)


async def _flush_redis(desk: Desk) -> None:
    await asyncio.to_thread(_tell_redis, desk, "FLUSHALL")


async def _restart_redis(desk: Desk) -> None:
    await asyncio.to_thread(desk.redis.stop)
    await asyncio.to_thread(desk.redis.start)


async def _fill_redis(desk: Desk) -> None:
    await asyncio.to_thread(_tell_redis, desk, "CONFIG", "SET", "maxmemory", "1mb")
    await _after(4, lambda: _tell_redis(desk, "CONFIG", "SET", "maxmemory", "0"))


def _tell_redis(desk: Desk, *words: str) -> None:
    with redis.Redis(port=desk.redis.port, socket_timeout=20) as client:
        client.execute_command(*words)


async def _kill_worker(desk: Desk) -> None:
    await asyncio.to_thread(desk.workers[0].kill)
    desk.workers[0].start()


async def _terminate_worker(desk: Desk) -> None:
    await asyncio.to_thread(desk.workers[0].terminate)
    desk.workers[0].start()


async def _freeze_worker(desk: Desk) -> None:
    desk.workers[0].freeze()
    await _after(14, desk.workers[0].thaw)


async def _kill_web(desk: Desk) -> None:
    await asyncio.to_thread(desk.webs[0].kill)
    desk.webs[0].start()


async def _terminate_web(desk: Desk) -> None:
    await asyncio.to_thread(desk.webs[0].terminate)
    desk.webs[0].start()


async def _freeze_web(desk: Desk) -> None:
    desk.webs[0].freeze()
    await _after(10, desk.webs[0].thaw)


async def _kill_all(desk: Desk) -> None:
    for part in desk.parts:
        await asyncio.to_thread(part.kill)
    for part in desk.parts:
        part.start()


async def _kill_worker_and_redis(desk: Desk) -> None:
    await asyncio.to_thread(desk.redis.kill)
    await asyncio.to_thread(desk.workers[0].kill)
    await _after(4, desk.redis.start)
    desk.workers[0].start()


async def _restart_postgres(desk: Desk) -> None:
    await asyncio.to_thread(desk.postgres.stop)
    await asyncio.to_thread(desk.postgres.start)


async def _part_from_postgres(desk: Desk) -> None:
    await asyncio.to_thread(desk.postgres.stop)
    await _after(10, desk.postgres.start)


SCENARIOS = (
    Scenario("Redis killed, back after 4 s", "the running answer goes on or appears whole", _kill_redis),
    Scenario("Redis frozen for 5 s", "the running answer goes on or appears whole", _freeze_redis),
    Scenario("Redis flushed", "nothing", _flush_redis),
    Scenario("Redis restarted", "nothing, or a pause of a moment", _restart_redis),
    Scenario("Redis out of memory for 4 s", "the running answer goes on or appears whole", _fill_redis),
    Scenario("worker killed", "the answer begins anew within 10 s", _kill_worker),
    Scenario("worker told to end", "nothing: it finishes what it has begun", _terminate_worker),
    Scenario("worker frozen for 14 s", "the answer begins anew within 10 s", _freeze_worker),
    Scenario("web server killed", "connects to the other; the text goes on", _kill_web),
    Scenario("web server told to end", "connects to the other; the text goes on", _terminate_web),
    Scenario("web server frozen for 10 s", "connects to the other; the text goes on", _freeze_web),
    Scenario("worker and Redis killed together", "the answer begins anew", _kill_worker_and_redis),
    Scenario("every process of the desk killed", "the answer begins anew", _kill_all),
    Scenario("PostgreSQL restarted", "“saving is not possible now”, then as usual", _restart_postgres),
    Scenario("PostgreSQL away for 10 s", "“saving is not possible now”, then as usual", _part_from_postgres),
)
