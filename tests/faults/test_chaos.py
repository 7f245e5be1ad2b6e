"""Random faults over all processes, in short; ``make chaos`` has the long form."""

import asyncio

import pytest
from django.conf import settings

from tests.faults import chaos
from tests.faults.desk import Desk

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not settings.REDIS_URL, reason="the processes belong to the scaled set"),
]
SHORT = chaos.Plan(seconds=45, questions=300, customers=30, seed=20_261_121, gap=3)
TOKENS = 40


def test_nothing_is_lost_doubled_or_wrong() -> None:
    with Desk(tokens=TOKENS) as desk:
        report = asyncio.run(chaos.run(desk, SHORT, tokens=TOKENS))
    print("\n".join(report.lines()))
    assert report.verdict.wrong == []
    assert report.verdict.holds
    assert report.verdict.asked == SHORT.questions
