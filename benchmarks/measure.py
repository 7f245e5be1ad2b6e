"""One load on one system: what came back, what it cost, how long it took."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmarks import cpu
from benchmarks.load_client import Asked, Crowd, Load, Visitor
from benchmarks.provider import ProviderControl
from benchmarks.systems import System

# What follows an answer (keeping it in the cache, the last acknowledgement) belongs to its cost.
SETTLE_SECONDS = 0.5

Timings = dict[str, tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class Result:
    """What one run measured.

    Attributes:
        system: name of the system.
        run: name of the run.
        asked: what came of every question.
        added: seconds of each first delta that are the system's own, for the correct answers.
        used: processor seconds of the system's parts and of the whole machine during the run.
        apart: processor seconds of the load client and the fake provider, which are not the system's.
        seconds: length of the run.
        memory: proportional set size of the server at its end, sockets open, in bytes.
    """

    system: str
    run: str
    asked: Sequence[Asked]
    added: Sequence[float]
    used: cpu.Reading
    apart: float
    seconds: float
    memory: int

    @property
    def correct(self) -> int:
        """Number of answers right in every character."""
        return sum(not asked.error for asked in self.asked)

    @property
    def errors(self) -> Counter[str]:
        """How often each kind of error came."""
        return Counter(asked.error for asked in self.asked if asked.error)

    @property
    def totals(self) -> list[float]:
        """Seconds from question to last character, for the correct answers."""
        return [asked.ended - asked.sent for asked in self.asked if not asked.error]

    @property
    def at_once(self) -> int:
        """Most answers that were streaming at the same moment."""
        began = [(asked.first, 1) for asked in self.asked if asked.first]
        ended = [(asked.ended, -1) for asked in self.asked if asked.first]
        return max(accumulate(change for _, change in sorted(began + ended)), default=0)

    def milliseconds(self, part: str | None = None) -> float:
        """Return processor milliseconds a correct answer, of one part or of the whole system.

        Infinite when no answer was correct: whatever was spent, was spent on nothing.
        """
        seconds = self.used.total if part is None else self.used.parts.get(part, 0.0)
        return 1_000 * seconds / self.correct if self.correct else math.inf

    @property
    def other_cores(self) -> float:
        """Cores that were busy with things outside this benchmark."""
        return max(0.0, self.used.busy - self.used.total - self.apart) / self.seconds


async def measure(
    system: System,
    run: str,
    load: Load,
    visitors: Sequence[Visitor],
    *,
    provider: ProviderControl,
    provider_pid: int,
) -> Result:
    """Open a socket for every visitor, ask the load's questions, and return what it took.

    Opening the sockets is not part of it: a customer opens one and asks many times.
    """
    provider.answer(load)
    async with Crowd(system.place, visitors) as crowd:
        before, apart, began = cpu.read(system.parts), _apart(provider_pid), time.monotonic()
        asked = await crowd.ask(load)
        await asyncio.sleep(SETTLE_SECONDS)
        seconds = time.monotonic() - began
        used, apart = cpu.read(system.parts).since(before), _apart(provider_pid) - apart
        memory = cpu.memory_bytes(system.server_pids)
    timings = {} if load.same_question else provider.timings()
    added = [added_seconds(one, timings) for one in asked if not one.error]
    return Result(system.name, run, asked, added, used, apart, seconds, memory)


def added_seconds(asked: Asked, timings: Timings) -> float:
    """Return the system's own share of the time to the first delta.

    That is the time to it, less the time the provider took from call to first token, where it was called.
    """
    came, first = timings.get(asked.mark, (0.0, 0.0))
    return asked.first - asked.sent - ((first or came) - came)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that ``percent`` of the values do not exceed; infinite without values."""
    ordered = sorted(values)
    if not ordered:
        return math.inf
    place = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, int(place) - 1)]


def _apart(provider_pid: int) -> float:
    return time.process_time() + cpu.tree_seconds(provider_pid)
