"""Whole turns, from the question to the settled outcome, over the carrier of this run."""

import asyncio
import json
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from chat import conversations, dispatch, tasks
from chat.database import in_database
from chat.events import EventId
from chat.models import Citation, Conversation, Message, Turn
from chat.turn import state
from knowledge.documents.publish import publish_version, save_draft, withdraw_document
from tests.chat.conftest import FINAL
from tests.chatsite.scraping import values
from tests.faults.providers import PROVIDER_FAULTS

pytestmark = pytest.mark.anyio

BAGS = "How heavy may a checked bag be on a Standard fare?"


async def ask(user: Any, conversation: Conversation, text: str) -> list[dict[str, Any]]:
    """Ask and return all events of the turn."""
    submitted = await conversations.submit(user, conversation.id, text)
    async with asyncio.timeout(20):
        return [json.loads(f.json) async for f in conversations.follow(submitted.turn)]


async def outcome(events: list[dict[str, Any]]) -> Turn:
    return await Turn.objects.select_related("answer", "question").aget(pk=events[-1]["turn"])


@pytest.fixture
def short_patience(settings: Any) -> None:
    """Wait for a silent provider for a moment only (the worker of the scaled run is started so)."""
    settings.LLM_FIRST_TOKEN_SECONDS = settings.LLM_BETWEEN_TOKENS_SECONDS = 1


def shown(events: list[dict[str, Any]]) -> str:
    """What a client shows after these events."""
    text = ""
    for event in events:
        if event["type"] == "turn.restarted":
            text = ""
        elif event["type"] == "turn.delta":
            text += event["text"]
    return text


async def test_quoted_answer_cites_the_passage(alice, conversation, library):
    events = await ask(alice, conversation, BAGS)
    final = events[-1]
    assert final["type"] == "turn.completed"
    assert "23 kg" in final["message"]["text"]
    assert "[^1]" in final["message"]["text"]
    assert final["citations"][0]["title"] == "Checked baggage"
    assert final["citations"][0]["url"].startswith("/knowledge/passages/")
    assert final["source"]["kind"] == "quoted"


async def test_model_answer_is_cited_and_kept(alice, conversation, library, provider):
    provider.script(text="Up to 23 kg [1]. Over 32 kg is never taken [1]. Invented [7].")
    events = await ask(alice, conversation, BAGS)
    turn = await outcome(events)
    assert events[-1]["message"]["text"] == "Up to 23 kg [^1]. Over 32 kg is never taken [^1]. Invented."
    assert shown(events) == turn.answer.text == events[-1]["message"]["text"]
    assert turn.source == Turn.Source.MODEL
    assert turn.completion_tokens > 0
    assert await Citation.objects.filter(turn=turn).acount() == 1


async def test_sources_reach_the_model_and_nothing_of_bob(alice, bob, conversation, library, provider):
    provider.script(text="Yes [1].")
    await ask(alice, conversation, BAGS)
    sent = json.dumps(provider.requests[-1])
    assert "one checked bag of up to 23 kg" in sent
    assert bob.email not in sent


async def test_off_topic_question_is_refused_without_a_model(alice, conversation, library, provider):
    events = await ask(alice, conversation, "Who won the chess tournament in Reykjavik in 1972?")
    assert provider.calls == 0
    assert "do not have that" in events[-1]["message"]["text"]
    assert events[-1]["source"]["kind"] == "fixed"


@pytest.mark.parametrize("written", ["[no-answer]", " [No-Answer]\nThe sources say nothing about it."])
async def test_model_may_find_the_passages_insufficient(alice, conversation, library, provider, written):
    provider.script(text=written)
    events = await ask(alice, conversation, BAGS)
    turn = await outcome(events)
    assert turn.answer.text.startswith("I do not have that in our policies")
    assert "Checked baggage" in turn.answer.text and "no-answer" not in shown(events)
    assert events[-1]["citations"][0]["title"] == "Checked baggage"
    assert (turn.grounding, turn.source) == (Turn.Grounding.INSUFFICIENT, Turn.Source.FIXED)
    assert turn.prompt_tokens > 0


async def test_verdict_is_kept_for_the_next_who_asks(alice, bob, conversation, library, provider):
    provider.script(text="[no-answer]")
    await ask(alice, conversation, BAGS)
    of_bob = await in_database(conversations.open_conversation, bob)
    turn = await outcome(await ask(bob, of_bob, BAGS))
    assert turn.grounding == Turn.Grounding.INSUFFICIENT
    assert provider.calls == 1


async def test_empty_library_says_so(alice, conversation):
    events = await ask(alice, conversation, BAGS)
    assert "no published policy" in events[-1]["message"]["text"]


async def test_withdrawn_policy_is_not_quoted(alice, conversation, library):
    await in_database(withdraw_document, library["checked-baggage"].document)
    events = await ask(alice, conversation, BAGS)
    assert "23 kg" not in events[-1]["message"]["text"]


@pytest.mark.parametrize(
    "fault", [one for one in PROVIDER_FAULTS if one.once != "ended"], ids=lambda fault: fault.name
)
async def test_failing_provider_is_followed_by_the_next(
    alice, conversation, library, provider, fault, short_patience
):
    text = "Up to 23 kg, as far as I can tell from the policy [1]."
    provider.script(text=text, faults=[fault.name] * (3 if fault.once == "again" else 1))
    events = await ask(alice, conversation, BAGS)
    turn = await outcome(events)
    assert events[-1]["type"] == "turn.completed"
    assert events[-1]["source"] == {"kind": "quoted", "provider": "extractive", "model": turn.model}
    assert shown(events) == turn.answer.text
    assert "23 kg" in turn.answer.text


@pytest.mark.parametrize("fault", [one.name for one in PROVIDER_FAULTS if one.once == "again"])
async def test_passing_failure_is_tried_again_with_the_same_provider(
    alice, conversation, library, provider, fault
):
    provider.script(text="Up to 23 kg, as far as I can tell from the policy [1].", faults=[fault, None])
    events = await ask(alice, conversation, BAGS)
    turn = await outcome(events)
    assert (turn.source, turn.provider) == (Turn.Source.MODEL, "compatible")
    assert provider.calls == 2
    assert shown(events) == turn.answer.text == "Up to 23 kg, as far as I can tell from the policy [^1]."


async def test_endless_answer_is_ended_and_says_so(alice, conversation, library, provider):
    provider.script(faults=["endless"])
    events = await ask(alice, conversation, BAGS)
    assert "had to end here because of its length" in events[-1]["message"]["text"]
    assert shown(events) == events[-1]["message"]["text"]


async def test_paused_provider_is_not_asked(alice, conversation, library, provider, settings):
    if settings.REDIS_URL:
        pytest.skip("the worker has settings of its own; tests/faults cuts its provider off")
    settings.LLM_PAUSE_SECONDS = 60
    provider.script(text="Up to 23 kg [1].", faults=["401"])
    await ask(alice, conversation, BAGS)
    events = await ask(alice, conversation, "How heavy may my checked bags be?")
    assert events[-1]["source"]["provider"] == "extractive"
    assert provider.calls == 1


async def test_second_question_is_answered_after_the_first(alice, conversation, library, provider):
    provider.script(text="First answer [1].", interval=0.05, held=True)
    first = await conversations.submit(alice, conversation.id, BAGS)
    second = await conversations.submit(alice, conversation.id, "And may my cat travel in the cabin?")
    assert second.turn.status == Turn.Status.QUEUED
    provider.script(held=False)
    async with asyncio.timeout(20):
        _ = [f async for f in conversations.follow(first.turn)]
        _ = [f async for f in conversations.follow(second.turn)]
    messages = [m async for m in Message.objects.filter(conversation=conversation).order_by("position")]
    assert [m.role for m in messages] == ["user", "user", "assistant", "assistant"]
    one, two = [t async for t in Turn.objects.filter(conversation=conversation).order_by("position")]
    assert one.finished_at <= two.started_at


async def test_stop_keeps_what_was_written(alice, conversation, library, provider):
    provider.script(text="word " * 200, interval=0.05)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    events = []
    async with asyncio.timeout(20):
        async for frame in conversations.follow(submitted.turn):
            events.append(json.loads(frame.json))
            if len(events) == 6:
                await conversations.stop(submitted.turn)
    turn = await outcome(events)
    assert events[-1]["type"] == "turn.stopped"
    assert turn.status == Turn.Status.STOPPED
    assert turn.answer.text.startswith("word word")
    assert len(turn.answer.text) < 900
    assert events[-1]["message"]["text"] == turn.answer.text


async def test_waiting_turn_is_stopped_before_it_begins(alice, conversation, library, provider):
    provider.script(text="word " * 40, held=True)
    first = await conversations.submit(alice, conversation.id, BAGS)
    second = await conversations.submit(alice, conversation.id, "And pets?")
    await conversations.stop(second.turn)
    provider.script(held=False)
    async with asyncio.timeout(20):
        last = [json.loads(f.json) async for f in conversations.follow(second.turn)][-1]
        _ = [f async for f in conversations.follow(first.turn)]
    assert last["type"] == "turn.stopped"
    assert last["message"] is None


async def test_follow_of_a_finished_turn_gives_its_end(alice, conversation, library):
    events = await ask(alice, conversation, BAGS)
    turn = await outcome(events)
    again = [json.loads(f.json) async for f in conversations.follow(turn)]
    assert [e["type"] for e in again] == ["message.accepted", "turn.completed"]
    assert [e["id"] for e in again] == ["0-1", events[-1]["id"]]
    assert again[0]["message"] == events[0]["message"]
    assert again[1]["message"] == events[-1]["message"]
    assert again[1]["citations"] == events[-1]["citations"]


async def test_client_that_has_the_end_gets_nothing_more(alice, conversation, library):
    events = await ask(alice, conversation, BAGS)
    turn = await outcome(events)
    assert [f async for f in conversations.follow(turn, EventId.parse(events[-1]["id"]))] == []


async def test_same_first_question_comes_from_the_cache(alice, bob, conversation, library, provider):
    provider.script(text="Up to 23 kg [1].")
    first = await ask(alice, conversation, BAGS)
    his = await in_database(conversations.open_conversation, bob)
    second = await ask(bob, his, BAGS.upper())
    assert provider.calls == 1
    assert second[-1]["source"]["kind"] == "cache"
    assert second[-1]["message"]["text"] == first[-1]["message"]["text"]
    assert second[-1]["citations"] == first[-1]["citations"]


async def test_changed_policy_is_never_answered_from_the_cache(alice, bob, conversation, library, provider):
    provider.script(text="Up to 23 kg [1].")
    await ask(alice, conversation, BAGS)
    document = library["checked-baggage"].document
    text = library["checked-baggage"].text.replace("23 kg", "20 kg")
    await in_database(lambda: publish_version(save_draft(document, text)))
    his = await in_database(conversations.open_conversation, bob)
    events = await ask(bob, his, BAGS)
    assert provider.calls == 2
    assert events[-1]["source"]["kind"] == "model"


async def test_history_reaches_the_next_prompt(alice, conversation, library, provider):
    provider.script(text="Up to 23 kg [1].")
    await ask(alice, conversation, BAGS)
    await ask(alice, conversation, "What does an overweight bag cost then?")
    messages = provider.requests[-1]["body"]["messages"]
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user", "user"]
    assert messages[1]["content"] == BAGS
    assert "[^" not in messages[2]["content"]


async def test_lost_turn_is_found_by_the_sweep(alice, conversation, library):
    """A turn that was saved and never dispatched: the process died in between."""
    insert = transaction.atomic(conversations._insert)
    turn, _ = await in_database(insert, alice, conversation.id, BAGS, None)
    await Turn.objects.filter(pk=turn.pk).aupdate(created_at=turn.created_at.replace(year=2025))
    await in_database(tasks.sweep) if settings.REDIS_URL else await dispatch.sweep_here()
    async with asyncio.timeout(20):
        last = [json.loads(f.json) async for f in conversations.follow(turn)][-1]
    assert last["type"] == "turn.completed"


async def test_turn_without_attempts_left_fails_honestly(alice, conversation, library):
    insert = transaction.atomic(conversations._insert)
    turn, _ = await in_database(insert, alice, conversation.id, BAGS, None)
    expired = timezone.now() - timedelta(seconds=1)
    await Turn.objects.filter(pk=turn.pk).aupdate(status="running", attempt=3, lease_until=expired)
    await in_database(tasks.sweep) if settings.REDIS_URL else await dispatch.sweep_here()
    async with asyncio.timeout(20):
        last = [json.loads(f.json) async for f in conversations.follow(turn)][-1]
    assert (last["type"], last["code"], last["retryable"]) == ("turn.failed", "attempts_exhausted", True)


async def test_redelivered_turn_does_nothing(alice, conversation, library):
    events = await ask(alice, conversation, BAGS)
    await dispatch.run_here((await outcome(events)).pk)
    assert await Message.objects.filter(conversation=conversation).acount() == 2


async def test_late_attempt_changes_nothing(alice, conversation, library, provider):
    """A worker that was thought dead wakes up when another attempt has already answered."""
    provider.script(text="slow " * 30, held=True)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    this = Turn.objects.filter(pk=submitted.turn.pk)
    before = await superseded()
    async with asyncio.timeout(20):
        while not provider.calls:
            await asyncio.sleep(0.02)
        assert await this.aupdate(attempt=F("attempt") + 1) == 1
        provider.script(held=False)
        while await superseded() == before:
            await asyncio.sleep(0.05)
    turn = await this.aget()
    assert (turn.status, turn.attempt, turn.answer_id) == ("running", 2, None)
    await this.adelete()  # nobody works on it


async def superseded() -> float:
    """How many attempts of all processes have found that they count no more."""
    return (await values())["chatsite_attempts_superseded_total",]


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="patches the process that answers")
async def test_database_away_in_mid_turn_begins_it_again(alice, conversation, library, monkeypatch, settings):
    settings.TURN_LEASE_SECONDS = 1
    calls = count()
    real = state.load

    def load(*arguments):
        if next(calls) == 0:
            raise OperationalError("the server closed the connection unexpectedly")
        return real(*arguments)

    monkeypatch.setattr(state, "load", load)
    async with asyncio.timeout(20):
        submitted = await conversations.submit(alice, conversation.id, BAGS)
        events = [json.loads(frame.json) async for frame in conversations.follow(submitted.turn)]
    assert [event["type"] for event in events if event["type"] in ("turn.restarted", *FINAL)] == [
        "turn.restarted",
        "turn.completed",
    ]
