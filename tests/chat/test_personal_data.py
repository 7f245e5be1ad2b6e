"""A person's own values through a turn: masked before they leave, restored for the owner and nobody else."""

import asyncio
import json
import re
from datetime import date
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache

from chat import conversations
from chat.database import in_database
from chat.models import PersonalValues, Turn
from chat.turn import concealment, state
from knowledge.models import Airport, Booking, Flight, Passenger, Segment
from tests.knowledge.search.conftest import endpoint  # noqa: F401  (a fixture)

pytestmark = pytest.mark.anyio
EMBEDDED = pytest.mark.skipif(bool(project.REDIS_URL), reason="patched in this process alone")

BAGS = "How heavy may a checked bag be on a Standard fare? "
MINE = "My name is Alice Example, alice.private@example.com, card 4111 1111 1111 1112."
VALUES = ("Alice Example", "alice.private@example.com", "4111")
MARK = re.compile(r"(?<![0-9a-f])(?=\d*[a-f])[0-9a-f]{16}(?![0-9a-f])")


async def ask(user: Any, conversation: Any, text: str) -> dict[str, Any]:
    submitted = await conversations.submit(user, conversation.id, text)
    async with asyncio.timeout(20):
        events = [json.loads(frame.json) async for frame in conversations.follow(submitted.turn)]
    shown = "".join(event["text"] for event in events if event["type"] == "turn.delta")
    assert shown.strip() == events[-1]["message"]["text"].strip()
    return events[-1]


def sent(provider: Any) -> str:
    """What the provider was sent, without the prompt's random marks, which may hold the digits of a card."""
    text = json.dumps([request["body"] for request in provider.requests], ensure_ascii=False)
    return MARK.sub("", text)


def travel_of(user: Any) -> None:
    """Give a person a booking with a second passenger."""
    for code, city in (("MAD", "Madrid"), ("LIS", "Lisbon")):
        Airport.objects.create(code=code, name=f"{city} Airport", city=city)
    at = f"{date.today().isoformat()}T10:00:00Z"
    flight = Flight.objects.create(
        number="LW214", date=date.today(), origin_id="MAD", destination_id="LIS",
        scheduled_departure=at, scheduled_arrival=at,
    )  # fmt: skip
    booking = Booking.objects.create(reference="QWX7TR", owner=user, cabin="economy")
    Segment.objects.create(
        booking=booking, position=1, flight=flight, number="LW214", date=date.today(), origin_id="MAD",
        destination_id="LIS",
    )  # fmt: skip
    Passenger.objects.create(booking=booking, position=1, first_name="Carola", last_name="Prueba")


async def test_provider_gets_placeholders_and_the_owner_values(alice, conversation, library, provider):
    provider.script(text="Dear [NAME_1] ([EMAIL_1]), 23 kg [1]. We charge [CARD_1], not [CARD_2].")
    final = await ask(alice, conversation, BAGS + MINE)
    assert final["message"]["text"] == (
        "Dear Alice Example (alice.private@example.com), 23 kg [^1]. We charge card ••••, not [CARD_2]."
    )
    assert not [value for value in VALUES if value in sent(provider)]
    assert "[NAME_1], [EMAIL_1], card [CARD_1]." in sent(provider)


async def test_later_turns_send_the_same_placeholders(alice, conversation, library, provider):
    provider.script(text="Yes, [NAME_1] [1].")
    await ask(alice, conversation, BAGS + MINE)
    await in_database(cache.clear)  # so that the history is read from the database
    await ask(
        alice, conversation, "And how heavy may a checked bag be for Alice Example and bob@example.com?"
    )
    history = provider.requests[-1]["body"]["messages"]
    assert not [value for value in (*VALUES, "bob@") if value in sent(provider)]
    assert "[NAME_1], [EMAIL_1], card [CARD_1]." in history[1]["content"]
    assert history[2]["content"] == "Yes, [NAME_1]."
    assert history[-1]["content"] == "And how heavy may a checked bag be for [NAME_1] and [EMAIL_2]?"


async def test_bob_gets_nothing_of_hers(alice, bob, conversation, library, provider):
    provider.script(text="[NAME_1] [EMAIL_1] [BOOKING_1] [1]")
    await ask(alice, conversation, BAGS + MINE)
    his = await in_database(conversations.open_conversation, bob)
    final = await ask(bob, his, BAGS + "I am [NAME_1], what is [EMAIL_1]?")
    assert final["message"]["text"] == "[NAME_1] [EMAIL_1] [BOOKING_1] [^1]"
    assert "I am [TEXT_1], what is [TEXT_2]?" in sent(provider)


async def test_own_booking_goes_masked_and_comes_back(alice, conversation, library, provider):
    await in_database(travel_of, alice)
    provider.script(text="Booking [BOOKING_1] of [NAME_1] on LW214 is confirmed [1].")
    final = await ask(alice, conversation, "What is on my booking qwx7tr?")
    assert final["message"]["text"] == "Booking QWX7TR of Carola Prueba on LW214 is confirmed [^1]."
    assert "What is on my booking [BOOKING_1]?" in sent(provider)
    assert "Passengers: [NAME_1]" in sent(provider)
    assert "LW214" in sent(provider)  # a flight is nobody's own
    assert not [value for value in ("QWX7TR", "qwx7tr", "Carola", "Prueba") if value in sent(provider)]
    assert final["citations"][0]["title"] == "Booking QWX7TR"


async def test_quoting_provider_takes_the_same_path(alice, conversation, library):
    await in_database(travel_of, alice)
    final = await ask(alice, conversation, "What is on my booking QWX7TR?")
    assert "QWX7TR" in final["message"]["text"]
    assert "Carola Prueba" in final["message"]["text"]
    assert "[BOOKING" not in final["message"]["text"]


async def test_personal_questions_are_not_shared(alice, bob, conversation, library, provider):
    provider.script(text="23 kg [1].")
    await ask(alice, conversation, BAGS + MINE)
    his = await in_database(conversations.open_conversation, bob)
    await ask(bob, his, BAGS + MINE)
    assert provider.calls == 2
    for person in (alice, bob):
        fresh = await in_database(conversations.open_conversation, person)
        await ask(person, fresh, BAGS)
    assert provider.calls == 3


@EMBEDDED
async def test_what_cannot_be_masked_is_quoted_and_asked_of_nobody(
    alice, conversation, library, provider, monkeypatch, caplog
):
    def broken(_plain: object) -> None:
        raise RuntimeError("about alice.private@example.com")

    monkeypatch.setattr("chat.safety.personal.detection._BY_PATTERN", (broken,))
    final = await ask(alice, conversation, BAGS + MINE)
    assert "23 kg" in final["message"]["text"]
    assert final["source"]["kind"] == "quoted"
    assert provider.calls == 0
    assert cache.get(concealment.FAILURES) >= 1
    assert "alice.private" not in caplog.text
    assert "personal_data_not_masked" in caplog.text


@EMBEDDED
async def test_search_endpoint_gets_no_values(alice, conversation, library, endpoint):  # noqa: F811
    await ask(alice, conversation, BAGS + MINE)
    await ask(alice, conversation, "And for Alice Example with 2 bags?")
    assert "checked bag" in str(endpoint.texts)
    assert not [value for value in VALUES if value in str(endpoint.texts)]


async def test_state_in_the_cache_is_sealed_and_masked(alice, conversation, library):
    await in_database(travel_of, alice)
    await ask(alice, conversation, "What is on my booking QWX7TR? " + MINE)
    raw = await in_database(cache.get, state.cache_key(conversation.id))
    assert isinstance(raw, bytes)
    assert b"QWX7TR" not in raw
    await conversation.arefresh_from_db()
    for forget in (False, True):
        if forget:
            await in_database(cache.clear)
        loaded = await in_database(state.load, conversation.id, conversation.revision)
        assert loaded.slots["booking"] == "QWX7TR"
        assert not [value for value in (*VALUES, "QWX7TR", "Carola") if value in str(loaded.exchanges)]


async def test_table_goes_with_the_conversation(alice, conversation, library):
    await ask(alice, conversation, BAGS + MINE)
    stored = await PersonalValues.objects.aget(pk=conversation.id)
    assert b"alice" not in bytes(stored.sealed)
    await in_database(conversation.delete)
    assert not await PersonalValues.objects.filter(pk=conversation.id).aexists()


async def test_question_without_personal_values_stores_nothing(alice, conversation, library):
    await ask(alice, conversation, BAGS)
    assert not await PersonalValues.objects.aexists()
    assert (await Turn.objects.aget()).status == "completed"


async def test_lost_key_costs_the_values_and_not_the_answer(alice, conversation, library, provider):
    provider.script(text="Dear [NAME_1] [1].")
    await ask(alice, conversation, BAGS + MINE)
    await PersonalValues.objects.filter(pk=conversation.id).aupdate(sealed=b"\x01unreadable")
    final = await ask(alice, conversation, BAGS)
    assert final["message"]["text"] == "Dear [NAME_1] [^1]."
