"""Whole turns of people in every mood: what they are shown, what staff see, and whose mood goes where."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as site
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from chat import conversations
from chat.database import in_database
from chat.models import ConversationFlag, Turn
from chat.turn import attune, state
from chat.turn.wording import SENTENCES, sentence
from knowledge.models import Airport, Booking, Flight
from knowledge.models.records import Segment
from tests.chat.test_turns import BAGS, ask, shown

pytestmark = pytest.mark.anyio

# In the scaled run another process answers, which no patch or setting of this one reaches.
here = pytest.mark.skipif(bool(site.REDIS_URL), reason="patches the process that answers")

CROSS = "How heavy may a checked bag be on a Standard fare? This is so frustrating."
ANGRY = "HOW HEAVY MAY A CHECKED BAG BE ON A STANDARD FARE? You thieves!!!"
WANT = sentence("want_person", "en")


def understood(events: list[dict[str, Any]]) -> dict[str, Any]:
    return next(event for event in events if event["type"] == "turn.understood")


def offers(final: dict[str, Any]) -> bool:
    has_notice = [notice["kind"] for notice in final["notices"]][:1] == ["person"]
    assert has_notice == (final["quick_replies"][:1] == [WANT])
    return has_notice


def forewords(text: str) -> list[str]:
    words = [by["en"] for key, by in SENTENCES.items() if key.startswith("feel_")]
    return [each for each in words if each in text]


async def another(person: Any) -> Any:
    return await in_database(conversations.open_conversation, person)


async def flags() -> list[tuple[str, str]]:
    return [row async for row in ConversationFlag.objects.values_list("kind", "cause")]


@sync_to_async
def flies_in(owner: Any, hours: int) -> None:
    for code in ("LIS", "MAD"):
        Airport.objects.get_or_create(code=code, defaults={"name": code, "city": code})
    leaves = timezone.now() + timedelta(hours=hours)
    flight = Flight.objects.create(
        number="LW214", date=leaves.date(), origin_id="LIS", destination_id="MAD",
        scheduled_departure=leaves, scheduled_arrival=leaves + timedelta(hours=1),
    )  # fmt: skip
    booking = Booking.objects.create(reference="K7PQ2M", owner=owner, cabin="economy")
    Segment.objects.create(
        booking=booking, position=1, flight=flight, number="LW214", date=leaves.date(), origin_id="LIS",
        destination_id="MAD",
    )  # fmt: skip


# --- without a model


async def test_calm_question_is_answered_as_ever(alice, conversation, library):
    events = await ask(alice, conversation, BAGS)
    told = understood(events)
    assert (told["tone"], told["urgent"], told["strategy"]) == ("calm", False, [])
    assert not forewords(events[-1]["message"]["text"]) and not offers(events[-1])


async def test_quoted_answer_is_preceded_by_the_desks_own_words(alice, conversation, library):
    events = await ask(alice, conversation, CROSS)
    text = events[-1]["message"]["text"]
    assert understood(events)["tone"] == "frustrated" and understood(events)["strategy"] == ["acknowledge"]
    first, second = text.split("\n\n")[:2]
    assert first == sentence("feel_frustration", "en") and "[^" not in first and "word for word" in second
    assert events[-1]["citations"][0]["title"] == "Checked baggage" and "[^1]" in text
    assert shown(events) == text
    turn = await Turn.objects.aget()
    assert (turn.tone, turn.is_urgent) == ("frustrated", False)


async def test_words_are_in_the_persons_language(alice, conversation, library):
    events = await ask(alice, conversation, "¿Cuánto puede pesar una maleta? Estoy harta de esperar")
    assert events[-1]["message"]["text"].startswith(sentence("feel_frustration", "es"))


async def test_refusal_is_acknowledged_too(alice, conversation, library):
    events = await ask(alice, conversation, "What on earth is the zeppelin surcharge? You are thieves")
    assert events[-1]["message"]["text"].startswith(sentence("feel_anger", "en"))


async def test_person_is_offered_after_two_cross_messages(alice, conversation, library):
    assert not offers((await ask(alice, conversation, CROSS))[-1])
    events = await ask(alice, conversation, "That is not what I asked. How heavy may a bag be?")
    assert offers(events[-1]) and "offer_person" in understood(events)["strategy"]
    assert events[-1]["message"]["text"].startswith(sentence("feel_frustration_again", "en"))
    assert await flags() == []


async def test_calm_message_between_breaks_the_row(alice, conversation, library):
    await ask(alice, conversation, CROSS)
    await ask(alice, conversation, "Thanks. And may my cat travel in the cabin?")
    assert not offers((await ask(alice, conversation, CROSS))[-1])


async def test_anger_in_a_hurry_is_offered_a_person_at_once(alice, conversation, library):
    await flies_in(alice, 5)
    events = await ask(alice, conversation, ANGRY)
    assert understood(events)["urgent"] and offers(events[-1])


async def test_bobs_journey_is_no_hurry_of_alices(alice, bob, conversation, library):
    await flies_in(bob, 5)
    assert not understood(await ask(alice, conversation, BAGS))["urgent"]
    assert understood(await ask(bob, await another(bob), BAGS))["strategy"] == ["shortest_first"]


async def test_taking_up_the_offer_flags_the_conversation_once(alice, conversation, library):
    for text in (WANT, "I want to talk to a human"):
        final = (await ask(alice, conversation, text))[-1]
        assert final["message"]["text"] == sentence("hand_off", "en") and final["source"]["kind"] == "fixed"
    assert await flags() == [("wish", "calm")]
    assert await AuditEntry.objects.filter(act="person-wanted").acount() == 1
    await ask(alice, conversation, CROSS)
    assert not offers((await ask(alice, conversation, CROSS))[-1])  # it waits for one already


async def test_handled_wish_can_be_wished_again(alice, conversation, library, carol):
    await ask(alice, conversation, WANT)
    flag = await ConversationFlag.objects.aget()
    await sync_to_async(flag.handle)(carol)
    await ask(alice, conversation, WANT)
    assert [kind for kind, _ in await flags()] == ["wish", "wish"]


@here
async def test_hours_are_told_only_where_they_are_set(alice, conversation, settings):
    settings.HANDOVER_HOURS = "Monday to Friday, 9:00 to 18:00"
    final = (await ask(alice, conversation, "quiero hablar con una persona"))[-1]
    assert final["message"]["text"].endswith("Nuestro equipo atiende: Monday to Friday, 9:00 to 18:00.")


async def test_crisis_goes_before_tone(alice, conversation, library):
    final = (await ask(alice, conversation, "You thieves!!! I want to kill myself"))[-1]
    assert final["notices"][0]["kind"] == "crisis" and not forewords(final["message"]["text"])
    assert [kind for kind, _ in await flags()] == ["protocol"]


# --- with a model


async def test_model_is_told_how_to_begin_and_nothing_is_put_before_it(
    alice, conversation, library, provider
):
    provider.script(text="I see how tiresome this is. Up to 23 kg [1].")
    final = (await ask(alice, conversation, CROSS))[-1]
    assert final["message"]["text"] == "I see how tiresome this is. Up to 23 kg [^1]."
    system = provider.requests[-1]["body"]["messages"][0]["content"]
    assert "writes out of frustration" in system and "within a day" not in system


async def test_prompt_for_a_calm_person_holds_no_strategy(alice, conversation, library, provider):
    provider.script(text="Up to 23 kg [1].")
    await ask(alice, conversation, BAGS)
    assert "This customer" not in provider.requests[-1]["body"]["messages"][0]["content"]


async def test_bobs_mood_never_colours_alices_answer(alice, bob, conversation, library, provider):
    shouted = BAGS.upper() + "!!!"  # the same question to the cache, but not in the same mood
    provider.script(text="I hear that you are upset. Up to 23 kg [1].")
    bobs = await ask(bob, await another(bob), shouted)
    assert understood(bobs)["strategy"] == ["acknowledge"]
    provider.script(text="Up to 23 kg [1].")
    alices = await ask(alice, conversation, BAGS)
    assert alices[-1]["message"]["text"] == "Up to 23 kg [^1]." and provider.calls == 2
    again = await ask(bob, await another(bob), BAGS)
    assert again[-1]["source"]["kind"] == "cache" and again[-1]["message"]["text"] == "Up to 23 kg [^1]."
    upset = await ask(alice, await another(alice), shouted)
    assert upset[-1]["source"]["kind"] == "cache" and "upset" in upset[-1]["message"]["text"]
    assert not forewords(upset[-1]["message"]["text"]) and provider.calls == 2


async def test_moods_asked_at_once_do_not_follow_each_other(alice, bob, conversation, library, provider):
    provider.script(text="Up to 23 kg [1]. " * 10, interval=0.01)
    bobs = await another(bob)
    await asyncio.gather(ask(alice, conversation, BAGS), ask(bob, bobs, BAGS.upper() + "!!!"))
    assert provider.calls == 2


@here
async def test_model_is_asked_for_the_tone_only_where_that_is_set(
    alice, conversation, library, provider, settings
):
    provider.script(verdict='{"sentiment": "worried", "urgent": true}', text="Up to 23 kg [1].")
    assert understood(await ask(alice, conversation, BAGS))["tone"] == "calm" and provider.calls == 1
    settings.UNDERSTAND_WITH_MODEL, settings.UNDERSTAND_MODEL_SECONDS = True, 20
    told = understood(await ask(alice, await another(alice), BAGS))
    assert (told["tone"], told["urgent"]) == ("worried", True)


@here
@pytest.mark.parametrize("wrong", [{"verdict": "angry, I think"}, {"verdict": "{}", "delay": 2}])
async def test_model_that_fails_leaves_the_cues(alice, conversation, library, provider, settings, wrong):
    settings.UNDERSTAND_WITH_MODEL, settings.UNDERSTAND_MODEL_SECONDS = True, 0.3
    provider.script(text="Up to 23 kg [1].", **wrong)
    events = await ask(alice, conversation, CROSS)
    assert understood(events)["tone"] == "frustrated" and events[-1]["type"] == "turn.completed"


# --- what fails, and what is kept


@here
@pytest.mark.parametrize("part", ["read", "is_urgent", "choose"])
async def test_failing_detector_gives_the_plain_answer_and_is_counted(
    alice, conversation, library, monkeypatch, caplog, part
):
    monkeypatch.setattr(attune, part, mock.Mock(side_effect=RuntimeError("private words")))
    events = await ask(alice, conversation, CROSS)
    assert understood(events)["strategy"] == [] and "23 kg" in events[-1]["message"]["text"]
    assert cache.get(attune.FAILURES) == 1 and "private words" not in caplog.text


@here
async def test_mood_is_made_anew_from_the_database(alice, conversation, library):
    await ask(alice, conversation, CROSS)
    await in_database(state.forget, conversation.pk)
    loaded = await in_database(state.load, conversation.pk, 1)
    assert loaded.sentiment == "frustrated"
    await in_database(state.forget, conversation.pk)
    assert offers((await ask(alice, conversation, CROSS))[-1])


async def test_question_asked_again_is_heard_also_where_it_was_masked(alice, conversation, library):
    text = "My card 4111 1111 1111 1111 was charged for a bag, how heavy may it be?"
    assert understood(await ask(alice, conversation, text))["tone"] == "calm"
    assert understood(await ask(alice, conversation, text))["tone"] == "frustrated"


async def test_staff_find_conversations_by_tone_and_who_waits(alice, conversation, library, carol, client):
    await ask(alice, conversation, CROSS)
    await ask(alice, conversation, WANT)

    def pages() -> list[str]:
        client.force_login(carol)
        threads = reverse("admin:chat_conversation_changelist")
        found = [client.get(f"{threads}?turns__tone={tone}") for tone in ("frustrated", "angry")]
        flagged = client.get(reverse("admin:chat_conversationflag_changelist")).content.decode()
        return [str(page.context["cl"].result_count) for page in found] + [flagged]

    cross, angry, flagged = await sync_to_async(pages)()
    assert (cross, angry) == ("1", "0") and "Waiting for a person" in flagged


async def test_own_data_hold_the_tone(alice, conversation, library):
    await ask(alice, conversation, CROSS)
    whole = await in_database(conversations.export, alice, conversation.pk)
    assert '"tone": "frustrated"' in json.dumps(whole, default=str)


@pytest.mark.django_db(transaction=True)
def test_staff_who_try_a_question_see_what_its_tone_does(carol, client, library):
    client.force_login(carol)
    page = client.post("/admin/chat/trial/", {"question": ANGRY, "audience": "public"})
    assert "angry" in page.content.decode() and "acknowledge" in page.content.decode()
