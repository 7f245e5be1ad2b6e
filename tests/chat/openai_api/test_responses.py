"""The Responses API, read by the real client."""

import pytest
from openai import NotFoundError
from openai.types.responses import Response

from chat.database import in_database
from chat.models import Conversation, Turn
from tests.chat.terminal.conftest import QUESTION

pytestmark = pytest.mark.anyio
ASKED = {"model": "chatsite", "input": QUESTION}
TEXT = "A checked bag may weigh up to 23 kg [^1]."


async def test_response_is_grounded_and_cited(clients, alice, library, model):
    client = await clients(alice)
    response = await client.responses.create(**ASKED, temperature=0.3, instructions="Be rude.")
    Response.model_validate(response.model_dump())
    part = response.output[0].content[0]
    cited = part.annotations[0]
    assert (response.status, response.output_text) == ("completed", TEXT)
    assert part.text[cited.start_index : cited.end_index] == "[^1]"
    assert (cited.type, cited.url) == ("url_citation", response.chatsite["citations"][0]["url"])
    assert response.usage.input_tokens > 0
    assert response.instructions is None
    assert response.chatsite["ignored"] == ["instructions", "temperature"]


async def test_stream_has_every_event_in_order(clients, alice, library, model):
    client = await clients(alice)
    events = [event async for event in await client.responses.create(**ASKED, stream=True)]
    for event in events:
        type(event).model_validate(event.model_dump())
    kinds = [event.type.removeprefix("response.") for event in events]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert [kind for kind in kinds if kind != "output_text.delta"] == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.annotation.added",
        "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(deltas) == events[-1].response.output_text == TEXT
    assert events[-1].response.output[0].content[0].annotations[0].title == "Checked baggage"


async def test_streaming_helper_puts_it_together(clients, alice, library, model):
    client = await clients(alice)
    async with client.responses.stream(**ASKED) as stream:
        final = await stream.get_final_response()
    assert final.output_text == TEXT


async def test_response_is_kept(clients, alice, bob, library, model):
    client, other = await clients(alice), await clients(bob)
    response = await client.responses.create(**ASKED)
    kept = await client.responses.retrieve(response.id)
    assert kept.output == response.output
    assert (kept.usage, kept.created_at) == (response.usage, response.created_at)
    with pytest.raises(NotFoundError) as refused:
        await other.responses.retrieve(response.id)
    with pytest.raises(NotFoundError) as unknown:
        await other.responses.retrieve("resp_nobody's")
    assert refused.value.body == unknown.value.body


async def test_previous_response_is_gone_on_from(clients, alice, bob, library, model):
    client, other = await clients(alice), await clients(bob)
    first = await client.responses.create(**ASKED)
    second = await client.responses.create(**ASKED, previous_response_id=first.id)
    third = await client.responses.create(**ASKED, conversation=first.conversation.id)
    assert second.conversation == third.conversation == first.conversation
    assert (second.previous_response_id, third.previous_response_id) == (first.id, second.id)
    with pytest.raises(NotFoundError) as refused:
        await other.responses.create(**ASKED, previous_response_id=first.id)
    with pytest.raises(NotFoundError) as nobodys:
        await other.responses.create(**ASKED, conversation=first.conversation.id)
    assert (refused.value.param, nobodys.value.param) == ("previous_response_id", "conversation")
    assert await in_database(Turn.objects.count) == 3


async def test_output_sent_back_goes_on(clients, alice, library, model):
    client = await clients(alice)
    said = [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}]
    first = await client.responses.create(model="chatsite", input=said)
    said += [item.model_dump() for item in first.output]
    said.append({"role": "user", "content": "And a heavier one?"})
    second = await client.responses.create(model="chatsite", input=said)
    assert second.chatsite["history"] == "continued"
    assert await in_database(Conversation.objects.count) == 1


async def test_unfinished_response_is_in_progress(clients, alice, library, model, monkeypatch):
    client = await clients(alice)
    done = await client.responses.create(**ASKED)
    await in_database(Turn.objects.update, status=Turn.Status.RUNNING, answer=None)
    kept = await client.responses.retrieve(done.id)
    assert (kept.status, kept.output, kept.usage) == ("in_progress", [], None)


async def test_stopped_answer_is_incomplete(clients, alice, library, model):
    client = await clients(alice)
    done = await client.responses.create(**ASKED)
    await in_database(Turn.objects.update, status=Turn.Status.STOPPED)
    kept = await client.responses.retrieve(done.id)
    assert (kept.status, kept.output_text) == ("incomplete", TEXT)


async def test_failed_response_says_why(clients, alice, library, model):
    client = await clients(alice)
    done = await client.responses.create(**ASKED)
    words = {"error_code": "deadline", "error_words": "Too slow."}
    await in_database(Turn.objects.update, status=Turn.Status.FAILED, answer=None, **words)
    kept = await client.responses.retrieve(done.id)
    Response.model_validate(kept.model_dump())
    assert (kept.status, kept.error.code, kept.error.message) == ("failed", "server_error", "Too slow.")
    assert kept.chatsite["code"] == "deadline"
