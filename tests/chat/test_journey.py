"""One question over both carriers: in this process, and by a Celery worker through Redis."""

import json
from typing import Any

import pytest
from django.conf import settings as active

from chat import conversations
from chat.database import in_database
from chat.events.log import close_event_log
from tests.chat.conftest import FINAL, open_socket

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not active.REDIS_URL, reason="the scaled carrier needs the scaled run"),
]

# What names one run of a turn, not what happened in it.
_PARTICULAR = {"turn", "conversation", "at", "created_at", "client_id", "usage"}


async def journey(user: Any) -> list[dict[str, Any]]:
    """Ask the question as ``user`` on a new conversation; return all events."""
    conversation = await in_database(conversations.open_conversation, user)
    async with open_socket(user, conversation.id) as socket:
        await socket.receive()
        await socket.ask("How heavy may a checked bag be on a Standard fare?")
        return await socket.until(*FINAL)


def essence(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events without what names the run, and with the pieces of text joined."""
    told = json.loads(json.dumps(events), object_hook=_without_particulars)
    text = "".join(event["text"] for event in told if event["type"] == "turn.delta")
    rest = [event for event in told if event["type"] != "turn.delta"]
    for event in rest:
        event.pop("id")
    return [*rest, {"shown": text}]


def _without_particulars(body: dict[str, Any]) -> dict[str, Any]:
    if "role" in body:
        body.pop("id")
    return {name: value for name, value in body.items() if name not in _PARTICULAR}


async def test_both_carriers_tell_the_same(alice, desk, library, provider, settings):
    provider.script(text="Up to 23 kg [1].\n\n* Over 32 kg is **not** taken [1].")
    settings.ANSWER_CACHE_SECONDS = 0
    scaled = await journey(alice)
    by_worker = provider.calls
    await close_event_log()
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"
    embedded = await journey(alice)
    await close_event_log()
    assert by_worker == 1
    assert provider.calls == 2
    assert essence(scaled) == essence(embedded)
    assert scaled[-1]["message"]["text"] == "Up to 23 kg [^1].\n\n- Over 32 kg is **not** taken [^1]."
