"""The fewest processes of a role that keep waiting short through a storm."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.capacity.arrivals import Questions
from benchmarks.capacity.figures import Costs, Day
from benchmarks.capacity.queueing import waits_of_many, waits_of_one

# Of the processor time of an answer the part around the stream is spent when it begins and when it is saved,
# the rest on its pieces. A cached answer costs 25.1 of an embedded one's 35.5 ms (docs/benchmarks.md).
AROUND = 0.7
AT_FIRST = 0.8  # of what is around it, before the first word
SLICES = 10  # the pieces are taken together in so many: finer ones move no percentile by a millisecond
MOST_PROCESSES = 4_096
PERCENT = 95.0


@dataclass(frozen=True, slots=True)
class Jobs:
    """Pieces of work in the order they come: moments and service times in seconds."""

    moments: np.ndarray
    service: np.ndarray


def jobs_of(asked: Questions, part: str, costs: Costs, day: Day) -> Jobs:
    """Return what questions make a part of the desk do: before the first word, while it streams, at the end."""
    whole = np.where(asked.cached, costs.of(part, is_cached=True), costs.of(part, is_cached=False))
    around = np.where(asked.cached, 1.0, AROUND)
    first, last = whole * around * AT_FIRST, whole * around * (1.0 - AT_FIRST)
    lasts = np.where(asked.cached, 0.0, day.answer_seconds)
    shares = np.arange(1, SLICES + 1) / SLICES
    streamed = ~asked.cached
    pieces = (asked.moments[streamed, None] + shares[None, :] * day.answer_seconds).ravel()
    each = np.repeat((whole * (1.0 - around))[streamed] / SLICES, SLICES)
    moments = np.concatenate((asked.moments, pieces, asked.moments + lasts))
    service = np.concatenate((first, each, last))
    order = np.argsort(moments, kind="stable")
    return Jobs(moments[order], service[order])


def waits_of_web(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> np.ndarray:
    """Return what waits in one of ``processes`` that sockets stay with, as chance put them there."""
    here = np.random.default_rng(seed).integers(0, processes, len(asked.moments)) == 0
    jobs = jobs_of(asked.only(here), "web", costs, day)
    return waits_of_one(jobs.moments, jobs.service)


def waits_of_worker(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> np.ndarray:
    """Return what waits in one of ``processes`` that take questions in turn and keep them.

    Redis gives to the consumer that has waited longest, which comes to taking turns.
    """
    jobs = jobs_of(asked.only(slice(seed % processes, None, processes)), "worker", costs, day)
    return waits_of_one(jobs.moments, jobs.service)


def waits_of_postgres(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> np.ndarray:
    """Return what waits for one of ``processes`` cores, any of which does any statement."""
    jobs = jobs_of(asked, "postgres", costs, day)
    return waits_of_many(jobs.moments, jobs.service, processes)


def waits_of_redis(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> np.ndarray:
    """Return what waits for one of ``processes`` Redis, each with one thread and its share of the turns."""
    here = np.random.default_rng(seed + 1).integers(0, processes, len(asked.moments)) == 0
    jobs = jobs_of(asked.only(here), "redis", costs, day)
    return waits_of_one(jobs.moments, jobs.service)


Waits = Callable[[Questions, Costs, Day, int, int], np.ndarray]
ROLES: dict[str, Waits] = {
    "web": waits_of_web,
    "worker": waits_of_worker,
    "redis": waits_of_redis,
    "postgres": waits_of_postgres,
}
SAMPLES = 5  # of the processes of a role, each with its own luck


def waiting(role: str, asked: Questions, costs: Costs, day: Day, processes: int) -> float:
    """Return the seconds that 95 of 100 pieces of work wait at most in a role of ``processes``."""
    samples = 1 if role == "postgres" else min(processes, SAMPLES)
    waits = np.concatenate([ROLES[role](asked, costs, day, processes, seed) for seed in range(samples)])
    return float(np.percentile(waits, PERCENT)) if len(waits) else 0.0


def fewest(role: str, asked: Questions, costs: Costs, day: Day, seconds: float) -> int:
    """Return the fewest processes of a role in which 95 of 100 pieces of work wait ``seconds`` at most.

    Raises:
        ValueError: not even ``MOST_PROCESSES`` are enough.
    """
    enough = 1
    while waiting(role, asked, costs, day, enough) > seconds:
        enough *= 2
        if enough > MOST_PROCESSES:
            raise ValueError(f"more than {MOST_PROCESSES} of {role} would be needed")
    too_few = enough // 2
    while enough - too_few > 1:
        between = (enough + too_few) // 2
        if waiting(role, asked, costs, day, between) > seconds:
            too_few = between
        else:
            enough = between
    return enough
