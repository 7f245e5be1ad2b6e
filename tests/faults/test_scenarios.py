"""Every fault has its outcome: real processes, real signals, answers streaming meanwhile."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.crowd import Crowd
from tests.faults.desk import Desk
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.verdict import judge, wait_for_quiet

pytestmark = pytest.mark.faults
CUSTOMERS = 40
TOKENS = 40


@pytest.fixture(scope="module")
def desk(start_desk: Callable[..., Desk]) -> Desk:
    return start_desk(tokens=TOKENS, interval=0.05)


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
    assert [one for one in asked if one.final is None] == []
    desk.wait_until("ok", seconds=30)
