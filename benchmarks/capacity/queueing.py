"""Waiting for processors: simulated, and by the formulas that the simulation is held against.

Sources: Erlang C (A. K. Erlang 1917; Kleinrock, Queueing Systems I, 1975, chapter 3); the recursion of one
server (Lindley 1952, Mathematical Proceedings of the Cambridge Philosophical Society 48); of several (Kiefer
and Wolfowitz 1955, Transactions of the AMS 78); the approximation for any service times (Allen, Probability,
Statistics and Queueing Theory, 1990, after Cunneen).
"""

import heapq
import math

import numpy as np


def erlang_c(servers: int, load: float) -> float:
    """Return the chance that a customer of an M/M/c queue waits; ``load`` is in erlangs (busy servers).

    1 where the servers cannot do the work. Computed by Erlang B's recursion, which does not overflow.
    """
    if load >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def allen_cunneen(servers: int, rate: float, service: float, arrival_scv: float, service_scv: float) -> float:
    """Return the approximate mean seconds of waiting in a G/G/c queue; infinite where it only grows.

    Exact for M/M/c, and for M/G/1 (Pollaczek and Khinchine).

    Args:
        servers: their number.
        rate: arrivals a second.
        service: mean seconds of service.
        arrival_scv: squared coefficient of variation of the times between arrivals; 1 for Poisson.
        service_scv: the same of the times of service.
    """
    load = rate * service
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * service / (servers - load) * (arrival_scv + service_scv) / 2.0


def waits_of_one(moments: np.ndarray, service: np.ndarray) -> np.ndarray:
    """Return the seconds that each job waits for one server, first come first served.

    Args:
        moments: when the jobs come, in seconds, in order.
        service: seconds of service of each.
    """
    if not len(moments):
        return np.zeros(0)
    # Lindley's recursion written out: what has come less what could be done, over its lowest point so far.
    backlog = np.concatenate(([0.0], np.cumsum(service[:-1] - np.diff(moments))))
    return backlog - np.minimum.accumulate(backlog)


def waits_of_many(moments: np.ndarray, service: np.ndarray, servers: int) -> np.ndarray:
    """Return the seconds that each job waits for the first free one of ``servers``."""
    if servers == 1:
        return waits_of_one(moments, service)
    free = [0.0] * servers
    waits = np.empty(len(moments))
    for number, (moment, needs) in enumerate(zip(moments.tolist(), service.tolist(), strict=True)):
        begins = max(moment, free[0])
        waits[number] = begins - moment
        heapq.heapreplace(free, begins + needs)
    return waits
