"""Refusals: every one in OpenAI's shape, so that the real clients raise what they should."""

import json
from datetime import timedelta

import httpx2
import openai
import pytest
from django.test import AsyncClient
from django.utils import timezone

from accounts.tokens.access import READ
from chat import conversations as chat
from chat.database import in_database
from chat.errors import NotSaved
from chat.models import Conversation, Turn
from tests.chat.openai_api.conftest import in_process
from tests.chat.terminal.conftest import QUESTION
from tests.chat.visitors import grant

pytestmark = pytest.mark.anyio
ASKED = {"model": "chatsite", "messages": [{"role": "user", "content": QUESTION}]}
USER = {"role": "user", "content": "Hello"}


def is_openai(body: object) -> bool:
    """Tell whether an error has OpenAI's shape."""
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and error.keys() == {"message", "type", "param", "code"}


async def raw(path: str, content: bytes, *, key: str, kind: str = "application/json") -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    async with in_process() as http:
        return await http.post(path, content=content, headers=headers)


async def test_models_are_the_one(clients, alice):
    client = await clients(alice)
    listed = [model async for model in client.models.list()]
    assert [model.id for model in listed] == ["chatsite"]
    assert await client.models.retrieve("chatsite") == listed[0]
    with pytest.raises(openai.NotFoundError) as refused:
        await client.models.retrieve("gpt-5")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize("bearer", ["nothing", "csk_wrong", "a.b.c", "x" * 5_000])
async def test_wrong_key_opens_nothing(clients, bearer):
    client = await clients(bearer)
    with pytest.raises(openai.AuthenticationError) as refused:
        await client.chat.completions.create(**ASKED)
    assert refused.value.code == "invalid_api_key"
    assert refused.value.response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_cookie_opens_nothing(desk, alice):
    browser = AsyncClient()
    await browser.aforce_login(alice)
    for path in ("/v1/models", "/v1/responses/resp_x"):
        answer = await browser.get(path)
        assert answer.status_code == 401 and is_openai(answer.json())
    answer = await browser.post("/v1/chat/completions", ASKED, content_type="application/json")
    assert answer.status_code == 401 and is_openai(answer.json())
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_third_party_needs_the_right(clients, alice):
    _, bearer = await in_database(grant, alice, READ)
    client = await clients(bearer)
    assert [model.id async for model in client.models.list()] == ["chatsite"]
    with pytest.raises(openai.PermissionDeniedError) as refused:
        await client.chat.completions.create(**ASKED)
    assert refused.value.code == "insufficient_scope"


async def test_too_often_tells_when_again(clients, alice, library, model, settings):
    settings.LIMITS = {**settings.LIMITS, "user_messages": (1, 60)}
    client = await clients(alice)
    await client.chat.completions.create(**ASKED)
    with pytest.raises(openai.RateLimitError) as refused:
        await client.chat.completions.create(**ASKED)
    assert refused.value.code == "rate_limit_exceeded"
    assert 0 < int(refused.value.response.headers["Retry-After"]) <= 60
    assert await in_database(Conversation.objects.count) == 1, "nothing was begun for what was refused"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"stop": ["\n"]}, "stop"),
        ({"logprobs": True}, "logprobs"),
        ({"messages": []}, "messages"),
        ({"messages": [USER, {"role": "assistant", "content": "Hi"}]}, "messages"),
        ({"messages": [{"role": "tool", "content": "7", "tool_call_id": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
         "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"stream": "yes"}, "stream"),
        ({"metadata": 7}, "metadata"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_named(clients, alice, changes, param):
    client = await clients(alice)
    with pytest.raises(openai.BadRequestError) as refused:
        await client.post("/chat/completions", body={**ASKED, **changes}, cast_to=object)
    assert (refused.value.param, refused.value.type) == (param, "invalid_request_error")
    assert await in_database(Turn.objects.count) == 0


async def test_what_asks_for_nothing_is_taken(clients, alice, library, model):
    client = await clients(alice)
    answer = await client.chat.completions.create(
        **ASKED,
        n=1,
        tools=[],
        tool_choice="none",
        response_format={"type": "text"},
        stop=None,
        seed=7,
        user="u",
    )
    assert answer.chatsite["ignored"] == ["seed", "user"]


async def test_bad_questions_are_refused(clients, alice, settings):
    client = await clients(alice)
    for text, code in (("  ", "message_empty"), ("x" * 4_001, "message_too_long")):
        with pytest.raises(openai.UnprocessableEntityError) as refused:
            await client.responses.create(model="chatsite", input=text)
        assert (refused.value.code, refused.value.param) == (code, "input")
    assert await in_database(Conversation.objects.count) == 0


async def test_closed_conversation_is_no_reason_to_try_again(clients, alice):
    conversation = await in_database(chat.open_conversation, alice)
    await in_database(Conversation.objects.update, closed_at=timezone.now() - timedelta(1))
    client = await clients(alice, max_retries=3)
    with pytest.raises(openai.ConflictError) as refused:
        await client.responses.create(model="chatsite", input="Hi", conversation=str(conversation.pk))
    assert refused.value.code == "conversation_closed"
    assert refused.value.response.headers["x-should-retry"] == "false"


async def test_spent_allowance_is_told_as_such(clients, alice, library, model):
    client = await clients(alice)
    done = await client.chat.completions.create(**ASKED)
    failed = {"status": Turn.Status.FAILED, "answer": None, "error_words": "All used."}
    await in_database(
        Turn.objects.filter(pk=done.chatsite["turn"]).update, error_code="allowance_spent", **failed
    )
    kept = await client.responses.retrieve(done.id.replace("chatcmpl-", "resp_"))
    assert (kept.error.code, kept.chatsite["code"]) == ("rate_limit_exceeded", "insufficient_quota")


async def test_database_away_is_told(clients, alice, monkeypatch):
    async def away(*_: object, **__: object) -> None:
        raise NotSaved

    monkeypatch.setattr("chat.conversations.submit", away)
    client = await clients(alice)
    with pytest.raises(openai.InternalServerError) as refused:
        await client.chat.completions.create(**ASKED)
    assert (refused.value.status_code, refused.value.code) == (503, "unavailable")
    assert refused.value.response.headers["Retry-After"] == "5"


DEEP = b'{"model":"chatsite","messages":' + b"[" * 100_000
HOSTILE = [
    b"", b"{", b"\xff\xfe", b"[]", b"null", b"7", b'"x"', b"{}", DEEP, b'{"model":' + b"9" * 6_000 + b"}",
    b'{"model":"chatsite","messages":"\\ud800"}', b'{"model":"chatsite","messages":[null]}',
    b'{"model":"chatsite","messages":[{}]}', b'{"model":{},"messages":[]}',
    b'{"model":"chatsite","input":{}}', b'{"model":"chatsite","input":"\\u0000"}',
    b'{"model":"chatsite","input":[{"type":"function_call"}]}', b'{"model":"chatsite","input":[[[]]]}',
    b'{"model":"chatsite","input":"x","previous_response_id":7}',
    b'{"model":"chatsite","input":"x","conversation":"\\u0000"}',
    b'{"model":"chatsite","input":"x","text":7}',
    b'{"model":"chatsite","input":"x","conversation":{"id":[]}}', b'{"model":"chatsite","input":NaN}',
    b'{"model":"chatsite","messages":[{"role":["user"],"content":"x"}]}',
    b'{"model":"chatsite","messages":[{"role":"user","content":[{"type":["text"]}]}]}',
    b'{"model":"chatsite","messages":[{"role":"user","content":"\\u0000"}],"stream":true}',
    b'{"model":"chatsite","messages":[{"role":"user","content":"x"}],"metadata":{"conversation":{}}}'.replace(
        b"{}}}", b'{"a":1}}}'
    ),
]  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
async def test_garbage_is_refused_in_shape(clients, alice, path):
    key = (await clients(alice)).api_key
    for body in HOSTILE:
        answer = await raw(path, body, key=key)
        assert 400 <= answer.status_code < 500, (body[:80], answer.text[:200])
        assert is_openai(answer.json()), body[:80]
    assert await in_database(Conversation.objects.count) == 0


async def test_everything_else_is_refused_in_shape(clients, alice, settings):
    key = (await clients(alice)).api_key
    huge = json.dumps({**ASKED, "user": "x" * 1_100_000}).encode()
    bearer = {"Authorization": f"Bearer {key}"}
    async with in_process() as http:
        answers = {
            413: await raw("/v1/chat/completions", huge, key=key),
            405: await http.delete("/v1/models", headers=bearer),
            404: await http.get("/v1/embeddings", headers=bearer),
            422: await http.post(
                "/v1/responses", json=ASKED, headers=bearer | {"Idempotency-Key": "k" * 300}
            ),
        }
        unknown = await http.get("/v1/responses/%00", headers=bearer)
    answers[422] = await raw("/v1/responses", b'{"model":"chatsite","input":" "}', key=key)
    for status, answer in answers.items():
        assert (answer.status_code, is_openai(answer.json())) == (status, True), answer.text
    assert unknown.status_code == 404 and is_openai(unknown.json())


async def test_strangers_who_come_too_often_are_told_in_shape(desk, settings):
    settings.LIMITS = {**settings.LIMITS, "anonymous_requests": (2, 60)}
    async with in_process() as http:
        answers = [await http.get("/v1/models") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert is_openai(answers[2].json()) and int(answers[2].headers["Retry-After"]) > 0
