"""Random faults over all processes while customers ask, from a seed; then the verdict."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import redis

from benchmarks.questions import mark_of
from tests.faults.customers import Asked, Customer
from tests.faults.desk import Desk
from tests.faults.parts import Part
from tests.faults.verdict import Verdict, judge, wait_for_quiet

GIVE_UP_SECONDS = 120.0
QUIET_SECONDS = 60.0
PROVIDER_FAULTS = (
    "429:1",
    "500",
    "503",
    "cut",
    "cut_early",
    "stall_middle",
    "stall_first",
    "malformed",
    "reset",
    "empty",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard and how long.

    Attributes:
        seconds: faults happen for so long.
        questions: asked in all, spread over that time.
        customers: each in a conversation of their own.
        seed: makes every choice.
        gap: seconds between two faults, on average.
    """

    seconds: float = 600.0
    questions: int = 5_000
    customers: int = 250
    seed: int = 1
    gap: float = 4.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to: the verdict, and how often each fault was caused."""

    verdict: Verdict
    faults: Counter[str]

    def lines(self) -> list[str]:
        """Return both as tables."""
        caused = [f"| {name} | {count} |" for name, count in sorted(self.faults.items())]
        return [*self.verdict.lines(), "", "| fault | times |", "| --- | --: |", *caused]


class Chaos:
    """Causes the faults of a plan on a desk."""

    def __init__(self, desk: Desk, plan: Plan):
        self._desk, self._plan = desk, plan
        self._chance = random.Random(plan.seed)
        self.caused: Counter[str] = Counter()

    async def run(self) -> None:
        """Cause one fault after another, sometimes two at once, until the time is over; then mend all."""
        end = time.monotonic() + self._plan.seconds
        under_way: set[asyncio.Task[None]] = set()
        while time.monotonic() < end:
            await asyncio.sleep(self._chance.uniform(0.3, 1.7) * self._plan.gap)
            name, fault = self._chance.choices(*zip(*self._faults(), strict=True))[0]
            self.caused[name] += 1
            task = asyncio.create_task(fault(), name=name)
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            if self._chance.random() < 0.7:
                await task
        await asyncio.gather(*under_way)
        await asyncio.to_thread(self._desk.mend)

    def _faults(self) -> list[tuple[tuple[str, Callable[[], Awaitable[None]]], float]]:
        """Return every fault by name, with how often it is to come."""
        desk = self._desk
        groups = {"web": desk.webs, "worker": desk.workers, "beat": [desk.beat]}
        of_parts = [
            ((f"{kind} {verb}", lambda group=group, act=act: act(self._chance.choice(group))), weight)
            for kind, group in groups.items()
            for verb, act, weight in (
                ("SIGKILL", self._kill, 2.0),
                ("SIGTERM", self._terminate, 1.0),
                ("SIGSTOP", self._freeze, 1.0),
            )
            if kind != "beat" or verb == "SIGKILL"
        ]  # fmt: skip
        of_services = [
            (("redis SIGKILL", self._kill_redis), 1.0),
            (("redis SIGSTOP", self._freeze_redis), 1.0),
            (("redis FLUSHALL", self._flush_redis), 1.0),
            (("redis out of memory", self._fill_redis), 1.0),
            (("postgres restart", self._restart_postgres), 1.0),
            (("postgres SIGSTOP", self._freeze_postgres), 0.5),
            (("provider fault", self._fail_provider), 3.0),
        ]
        return of_parts + of_services

    async def _kill(self, part: Part) -> None:
        await asyncio.to_thread(part.kill)
        await asyncio.sleep(self._chance.uniform(0, 3))
        part.start()

    async def _terminate(self, part: Part) -> None:
        await asyncio.to_thread(part.terminate)
        part.start()

    async def _freeze(self, part: Part) -> None:
        part.freeze()
        await asyncio.sleep(self._chance.uniform(1, 14))
        part.thaw()

    async def _kill_redis(self) -> None:
        await asyncio.to_thread(self._desk.redis.kill)
        await asyncio.sleep(self._chance.uniform(0, 6))
        await asyncio.to_thread(self._desk.redis.start)

    async def _freeze_redis(self) -> None:
        self._desk.redis.pause()
        await asyncio.sleep(self._chance.uniform(1, 8))
        self._desk.redis.resume()

    async def _flush_redis(self) -> None:
        await self._tell_redis(lambda client: client.flushall())

    async def _fill_redis(self) -> None:
        await self._tell_redis(lambda client: client.config_set("maxmemory", "1mb"))
        await asyncio.sleep(self._chance.uniform(1, 6))
        await self._tell_redis(lambda client: client.config_set("maxmemory", "0"))

    async def _tell_redis(self, say: Callable[[redis.Redis], object]) -> None:
        def tell() -> None:
            with redis.Redis(port=self._desk.redis.port, socket_timeout=20) as client:
                say(client)

        try:
            await asyncio.to_thread(tell)
        except redis.RedisError:
            return  # another fault has taken Redis away, and with it what it was told

    async def _restart_postgres(self) -> None:
        await asyncio.to_thread(self._desk.postgres.stop)
        await asyncio.sleep(self._chance.uniform(0, 10))
        await asyncio.to_thread(self._desk.postgres.start)

    async def _freeze_postgres(self) -> None:
        self._desk.postgres.pause()
        await asyncio.sleep(self._chance.uniform(1, 5))
        self._desk.postgres.resume()

    async def _fail_provider(self) -> None:
        faults = self._chance.choices(PROVIDER_FAULTS, k=self._chance.randint(1, 8))
        self._desk.provider.script(faults=faults)


async def run(desk: Desk, plan: Plan, *, tokens: int) -> Report:
    """Let customers ask while faults happen; return what came of it.

    Args:
        desk: running.
        plan: how hard and how long.
        tokens: words of the provider's answers.
    """
    chance = random.Random(plan.seed)
    customers = [
        Customer(session, conversation, desk.ports, random.Random(chance.random()), cut=0.01)
        for session, conversation in await asyncio.to_thread(desk.visitors, plan.customers)
    ]
    chaos = Chaos(desk, plan)
    faults = asyncio.create_task(chaos.run())
    asked = await asyncio.gather(
        *(_ask_on(customer, number, plan, chance) for number, customer in enumerate(customers))
    )
    await faults
    await asyncio.to_thread(wait_for_quiet, desk.postgres.url, QUIET_SECONDS)
    everything = [one for ones in asked for one in ones]
    return Report(await asyncio.to_thread(judge, desk.postgres.url, everything, tokens=tokens), chaos.caused)


async def _ask_on(customer: Customer, number: int, plan: Plan, chance: random.Random) -> list[Asked]:
    """Ask one customer's share of the questions, spread over the time."""
    share = plan.questions // plan.customers
    between = plan.seconds / share
    begun = time.monotonic()
    offset = chance.uniform(0, between)
    for turn in range(share):
        await asyncio.sleep(max(0.0, begun + offset + turn * between - time.monotonic()))
        await customer.ask(mark_of(number * share + turn), give_up_after=GIVE_UP_SECONDS)
    return customer.asked
