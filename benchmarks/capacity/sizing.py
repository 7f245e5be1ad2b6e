"""The fewest processes of a role that keep waiting short through a storm."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.capacity.arrivals import BEFORE_SECONDS, Questions
from benchmarks.capacity.figures import Costs, Day
from benchmarks.capacity.queueing import waits_of_many, waits_of_one

# An answer from the cache costs what is around the stream; what a streamed one costs beyond is its pieces'.
AT_FIRST = 0.8  # of what is around the stream, before the first word (assumed); the rest saves the answer
SLICES = 10  # the pieces are taken together in so many: finer ones move no percentile by a millisecond
MOST_PROCESSES = 4_096
PERCENT = 95.0


class TooSlow(Exception):
    """No number of processes keeps the waiting as short as asked for; the message names the role."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Pieces of work in the order they come: moments and service times in seconds."""

    moments: np.ndarray
    service: np.ndarray


@dataclass(frozen=True, slots=True)
class Waited:
    """What waited: when each piece of work came, and its seconds of waiting."""

    moments: np.ndarray
    seconds: np.ndarray


def jobs_of(asked: Questions, part: str, costs: Costs, day: Day) -> Jobs:
    """Return what questions make a part of the desk do: before the first word, in the stream, at the end."""
    streamed, cached = (costs.of(part, is_cached=is_cached) for is_cached in (False, True))
    around = asked.weights * np.where(asked.cached, cached, min(streamed, cached))
    first, last = around * AT_FIRST, around * (1.0 - AT_FIRST)
    begun, weights = asked.moments[~asked.cached], asked.weights[~asked.cached]
    shares = np.arange(1, SLICES + 1) / SLICES * day.answer_seconds
    pieces = (begun[:, None] + shares[None, :]).ravel()
    each = np.repeat(weights * max(0.0, streamed - cached) / SLICES, SLICES)
    lasts = np.where(asked.cached, 0.0, day.answer_seconds)
    moments = np.concatenate((asked.moments, pieces, asked.moments + lasts))
    service = np.concatenate((first, each, last))
    order = np.argsort(moments, kind="stable")
    return Jobs(moments[order], service[order])


def waits_of_web(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> Waited:
    """Return what waits in one of ``processes`` that sockets stay with, as chance put them there."""
    here = np.random.default_rng(seed).integers(0, processes, len(asked.moments)) == 0
    jobs = jobs_of(asked.only(here), "web", costs, day)
    return Waited(jobs.moments, waits_of_one(jobs.moments, jobs.service))


def waits_of_worker(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> Waited:
    """Return what waits in one of ``processes`` that take questions in turn and keep them.

    Redis gives to the consumer that has waited longest, which comes to taking turns.
    """
    jobs = jobs_of(asked.only(slice(seed % processes, None, processes)), "worker", costs, day)
    return Waited(jobs.moments, waits_of_one(jobs.moments, jobs.service))


def waits_of_postgres(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> Waited:
    """Return what waits for one of ``processes`` cores, any of which does any statement."""
    jobs = jobs_of(asked, "postgres", costs, day)
    return Waited(jobs.moments, waits_of_many(jobs.moments, jobs.service, processes))


def waits_of_redis(asked: Questions, costs: Costs, day: Day, processes: int, seed: int) -> Waited:
    """Return what waits for one of ``processes`` Redis, each with one thread and its share of the turns."""
    here = np.random.default_rng(seed + 1).integers(0, processes, len(asked.moments)) == 0
    jobs = jobs_of(asked.only(here), "redis", costs, day)
    return Waited(jobs.moments, waits_of_one(jobs.moments, jobs.service))


Waits = Callable[[Questions, Costs, Day, int, int], Waited]
ROLES: dict[str, Waits] = {
    "web": waits_of_web,
    "worker": waits_of_worker,
    "redis": waits_of_redis,
    "postgres": waits_of_postgres,
}
SAMPLES = 5  # of the processes of a role, each with its own luck


def waiting(role: str, asked: Questions, costs: Costs, day: Day, processes: int) -> float:
    """Return the seconds that 95 of 100 pieces of the storm's work wait in a role of ``processes``."""
    samples = 1 if role == "postgres" else min(processes, SAMPLES)
    waited = [ROLES[role](asked, costs, day, processes, seed) for seed in range(samples)]
    moments, seconds = (
        np.concatenate([getattr(one, name) for one in waited]) for name in ("moments", "seconds")
    )
    in_storm = (moments >= BEFORE_SECONDS) & (moments < BEFORE_SECONDS + day.storm_seconds)
    return float(np.percentile(seconds[in_storm], PERCENT)) if in_storm.any() else 0.0


def fewest(role: str, asked: Questions, costs: Costs, day: Day, seconds: float) -> int:
    """Return the fewest processes of a role in which 95 of 100 pieces of work wait ``seconds`` at most.

    Raises:
        TooSlow: not even ``MOST_PROCESSES`` are enough.
    """
    enough = 1
    while waiting(role, asked, costs, day, enough) > seconds:
        enough *= 2
        if enough > MOST_PROCESSES:
            raise TooSlow(f"more than {MOST_PROCESSES} of {role} would be needed")
    too_few = enough // 2
    while enough - too_few > 1:
        between = (enough + too_few) // 2
        if waiting(role, asked, costs, day, between) > seconds:
            too_few = between
        else:
            enough = between
    return enough
