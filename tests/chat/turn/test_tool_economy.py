"""Rounds of look-ups under a plan with limits: what is set aside for them, and what is charged."""

from typing import Any

import pytest

from accounts.models import Reservation, Usage
from tests.chat.test_tool_turns import PETS, tools_of
from tests.chat.test_turns import BAGS, ask
from tests.chat.turn import test_economy
from tests.chat.turn.test_economy import day_of

pytestmark = pytest.mark.anyio
spent = test_economy.spent  # a fixture


async def test_all_rounds_are_charged_and_nothing_stays_set_aside(
    alice: Any, conversation: Any, library: Any, provider: Any, spent: Any
) -> None:
    await spent(tokens_per_day=1_000_000)
    provider.script(calls=PETS, text="A cat for EUR 55 [{last}].")
    events = await ask(alice, conversation, BAGS)
    assert tools_of(events)
    used = events[-1]["usage"]["prompt_tokens"] + events[-1]["usage"]["completion_tokens"]
    day = await day_of(alice)
    assert (day.tokens, day.tokens_reserved, day.money_nano_reserved) == (used, 0, 0)
    row = await Usage.objects.aget(user=alice)
    assert (row.answers, row.prompt_tokens) == (1, events[-1]["usage"]["prompt_tokens"])
    assert not await Reservation.objects.aexists()


async def test_without_room_for_a_round_the_model_answers_without_tools(
    alice: Any, conversation: Any, library: Any, provider: Any, spent: Any
) -> None:
    """There is room for one call (of about 3,000 tokens) and not for what would follow on a look-up."""
    await spent(tokens_per_day=6_000)
    provider.script(calls=PETS, text="23 kg a bag [1].")
    events = await ask(alice, conversation, BAGS)
    assert "tools" not in provider.requests[0]["body"]
    assert provider.calls == 1
    assert events[-1]["message"]["text"] == "23 kg a bag [^1]."
    assert (await day_of(alice)).tokens_reserved == 0
