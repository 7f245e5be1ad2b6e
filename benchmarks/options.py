"""What a benchmark is asked to do: the options of the command line, and the loads they stand for."""

import argparse
from collections.abc import Callable, Sequence

from benchmarks.load_client import Load
from benchmarks.systems import SYSTEMS

MOST_ANSWERS = 5_000
MOST_AT_ONCE = 2_000
MOST_SOCKETS = 10_000
RUNS = ("idle", "answers", "steady", "crowd", "cached")
STEADY_PER_SECOND = 50.0
CROWD_INTERVAL = 0.1
# An answer of the crowd lasts 12 seconds, so all of them overlap when they begin within ten.
CROWD_BEGINS_SECONDS = 10.0
CACHED_PER_SECOND = 20.0
WARM_UP = Load(answers=48, starts_per_second=24, tokens=24, interval=0.01, delay=0.05)
# The first asking fills the cache; the others give it the time to.
PRIMING = Load(answers=3, starts_per_second=2, source=None, same_question=True)


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; ends the program with one line when one is wrong."""
    parser = argparse.ArgumentParser(
        prog='make bench ARGS="…"',
        description="What a streamed answer costs, embedded and scaled, beside a bare relay.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--systems", type=_names(SYSTEMS), default=",".join(SYSTEMS), help="which systems")
    add("--runs", type=_names(RUNS), default=",".join(RUNS), help="which runs")
    add("--answers", type=_upto(MOST_ANSWERS), default=200, help="questions of the main run")
    add("--concurrency", type=_upto(MOST_AT_ONCE), default=50, help="answers at once in the main run")
    add("--tokens", type=_upto(2_000), default=120, help="words of an answer in the main run")
    add("--interval", type=_seconds, default=0.02, help="seconds between words in the main run")
    add("--delay", type=_seconds, default=0.3, help="seconds before the first word in the main run")
    add("--steady", type=_upto(MOST_ANSWERS), default=300, help="questions at 50 a second")
    add("--crowd", type=_upto(MOST_AT_ONCE), default=1_000, help="answers at once at 10 words a second")
    add("--cached", type=_upto(MOST_ANSWERS), default=100, help="askings of one question")
    add("--idle", type=_upto(MOST_SOCKETS), default=1_000, help="sockets that say nothing")
    add("--rounds", type=_upto(10), default=1, help="how often to measure everything")
    add("--no-deflate", action="store_true", help="do not offer compression, as browsers do")
    return parser.parse_args(words)


def loads(options: argparse.Namespace) -> dict[str, Load]:
    """Return the loads of the runs that were chosen, in the order they are made."""
    ideal = options.delay + options.tokens * options.interval
    pace = {"tokens": options.tokens, "interval": options.interval, "delay": options.delay}
    crowd = options.crowd / CROWD_BEGINS_SECONDS
    every = {
        "answers": Load(options.answers, options.concurrency / max(ideal, 0.01), **pace),
        "steady": Load(options.steady, STEADY_PER_SECOND),
        "crowd": Load(options.crowd, crowd, interval=CROWD_INTERVAL),
        "cached": Load(options.cached, CACHED_PER_SECOND, source="cache", same_question=True),
    }
    return {name: load for name, load in every.items() if name in options.runs}


def _upto(most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        number = int(text)
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"{number} is not between 1 and {most}")
        return number

    return whole_number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 10:
        raise argparse.ArgumentTypeError(f"{seconds} is not between 0 and 10 seconds")
    return seconds


def _names(known: Sequence[str] | dict[str, object]) -> Callable[[str], tuple[str, ...]]:
    def names(text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return tuple(name for name in known if name in chosen)

    return names
