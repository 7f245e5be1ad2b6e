"""``make bench-limits``: are limits exact among processes, what do they cost, what passes without Redis.

Each row is 4 processes that try 200 times at once each, for one key with a limit of 30 a minute. With Redis
away every process counts alone, to half of the limit. django-ratelimit, which guards the sync forms, is put
to the same: as it is, and with a burst on each side of an edge of its fixed window. Redis and the processes
are started here and ended here.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from benchmarks.processes import ROOT, clean_environment
from benchmarks.report import table
from tests.services import RedisServer, ServiceMissingError

LIMIT = 30
THREADS = 40  # as many as Django's server gives to sync views
COST_TAKES = 3_000
EDGE_SECONDS = 4
ROWS = {
    "tasks": "sliding window, tasks (socket, REST)",
    "threads": "sliding window, threads (forms, reads)",
    "ratelimit": "django-ratelimit, threads (forms)",
}
HEADERS = ("counter", "Redis", "tries", "accepted", "refused", "p50 ms", "p95 ms", "longest ms")
COST_HEADERS = ("one take", "CPU µs", "ms")


@dataclass(frozen=True, slots=True)
class Tried:
    """What one process was told: how many tries were accepted, and the milliseconds of each."""

    accepted: int
    milliseconds: Sequence[float]


def main() -> int:
    """Measure what the command line asks for; return 1 when a shared limit was not exact."""
    options = _options()
    if options.child:
        _child(options)
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="cs-limits-") as folder, RedisServer() as redis:
            bench = Bench(options.processes, options.tries, Path(folder), redis)
            return bench.run()
    except ServiceMissingError as missing:
        sys.exit(f"bench: {missing}")


class Bench:
    """One benchmark under way."""

    def __init__(self, processes: int, tries: int, folder: Path, redis: RedisServer):
        self.processes, self.tries, self.folder, self.redis = processes, tries, folder, redis
        self.is_exact = True

    def run(self) -> int:
        """Measure everything and print it; return 1 when a shared limit was not exact."""
        rows = [self._row(kind, "up") for kind in ROWS]
        rows += [self._row(kind, "killed") for kind in ("tasks", "threads")]
        rows += [self._row("tasks", "silent"), self._row("tasks", "none")]
        print(table(HEADERS, rows))
        print(
            f"\nAcross an edge of a window of {EDGE_SECONDS} s: limit {LIMIT}, 100 tries on each side of it:"
        )
        edge = self._children("edge", 1)[0]
        names = (("django-ratelimit", "fixed"), ("this limiter", "sliding"))
        print(table(("counter", "accepted"), [[name, str(edge[key])] for name, key in names]))
        costs = {**self._children("cost", 1)[0], **self._children("cost", 1, redis=False)[0]}
        print()
        print(table(COST_HEADERS, [[name, *map(_short, figures)] for name, figures in costs.items()]))
        return 0 if self.is_exact else 1

    def _row(self, kind: str, state: str) -> list[str]:
        """Put one counter to the test; a server that is away goes when every process stands ready."""
        away = {"killed": self.redis.kill, "silent": self.redis.pause}.get(state)
        processes = 1 if state == "none" else self.processes
        tries = self.tries * self.processes // processes
        try:
            answers = self._children(kind, processes, tries=tries, before=away, redis=state != "none")
        finally:
            self._mend()
        tried = [Tried(**answer) for answer in answers]
        accepted = sum(one.accepted for one in tried)
        if state in ("up", "none") and kind != "ratelimit":
            self.is_exact &= accepted == LIMIT
        ranked = sorted(figure for one in tried for figure in one.milliseconds)
        spread = [ranked[len(ranked) // 2], ranked[len(ranked) * 95 // 100], ranked[-1]]
        where = "not used, 1 process" if state == "none" else state
        return [
            ROWS[kind],
            where,
            str(len(ranked)),
            str(accepted),
            str(len(ranked) - accepted),
            *map(_short, spread),
        ]

    def _children(
        self,
        kind: str,
        processes: int,
        *,
        tries: int = 0,
        before: Callable[[], None] | None = None,
        redis: bool = True,
    ) -> list[dict[str, Any]]:
        """Start processes; when all stand ready, do ``before`` and let them go; return what they tell."""
        environment = clean_environment(
            SECRET_KEY="for-a-benchmark",
            VAR_DIR=str(self.folder),
            LOG_LEVEL="ERROR",
            **({"REDIS_URL": self.redis.url} if redis else {}),
        )
        command = [sys.executable, "-m", "benchmarks.limits", "--child", kind, "--tries", str(tries)]
        command += ["--key", f"{kind}-{time.monotonic_ns()}"]
        children = [
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(processes)
        ]
        try:
            for child in children:
                child.stdout.readline()
            if before:
                before()
            for child in children:
                child.stdin.write("go\n")
                child.stdin.flush()
            return [json.loads(child.communicate(timeout=120)[0]) for child in children]
        finally:
            for child in children:
                child.kill()
                child.wait()

    def _mend(self) -> None:
        self.redis.resume()
        if self.redis.process is None or self.redis.process.poll() is not None:
            self.redis.start()


def _child(options: argparse.Namespace) -> None:
    """Be one of the processes: connect, say so, wait for the word, try, and tell."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    if options.child == "tasks":
        told = asyncio.run(_in_tasks(options.key, options.tries))
    elif options.child == "edge":
        told = _across_an_edge(options.key)
    elif options.child == "cost":
        told = _costs()
    else:
        told = _in_threads(options.child, options.key, options.tries)
    print(json.dumps(told))


def _ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


async def _in_tasks(key: str, tries: int) -> dict[str, Any]:
    from accounts import limits

    rule = limits.Rule("bench", LIMIT, 60)
    await limits.take(rule, f"{key}-warm-up-{os.getpid()}")
    _ready()

    async def attempt() -> tuple[bool, float]:
        begun = time.perf_counter()
        decision = await limits.take(rule, key)
        return decision.allowed, 1_000 * (time.perf_counter() - begun)

    answers = await asyncio.gather(*(attempt() for _ in range(tries)))
    await limits.close()
    return _told(answers)


def _in_threads(kind: str, key: str, tries: int) -> dict[str, Any]:
    allows = {"threads": _sliding, "ratelimit": _fixed}[kind](60)
    allows(f"{key}-warm-up-{os.getpid()}")
    _ready()

    def attempt(_: int) -> tuple[bool, float]:
        begun = time.perf_counter()
        allowed = allows(key)
        return allowed, 1_000 * (time.perf_counter() - begun)

    with ThreadPoolExecutor(THREADS) as pool:
        return _told(list(pool.map(attempt, range(tries))))


def _sliding(seconds: int) -> Callable[[str], bool]:
    from accounts import limits

    rule = limits.Rule("bench", LIMIT, seconds)
    return lambda key: limits.take_now(rule, key).allowed


def _fixed(seconds: int) -> Callable[[str], bool]:
    """Return django-ratelimit as a sync form's view calls it."""
    from django.test import RequestFactory
    from django_ratelimit.core import get_usage

    request, rate = RequestFactory().post("/"), f"{LIMIT}/{seconds}s"

    def allows(key: str) -> bool:
        usage = get_usage(
            request,
            group="bench",
            key=lambda *_: key,
            rate=rate,
            method="POST",
            increment=True,
        )
        return not usage["should_limit"]

    return allows


def _across_an_edge(key: str) -> dict[str, int]:
    """Return how many of two bursts, just before and just after an edge, each counter lets through."""
    from django_ratelimit.core import _get_window

    fixed, sliding = _fixed(EDGE_SECONDS), _sliding(EDGE_SECONDS)
    _ready()
    while not 0.2 < _get_window(key, EDGE_SECONDS) - time.time() < 0.6:
        time.sleep(0.02)
    edge = _get_window(key, EDGE_SECONDS)
    accepted = {
        "fixed": sum(fixed(key) for _ in range(100)),
        "sliding": sum(sliding(key) for _ in range(100)),
    }
    while (
        time.time() < edge + 1.05
    ):  # the library counts whole seconds, and an edge belongs to what ends there
        time.sleep(0.01)
    accepted["fixed"] += sum(fixed(key) for _ in range(100))
    accepted["sliding"] += sum(sliding(key) for _ in range(100))
    return accepted


def _costs() -> dict[str, tuple[float, float]]:
    """Return processor microseconds and milliseconds of one take, one after the other."""
    from django.conf import settings

    from accounts import limits

    rules = [limits.Rule("bench-one", 30, 60), limits.Rule("bench-two", 20, 60)]
    _ready()
    if not settings.REDIS_URL:
        return {"memory, two rules": _cost(lambda n: limits.take_all_now(*_uses(rules, n)))}
    costs = {
        "Redis, thread, one rule": _cost(lambda n: limits.take_now(rules[0], n % 100)),
        "Redis, thread, two rules": _cost(lambda n: limits.take_all_now(*_uses(rules, n))),
    }
    fixed = _fixed(60)
    costs["django-ratelimit, thread"] = _cost(lambda n: fixed(str(n % 100)))

    async def in_tasks(count: int) -> tuple[float, float]:
        await limits.take(rules[0], "warm-up")
        cpu, begun = time.process_time(), time.perf_counter()
        for number in range(COST_TAKES):
            await limits.take_all(*_uses(rules[:count], number))
        used = time.process_time() - cpu, time.perf_counter() - begun
        await limits.close()
        return 1e6 * used[0] / COST_TAKES, 1e3 * used[1] / COST_TAKES

    costs["Redis, task, one rule"] = asyncio.run(in_tasks(1))
    costs["Redis, task, two rules (a message over REST)"] = asyncio.run(in_tasks(2))
    return costs


def _uses(rules: Sequence[Any], number: int) -> list[Any]:
    from accounts import limits

    return [limits.Use(rule, number % 100) for rule in rules]


def _cost(step: Callable[[int], object]) -> tuple[float, float]:
    step(0)
    cpu, begun = time.process_time(), time.perf_counter()
    for number in range(COST_TAKES):
        step(number)
    used = time.process_time() - cpu, time.perf_counter() - begun
    return 1e6 * used[0] / COST_TAKES, 1e3 * used[1] / COST_TAKES


def _told(answers: Sequence[tuple[bool, float]]) -> dict[str, Any]:
    return {"accepted": sum(allowed for allowed, _ in answers), "milliseconds": [ms for _, ms in answers]}


def _short(figure: float) -> str:
    return f"{figure:.2f}" if figure < 10 else f"{figure:.0f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--tries", type=int, default=200, help="of each process, at once")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--key", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
