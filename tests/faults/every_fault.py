"""``python -m tests.faults.every_fault``: each fault once while many answers stream; prints one table."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator

from tests.faults.crowd import Crowd
from tests.faults.desk import Desk
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.verdict import Verdict, judge, wait_for_quiet

TOKENS = 40
HEAD = (
    "| fault | acknowledged | answered | of these quoted | begun again | failed honestly | lost | doubled "
    "| characters wrong | longest, s |\n| --- |" + " --: |" * 9
)


def walk(desk: Desk, scenarios: Iterable[Scenario], customers: int) -> Iterator[tuple[Scenario, Verdict]]:
    """Cause one fault after another on a running desk; yield what came of each."""
    crowd = Crowd(desk, customers)
    for scenario in scenarios:
        asked = asyncio.run(crowd.ask_during(scenario.act, spread=6, give_up_after=90))
        wait_for_quiet(desk.postgres.url, 30)
        verdict = judge(desk.postgres.url, asked, tokens=TOKENS)
        verdict.wrong += [f"{part.name} has ended" for part in desk.parts if not part.runs]
        yield scenario, verdict
        desk.mend()
        desk.wait_until("ok", seconds=60)


def line(scenario: Scenario, verdict: Verdict) -> str:
    """Return a row of the table."""
    cells = (
        verdict.acknowledged, verdict.answered, verdict.quoted, verdict.restarted, verdict.failed_honestly,
        verdict.lost, verdict.doubled, verdict.characters_wrong, f"{max(verdict.slow, default=0):.1f}",
    )  # fmt: skip
    return f"| {scenario.name} | {' | '.join(map(str, cells))} |"


def main() -> int:
    """Walk; return 1 when anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="make faults ARGS=…", description=__doc__)
    parser.add_argument("--customers", type=int, default=200, help="answers that stream at once")
    parser.add_argument("--only", default="", help="faults with these words in their names")
    options = parser.parse_args()
    chosen = [scenario for scenario in SCENARIOS if options.only in scenario.name]
    holds = True
    print(HEAD, flush=True)
    with Desk(tokens=TOKENS, interval=0.15) as desk:
        for scenario, verdict in walk(desk, chosen, options.customers):
            print(
                line(scenario, verdict), *(f"  WRONG: {why}" for why in verdict.wrong), sep="\n", flush=True
            )
            holds &= verdict.holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
