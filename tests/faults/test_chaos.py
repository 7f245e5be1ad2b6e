"""Random faults over all processes, in short; ``make chaos`` has the long form."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults import chaos
from tests.faults.desk import Desk

pytestmark = pytest.mark.faults
SHORT = chaos.Plan(seconds=45, questions=300, customers=30, seed=20_261_121, gap=3)
TOKENS = 40


def test_nothing_is_lost_doubled_or_wrong(start_desk: Callable[..., Desk]) -> None:
    report = asyncio.run(chaos.run(start_desk(tokens=TOKENS), SHORT, tokens=TOKENS))
    print("\n".join(report.lines()))
    assert report.verdict.wrong == []
    assert report.verdict.holds
    assert report.verdict.asked == SHORT.questions
