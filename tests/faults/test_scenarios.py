"""Every fault has its outcome: real processes, real signals, answers streaming meanwhile."""

import asyncio
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.faults.crowd import Crowd
from tests.faults.desk import Desk
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.verdict import judge, wait_for_quiet

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not settings.REDIS_URL, reason="the processes belong to the scaled set"),
]
CUSTOMERS = 40
TOKENS = 40


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk(tokens=TOKENS, interval=0.05) as desk:
        yield desk


@pytest.fixture(scope="module")
def crowd(desk: Desk) -> Crowd:
    return Crowd(desk, CUSTOMERS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_question_ends_once(desk: Desk, crowd: Crowd, scenario: Scenario) -> None:
    asked = asyncio.run(crowd.ask_during(scenario.act, spread=3, give_up_after=60))
    assert [part.name for part in desk.parts if not part.runs] == []
    assert wait_for_quiet(desk.postgres.url, 30) == 0
    verdict = judge(desk.postgres.url, asked, tokens=TOKENS)
    assert verdict.wrong == []
    assert all(one.final is not None for one in asked)
    desk.wait_until("ok", seconds=30)
