"""Turns of people whose plan has limits: what answers, what is set aside, what is charged."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as desk_settings
from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import PersonPlan, Plan, Price, Reservation, SpendAlert, Spending, Usage, User
from accounts.spending.days import today
from chat import conversations, dispatch, tasks
from chat.database import in_database
from chat.errors import RateLimited
from chat.models import Conversation, Turn
from chat.turn.context import TurnContext
from chat.turn.runner import _attempt, _claim, _context_of
from chat.turn.settle import Superseded, settle
from tests.chat.test_turns import BAGS, ask, outcome

pytestmark = pytest.mark.anyio
ANSWER = "Up to 23 kg a bag [1]."
PLENTY = 1_000_000


@pytest.fixture
def spent(transactional_db: None, alice: User) -> Callable[..., Any]:
    """Give Alice a plan, of which something is used today."""

    def prepare(tokens: int = 0, nano: int = 0, **limits: Any) -> None:
        PersonPlan.objects.create(user=alice, plan=Plan.objects.create(name="Limited", **limits))
        Spending.objects.create(user=alice, day=today(), tokens=tokens, money_nano=nano)

    return sync_to_async(prepare)


@pytest.fixture
async def other_conversation(desk: None, alice: User) -> Conversation:
    """Another conversation of Alice's."""
    return await in_database(conversations.open_conversation, alice)


def models_asked(provider: Any) -> list[str]:
    bodies = [request["body"] for request in provider.requests]
    return [(json.loads(body) if isinstance(body, str | bytes) else body)["model"] for body in bodies]


def notices(events: list[dict[str, Any]]) -> list[str]:
    return [notice["text"] for notice in events[-1]["notices"] if notice["kind"] == "economy"]


async def day_of(user: User) -> Spending:
    return await Spending.objects.aget(user=user, day=today())


# --- The steps ----------------------------------------------------------------------------------------------


async def test_with_room_the_usual_model_answers(alice, conversation, library, provider, spent):
    await spent(tokens_per_day=PLENTY)
    provider.script(text=ANSWER)
    events = await ask(alice, conversation, BAGS)
    assert models_asked(provider) == ["fake"]
    assert events[-1]["source"]["model"] == "fake"
    assert not notices(events)


async def test_near_the_limit_the_cheaper_model_answers(alice, conversation, library, provider, spent):
    await spent(tokens=800_000, tokens_per_day=PLENTY)
    provider.script(text=ANSWER)
    events = await ask(alice, conversation, BAGS)
    assert models_asked(provider) == ["fake-small"]
    assert events[-1]["source"]["model"] == "fake-small"
    tomorrow = today() + timedelta(days=1)
    assert f"{tomorrow.day} {tomorrow:%B} at 00:00" in notices(events)[0]
    assert "simpler model" in notices(events)[0]


async def test_beyond_the_limit_policies_are_quoted(alice, conversation, library, provider, spent):
    await spent(tokens=999_999, tokens_per_day=PLENTY)
    events = await ask(alice, conversation, BAGS)
    assert provider.calls == 0
    assert events[-1]["source"]["kind"] == "quoted"
    assert "23 kg" in events[-1]["message"]["text"]
    assert "quoted from our texts" in notices(events)[0]
    assert (await day_of(alice)).tokens == 999_999


async def test_month_that_is_spent_says_when_the_next_begins(alice, conversation, library, provider, spent):
    await spent(nano=2_000_000_000, money_per_month=Decimal(2), money_per_day=Decimal(3))
    first = (today().replace(day=28) + timedelta(days=4)).replace(day=1)
    assert f"1 {first:%B} at 00:00" in notices(await ask(alice, conversation, BAGS))[0]


async def test_only_a_plan_that_says_so_stops(alice, conversation, library, provider, spent):
    await spent(tokens=PLENTY, tokens_per_day=PLENTY, beyond=Plan.Beyond.STOP)
    last = (await ask(alice, conversation, BAGS))[-1]
    assert (last["type"], last["code"], last["retryable"]) == ("turn.failed", "allowance_spent", False)
    assert "You can ask again on" in last["words"]
    assert provider.calls == 0


async def test_the_stop_speaks_the_customers_language(alice, conversation, library, provider, spent):
    await spent(tokens=PLENTY, tokens_per_day=PLENTY, beyond=Plan.Beyond.STOP)
    await User.objects.filter(pk=alice.pk).aupdate(language="es")
    last = (await ask(alice, conversation, BAGS))[-1]
    assert last["words"].startswith("Ha usado todo lo que permite su plan")


async def test_fixed_answers_are_never_held_back(alice, conversation, library, provider, spent):
    await spent(tokens=PLENTY, tokens_per_day=PLENTY, beyond=Plan.Beyond.STOP)
    assert (await ask(alice, conversation, "Hello!"))[-1]["source"]["kind"] == "fixed"


async def test_answers_already_written_are_served_beyond_the_limit(
    alice, bob, conversation, library, provider, spent
):
    provider.script(text=ANSWER)
    bobs = await in_database(conversations.open_conversation, bob)
    await ask(bob, bobs, BAGS)
    await spent(tokens=PLENTY, tokens_per_day=PLENTY, beyond=Plan.Beyond.STOP)
    events = await ask(alice, conversation, BAGS)
    assert events[-1]["source"]["kind"] == "cache"
    assert not notices(events)
    assert (await day_of(alice)).tokens == PLENTY


async def test_the_cheaper_models_answer_is_never_kept_as_the_usual_ones(
    alice, bob, conversation, library, provider, spent
):
    await spent(tokens=800_000, tokens_per_day=PLENTY)
    provider.script(text=ANSWER)
    await ask(alice, conversation, BAGS)
    bobs = await in_database(conversations.open_conversation, bob)
    assert (await ask(bob, bobs, BAGS))[-1]["source"] == {
        "kind": "model", "provider": "compatible", "model": "fake",
    }  # fmt: skip


async def test_the_cheaper_models_answer_is_shared_among_those_who_get_it(
    alice, conversation, other_conversation, library, provider, spent
):
    await spent(tokens=800_000, tokens_per_day=PLENTY)
    provider.script(text=ANSWER)
    await ask(alice, conversation, BAGS)
    again = await ask(alice, other_conversation, BAGS)
    assert (again[-1]["source"]["kind"], again[-1]["source"]["model"]) == ("cache", "fake-small")
    assert provider.calls == 1


async def test_bob_is_not_affected_by_alice(alice, bob, conversation, library, provider, spent):
    await spent(tokens=PLENTY, tokens_per_day=PLENTY)
    provider.script(text=ANSWER)
    assert (await ask(alice, conversation, BAGS))[-1]["source"]["kind"] == "quoted"
    bobs = await in_database(conversations.open_conversation, bob)
    assert (await ask(bob, bobs, BAGS))[-1]["source"]["kind"] == "model"
    assert (await day_of(alice)).tokens == PLENTY
    assert (await day_of(bob)).tokens > 0


# --- Setting aside and charging -----------------------------------------------------------------------------


async def test_turn_is_charged_once_and_nothing_stays_set_aside(
    alice, conversation, library, provider, spent
):
    await Price.objects.acreate(
        provider="compatible", model="fake", valid_from=today(), input_per_million=2, output_per_million=8
    )
    await spent(tokens_per_day=PLENTY, money_per_day=Decimal(1))
    provider.script(text=ANSWER)
    turn = await outcome(await ask(alice, conversation, BAGS))
    day, used = await day_of(alice), await Usage.objects.aget(user=alice)
    assert day.tokens == turn.prompt_tokens + turn.completion_tokens > 0
    assert day.money_nano == 2_000 * turn.prompt_tokens + 8_000 * turn.completion_tokens
    assert (day.answers, day.tokens_reserved, day.money_nano_reserved) == (1, 0, 0)
    assert (used.source, used.model, used.answers, used.money_nano) == ("model", "fake", 1, day.money_nano)
    assert not await Reservation.objects.aexists()


async def test_people_without_limits_set_nothing_aside_and_are_charged(
    alice, conversation, library, provider
):
    provider.script(text=ANSWER, interval=0.02)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    async with asyncio.timeout(20):
        async for frame in conversations.follow(submitted.turn):
            if json.loads(frame.json)["type"] == "turn.delta":
                assert not await Reservation.objects.aexists()
    assert (await day_of(alice)).tokens > 0
    assert (await Usage.objects.aget(user=alice)).unpriced == 1


async def test_quoted_answers_cost_nothing(alice, conversation, library, settings):
    if desk_settings.REDIS_URL:
        pytest.skip("the worker of the scaled run has a model in its chain")
    await ask(alice, conversation, BAGS)
    assert not await Spending.objects.aexists()
    assert (await Usage.objects.aget(user=alice)).source == "quoted"


async def test_parallel_turns_of_one_person_do_not_overshoot(
    alice, conversation, other_conversation, library, provider, spent
):
    """There is room for one answer; two questions come at once."""
    await spent(tokens_per_day=2_400)
    provider.script(text=ANSWER, held=True)
    asking = [
        asyncio.create_task(ask(alice, conversation, BAGS)),
        asyncio.create_task(ask(alice, other_conversation, "May a small dog travel in the cabin with me?")),
    ]
    # What is set aside for the one is not given back before it is known what becomes of the other.
    while provider.calls < 2 and not any(task.done() for task in asking):
        await asyncio.sleep(0.02)
    provider.script(held=False)
    both = await asyncio.gather(*asking)
    assert sorted(events[-1]["source"]["kind"] for events in both) == ["model", "quoted"]
    assert provider.calls == 1
    assert (await day_of(alice)).tokens_reserved == 0


async def test_followers_of_a_shared_answer_pay_nothing(alice, bob, conversation, library, provider, spent):
    await spent(tokens_per_day=PLENTY)
    provider.script(text=ANSWER * 10, interval=0.01, delay=0.3)
    bobs = await in_database(conversations.open_conversation, bob)
    await asyncio.gather(ask(bob, bobs, BAGS), ask(alice, conversation, BAGS))
    paid = await Spending.objects.filter(tokens__gt=0).aaggregate(answers=Sum("answers"))
    assert (provider.calls, paid["answers"]) == (1, 1)
    assert not await Reservation.objects.aexists()


async def test_stopped_answer_is_charged_for_what_it_took(alice, conversation, library, provider, spent):
    await spent(tokens_per_day=PLENTY)
    provider.script(text="word " * 200, interval=0.05)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    seen = 0
    async with asyncio.timeout(20):
        async for _ in conversations.follow(submitted.turn):
            seen += 1
            if seen == 6:
                await conversations.stop(submitted.turn)
    turn = await Turn.objects.aget(pk=submitted.turn.pk)
    day = await day_of(alice)
    assert turn.status == Turn.Status.STOPPED
    assert day.tokens == turn.prompt_tokens + turn.completion_tokens > 100
    assert (day.answers, day.tokens_reserved) == (1, 0)


# --- Attempts that die --------------------------------------------------------------------------------------


async def begun(user: User, conversation: Conversation) -> TurnContext:
    """Claim a turn for its first attempt and set aside for it, as a process does that then dies."""
    turn, _, _ = await in_database(conversations._save, user, conversation.id, BAGS, None)
    claimed = await in_database(_claim, turn.pk)
    await Reservation.objects.acreate(
        turn=turn.pk, attempt=1, user=user, day=today(), tokens=500, money_nano=9, made_at=timezone.now()
    )
    await Spending.objects.filter(user=user).aupdate(tokens_reserved=500, money_nano_reserved=9)
    context = _context_of(claimed)
    context.provider, context.model, context.source = "compatible", "fake", Turn.Source.MODEL
    context.text = context.raw_text = ANSWER
    return context


async def test_second_attempt_is_the_only_one_charged(alice, conversation, library, provider, spent):
    await spent(tokens_per_day=PLENTY)
    provider.script(text=ANSWER)
    stale = await begun(alice, conversation)
    await Turn.objects.filter(pk=stale.turn_id).aupdate(lease_until=timezone.now() - timedelta(seconds=1))
    await dispatch.dispatch(stale.turn_id)
    async with asyncio.timeout(20):
        turn = await Turn.objects.aget(pk=stale.turn_id)
        async for _ in conversations.follow(turn):
            pass
    await turn.arefresh_from_db()
    charged = await day_of(alice)
    assert (turn.attempt, charged.answers) == (2, 1)
    assert charged.tokens == turn.prompt_tokens + turn.completion_tokens > 0
    with pytest.raises(Superseded):
        await settle(stale)
    now = await day_of(alice)
    assert (now.answers, now.tokens) == (1, charged.tokens)
    assert (now.tokens_reserved, now.money_nano_reserved) == (0, 0)


async def test_second_attempt_answered_from_the_cache_gives_back_what_the_first_had(
    alice, bob, conversation, library, provider, spent
):
    provider.script(text=ANSWER)
    bobs = await in_database(conversations.open_conversation, bob)
    await ask(bob, bobs, BAGS)
    await spent(tokens_per_day=PLENTY)
    dead = await begun(alice, conversation)
    await Turn.objects.filter(pk=dead.turn_id).aupdate(lease_until=timezone.now() - timedelta(seconds=1))
    await dispatch.dispatch(dead.turn_id)
    async with asyncio.timeout(20):
        async for _ in conversations.follow(await Turn.objects.aget(pk=dead.turn_id)):
            pass
    day = await day_of(alice)
    assert (day.tokens, day.tokens_reserved, day.money_nano_reserved) == (0, 0, 0)


async def test_turn_that_is_given_up_sets_nothing_aside(alice, conversation, library, spent):
    await spent(tokens_per_day=PLENTY)
    dead = await begun(alice, conversation)
    expired = timezone.now() - timedelta(seconds=1)
    await Turn.objects.filter(pk=dead.turn_id).aupdate(attempt=3, lease_until=expired)
    await in_database(tasks.sweep) if desk_settings.REDIS_URL else await dispatch.sweep_here()
    async with asyncio.timeout(20):  # the process sweeps by itself, too, and may have been quicker
        while await Reservation.objects.aexists():
            await asyncio.sleep(0.02)
    day = await day_of(alice)
    assert (day.tokens_reserved, day.money_nano_reserved, day.answers) == (0, 0, 0)


async def test_deleting_the_conversation_does_not_save_the_money(
    alice, conversation, library, provider, spent
):
    await spent(tokens_per_day=PLENTY)
    provider.script(text="word " * 40, interval=0.02, lasts=True)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    async with asyncio.timeout(20):
        async with aclosing(conversations.follow(submitted.turn)) as frames:
            async for frame in frames:
                if json.loads(frame.json)["type"] == "turn.delta":
                    break
        assert await Reservation.objects.aexists()
        await in_database(Conversation.objects.filter(pk=conversation.pk).delete)
        provider.script(lasts=False)
        while await Reservation.objects.filter(turn=submitted.turn.pk).aexists():
            await asyncio.sleep(0.05)
    day = await day_of(alice)
    assert (day.answers, day.tokens_reserved) == (1, 0)
    assert day.tokens > 100
    assert (await Usage.objects.aget(user=alice)).source == "deleted"


async def test_late_attempt_asks_no_model(alice, conversation, library, provider, spent):
    """What a later attempt has set aside ends an earlier one that wakes up before it has asked."""
    await spent(tokens_per_day=PLENTY)
    stale = await begun(alice, conversation)
    await Reservation.objects.filter(turn=stale.turn_id).aupdate(attempt=F("attempt") + 1)
    await _attempt(stale)
    assert provider.calls == 0
    assert (await Turn.objects.aget(pk=stale.turn_id)).answer_id is None


async def test_messages_a_minute_are_those_of_the_plan(alice, bob, conversation, library, spent, settings):
    settings.RATELIMIT_ENABLE, settings.LIMITS_REDIS_SECONDS = True, 20  # all are counted in one place
    await spent(messages_per_minute=2)
    for _ in range(2):
        await ask(alice, conversation, "Hello!")
    with pytest.raises(RateLimited):
        await conversations.submit(alice, conversation.id, "Hello!")
    bobs = await in_database(conversations.open_conversation, bob)
    for _ in range(3):
        await ask(bob, bobs, "Hello!")


async def test_staff_are_told_of_who_has_no_room_left(alice, conversation, library, provider, spent):
    await spent(nano=999_999_999, money_per_day=Decimal(1))
    await Price.objects.acreate(
        provider="compatible", model="*", valid_from=today(), input_per_million=2, output_per_million=8
    )
    assert (await ask(alice, conversation, BAGS))[-1]["source"]["kind"] == "quoted"
    assert (await SpendAlert.objects.aget()).subject == f"person:{alice.pk}"
