"""When questions come: a Poisson process whose rate a storm raises and lets fall again."""

from dataclasses import dataclass

import numpy as np

from benchmarks.capacity.figures import Day

BEFORE_SECONDS = 30.0  # of calm before the storm
STORM_LENGTHS = 3  # after so many of its own lengths a storm has fallen to a twentieth


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions in the order they come.

    Attributes:
        moments: when, in seconds.
        cached: which are answered from the cache, or with another's answer.
        weights: what each costs beside the mean, 1 on average.
    """

    moments: np.ndarray
    cached: np.ndarray
    weights: np.ndarray

    def only(self, chosen: np.ndarray | slice) -> "Questions":
        """Return some of them."""
        return Questions(self.moments[chosen], self.cached[chosen], self.weights[chosen])


def horizon(day: Day) -> float:
    """Return the seconds that are simulated."""
    return BEFORE_SECONDS + STORM_LENGTHS * day.storm_seconds


def questions(rate: float, day: Day, chance: np.random.Generator) -> Questions:
    """Return the questions of a calm of ``rate`` a second with a storm in it.

    Made by thinning (Lewis and Shedler 1979, Naval Research Logistics Quarterly 26): moments of a Poisson
    process at the highest rate are kept with the share that the rate has of it at that moment.
    """
    height = max(1.0, day.storm)
    length = horizon(day)
    moments = np.sort(chance.uniform(0.0, length, chance.poisson(rate * height * length)))
    moments = moments[chance.uniform(0.0, height, len(moments)) < times_usual(moments, day)]
    excess = 1.0 - 1.0 / times_usual(moments, day)  # the share of questions that only the storm brings
    cached = day.cached * (1.0 - excess) + day.storm_cached * excess
    drawn = chance.uniform(0.0, 1.0, len(moments)) < cached
    return Questions(moments, drawn, _weights(len(moments), day.spread, chance))


def times_usual(moments: np.ndarray, day: Day) -> np.ndarray:
    """Return how many times the usual rate holds at each moment."""
    since = np.maximum(moments - BEFORE_SECONDS, 0.0)
    raised = 1.0 + (max(1.0, day.storm) - 1.0) * np.exp(-since / day.storm_seconds)
    return np.where(moments < BEFORE_SECONDS, 1.0, raised)


def _weights(count: int, spread: float, chance: np.random.Generator) -> np.ndarray:
    """Return gamma-distributed weights with mean 1 and the coefficient of variation ``spread``."""
    if not spread:
        return np.ones(count)
    return chance.gamma(1.0 / spread**2, spread**2, count)
