"""``python -m tests.faults``: the long form of the chaos suite; prints one table."""

import argparse
import asyncio
import sys

from tests.faults import chaos
from tests.faults.desk import Desk

LONGEST_SECONDS = 1_800.0
TOKENS = 40


def main() -> int:
    """Run it; return 1 when anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="make chaos ARGS=…", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long faults happen; 1800 at most")
    parser.add_argument("--questions", type=int, default=5_000)
    parser.add_argument("--customers", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap", type=float, default=4.0, help="seconds between two faults, on average")
    options = parser.parse_args()
    options.seconds = min(options.seconds, LONGEST_SECONDS)
    plan = chaos.Plan(**vars(options))
    print(f"{plan}", flush=True)
    with Desk(tokens=TOKENS) as desk:
        report = asyncio.run(chaos.run(desk, plan, tokens=TOKENS))
    print("\n".join(report.lines()))
    for reason in report.verdict.wrong:
        print(f"WRONG: {reason}")
    return 0 if report.verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
