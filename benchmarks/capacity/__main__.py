"""``python -m benchmarks.capacity``: machines and money for 1,000 to 1,000,000 people at once."""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.capacity import printing
from benchmarks.capacity.figures import Costs, Day, FiguresRefused, Prices
from benchmarks.capacity.plan import Ask, make_plan, sensitivity
from benchmarks.capacity.sizing import TooSlow

PEOPLE = (1_000, 10_000, 100_000, 1_000_000)
SENSITIVITY_PEOPLE = 10_000


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; ends the program with one line when one is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.capacity", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--people", type=_people, default=PEOPLE, help="with the page open, a comma between")
    add("--measured", type=Path, help="a file with what make bench printed, or JSON of costs")
    add("--core-speed", type=_positive, default=1.0, help="times as fast as the cores measured on")
    add("--wait", type=_positive, default=0.2, help="seconds that 95 of 100 may wait, all roles together")
    add("--cores-a-machine", type=_whole, default=8, help="of the machines bought")
    add("--seed", type=int, default=7, help="of chance")
    for kind in (Day, Prices):
        for name in printing.names_of(kind):
            usual = getattr(kind(), name)
            kind_of_number = _positive if name.endswith("_seconds") else _amount
            add(
                f"--{name.replace('_', '-')}", type=kind_of_number, default=usual, help=f"see {kind.__name__}"
            )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Print the assumptions, the table and what dominates."""
    given = parse(words)
    try:
        costs = Costs.read(given.measured) if given.measured else Costs()
    except FiguresRefused as refused:
        sys.exit(f"capacity: {refused}")
    costs = costs.on_cores(given.core_speed)
    day, prices = (
        replace(kind(), **{name: getattr(given, name) for name in printing.names_of(kind)})
        for kind in (Day, Prices)
    )
    asks = [Ask(people, given.wait, given.cores_a_machine, given.seed) for people in given.people]
    like = replace(asks[0], people=SENSITIVITY_PEOPLE)
    try:
        plans = [make_plan(ask, costs, day, prices) for ask in asks]
        changes = sensitivity(like, costs, day, prices)
    except TooSlow as reason:
        sys.exit(f"capacity: {reason}")
    print("\n".join(printing.assumptions(asks[0], costs, day, prices)))
    print(f"\n{printing.plans_table(plans)}\n")
    print(printing.sensitivity_line(changes, SENSITIVITY_PEOPLE))
    return 0


def _positive(text: str) -> float:
    number = _amount(text)
    if number == 0:
        raise argparse.ArgumentTypeError("0 is not above 0")
    return number


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


def _people(text: str) -> tuple[int, ...]:
    return tuple(_whole(word) for word in text.split(","))


def _amount(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no amount of at least 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
