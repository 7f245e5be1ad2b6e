"""One request id in every log, in the answer and at the provider; lines that are bounded and tell nothing."""

import asyncio
import io
import json
import logging
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings as project
from django.test import Client

from accounts.models import ApiKey, AuditEntry
from chat import conversations, dispatch
from chat.database import in_database
from chat.models import Conversation, Turn
from chat.origin import background
from chat.turn import overdue
from chatsite.log_volume import TRACEBACKS_AT_ONCE, LogVolume
from chatsite.logs import logging_settings
from chatsite.request_ids import sane_id
from tests.chat.conftest import FINAL, open_socket

pytestmark = pytest.mark.anyio

BAGS = "How heavy may a checked bag be on a Standard fare?"
GIVEN = "edge-1-request.0001"


async def ask(
    http: Any, key: str, conversation: Conversation, *, given: str = GIVEN, text: str = BAGS
) -> Any:
    """Ask over REST under a request id; return the answer once the turn is over."""
    response = await http.post(
        f"/api/v1/conversations/{conversation.id}/messages/",
        json={"text": text, "client_id": str(uuid4())},
        headers={"authorization": f"Bearer {key}", "x-request-id": given},
    )
    assert response.status_code == 202, response.text
    turn = await Turn.objects.aget(pk=response.json()["turn"])
    async with asyncio.timeout(20):
        async for _ in conversations.follow(turn):
            pass
    return response


def of(turns: Any, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines about these turns: a worker may tell of an earlier test's a moment late."""
    return [line for line in told if line["turn"] in turns]


async def until(found: Any, number: int = 1) -> Any:
    """Wait for lines that a worker may still be writing."""
    async with asyncio.timeout(10):
        while len(lines := found()) < number:
            await asyncio.sleep(0.02)
    return lines


async def until_any(found: Any) -> Any:
    """Wait until ``found`` brings something."""
    async with asyncio.timeout(10):
        while not (things := await found()):
            await asyncio.sleep(0.02)
    return things


async def test_one_id_through_web_worker_provider_and_answer(
    http, key, conversation, library, provider, lines
):
    response = await ask(http, key[1], conversation)
    assert response.headers["x-request-id"] == GIVEN
    (served,) = lines("request_served", route="/api/v1/conversations/<uuid:conversation_id>/messages/")
    (accepted,) = lines("message_accepted")
    (ended,) = await until(lambda: lines("streaming_request_complete", turn=accepted["turn"]))
    (begun,) = lines("turn_started", turn=accepted["turn"])
    assert {line["request_id"] for line in (served, accepted, begun, ended)} == {GIVEN}
    assert provider.requests[-1]["headers"]["x-request-id"] == GIVEN
    assert (served["method"], served["status"], served["user"]) == ("POST", 202, conversation.owner_id)
    assert served["bytes"] == len(response.content)


async def test_end_of_a_turn_is_told_once_with_its_figures(http, key, conversation, library, provider, lines):
    provider.script(text="Up to 23 kg a bag [1]. " * 5, interval=0.03)  # or it may all be read in one
    response = await ask(http, key[1], conversation)
    turn = await Turn.objects.aget(pk=response.json()["turn"])
    (line,) = await until(lambda: lines("streaming_request_complete", turn=str(turn.pk)))
    assert (line["outcome"], line["source"], line["level"]) == ("completed", "model", "info")
    assert (line["provider"], line["model"], line["attempt"]) == ("compatible", "fake", 1)
    assert line["prompt_tokens"] == turn.prompt_tokens > 0
    assert line["completion_tokens"] == turn.completion_tokens > 0
    assert 0 < line["first_token_ms"] <= line["latency_ms"]
    assert line["chunks"] > 1
    assert "23 kg" not in json.dumps(line)


@pytest.mark.parametrize(
    "given",
    ["short", "x" * 65, "with a space in it", "line\nbreak-0001", "alice@example.com", "4539148803436467",
     "mañana-request", "<script>alert", ""],
)  # fmt: skip
def test_what_is_no_id_or_may_be_personal_is_replaced(given):
    assert UUID(sane_id(given))
    assert sane_id(given) != given


@pytest.mark.parametrize(
    "given",
    [
        GIVEN,
        "080c02ab-7f15-47b7-972d-2bef4eeb5410",
        "41111111111111110000000000000000",  # digits that would be masked anywhere else
        "01JD3ZKQ7XWB9V5T2M8R4C6HEN",
        "req_abcdefgh",
    ],
)
def test_sane_ids_are_kept(given):
    assert sane_id(given) == given


async def test_refused_and_unknown_requests_have_ids_too(http, lines):
    for path in ("/nowhere/", "/api/v1/me/"):
        response = await http.get(path, headers={"x-request-id": "4539148803436467"})
        assert response.status_code in (401, 403, 404)
        assert UUID(response.headers["x-request-id"])
    too_large = await http.post("/api/v1/conversations/", content=b"x" * (project.BODY_MAX_BYTES + 1))
    assert too_large.status_code == 413
    assert lines("request_served", status=413)[0]["request_id"] == too_large.headers["x-request-id"]


async def test_addresses_are_not_in_the_log(http, lines):
    await http.get("/api/v1/conversations/canary-words/?q=canary-query")
    await http.get("/canary-page/")
    assert len(lines("request_served")) == 2
    assert "canary" not in json.dumps(lines("request_served"))
    assert lines("request_served")[-1]["route"] is None


async def test_what_watches_leaves_no_lines(http, lines):
    await http.get("/health")
    assert lines("request_served") == []


async def test_ids_do_not_mix_in_a_shared_flight(http, key, conversation, bob, library, provider, lines):
    of_bob = await in_database(conversations.open_conversation, bob)
    _, key_of_bob = await in_database(ApiKey.objects.issue, bob, "program")
    provider.script(text="Up to 23 kg a bag [1]. " * 10, interval=0.01)
    answers = await asyncio.gather(
        ask(http, key[1], conversation, given="request-of-alice"),
        ask(http, key_of_bob, of_bob, given="request-of-bob00"),
    )
    asked = {answer.json()["turn"]: answer.headers["x-request-id"] for answer in answers}
    ended = await until(lambda: of(asked, lines("streaming_request_complete")), 2)
    assert {line["turn"]: line["request_id"] for line in ended} == asked
    assert {call["headers"]["x-request-id"] for call in provider.requests} <= set(asked.values())


async def test_question_that_waited_is_not_answered_under_the_id_before(
    http, key, conversation, library, provider, lines
):
    provider.script(text="Up to 23 kg [1].", delay=0.2)
    first, second = await asyncio.gather(
        ask(http, key[1], conversation, given="request-first"),
        ask(http, key[1], conversation, given="request-second", text="What does a pet in the cabin cost?"),
    )
    asked = {first.json()["turn"]: "request-first", second.json()["turn"]: "request-second"}
    ended = await until(lambda: of(asked, lines("streaming_request_complete")), 2)
    for told in (lines("message_accepted"), of(asked, lines("turn_started")), ended):
        assert {line["turn"]: line["request_id"] for line in told} == asked
    assert {call["headers"]["x-request-id"] for call in provider.requests} == set(asked.values())


async def test_turn_that_was_lost_is_begun_again_under_the_id_of_its_question(
    http, key, conversation, library, lines, monkeypatch
):
    async def lost(turn_id):
        pass

    monkeypatch.setattr(conversations, "dispatch", lost)
    asked = asyncio.create_task(ask(http, key[1], conversation, given="request-lost"))
    waiting = await until_any(lambda: in_database(overdue.to_begin_again, queued_seconds=0.0))
    with background("sweeper"):
        await dispatch.run_here(*waiting)
    response = await asked
    (ended,) = await until(lambda: lines("streaming_request_complete", turn=response.json()["turn"]))
    assert ended["request_id"] == "request-lost"


async def test_socket_has_one_id_for_all_its_questions(alice, conversation, library, lines):
    turns = []
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        for _ in range(2):
            await socket.ask(BAGS)
            turns.append((await socket.until(*FINAL))[-1]["turn"])
    ended = await until(lambda: of(turns, lines("streaming_request_complete")), 2)
    (served,) = await until(lambda: lines("socket_served"))
    assert {line["request_id"] for line in ended} == {served["request_id"]}
    assert served["accepted"] is True


async def test_refusals_of_limits_are_told(http, key, conversation, library, settings, lines):
    settings.LIMITS = {**settings.LIMITS, "conversation_messages": (1, 60)}
    await ask(http, key[1], conversation)
    body = {"text": BAGS, "client_id": str(uuid4())}
    path = f"/api/v1/conversations/{conversation.id}/messages/"
    assert (
        await http.post(path, json=body, headers={"authorization": f"Bearer {key[1]}"})
    ).status_code == 429
    (line,) = lines("limit_refused")
    assert (line["rule"], line["level"]) == ("conversation_messages", "warning")


def test_audit_trail_has_the_id(alice, transactional_db):
    client = Client()
    client.force_login(alice)
    conversation = conversations.open_conversation(alice)
    response = client.delete(f"/api/v1/conversations/{conversation.pk}/", headers={"x-request-id": GIVEN})
    assert (response.status_code, response["X-Request-ID"]) == (204, GIVEN)
    assert AuditEntry.objects.get(act="conversation-deleted").request_id == GIVEN


def test_flood_of_tracebacks_is_told_a_few_times():
    stream, now = io.StringIO(), 0.0
    formatter = dict(logging_settings(level="INFO", style="json")["formatters"]["lines"])
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    handler.addFilter(LogVolume(lambda: now))
    log = logging.getLogger("flooded")
    log.handlers, log.propagate = [handler], False
    for _ in range(1_000):
        try:
            raise ValueError("the provider failed")
        except ValueError:
            structlog.get_logger("flooded").exception("provider_broke")
            log.exception("foreign %s", "words")
    now = 1.0
    structlog.get_logger("flooded").error("provider_broke", exc_info=ValueError("again"))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    own = [line for line in lines if line["event"] == "provider_broke"]
    assert len(own) == TRACEBACKS_AT_ONCE + 1
    assert own[-1]["left_out"] == 1_000 - TRACEBACKS_AT_ONCE
    assert len(lines) == 2 * TRACEBACKS_AT_ONCE + 1


def test_filter_is_on_the_one_handler():
    made = logging_settings(level="INFO", style="json")
    assert made["handlers"]["stderr"]["filters"] == ["volume"]
    assert made["filters"]["volume"]["()"] is LogVolume


async def test_background_work_has_an_id_of_its_own(lines):
    from chat.origin import background, request_id

    with background("sweeper"):
        first = request_id()
        await sync_to_async(structlog.get_logger("any").warning)("told")
    with background("sweeper"):
        assert request_id() != first
    assert request_id() == ""
    (line,) = lines("told")
    assert (line["request_id"], line["task"]) == (first, "sweeper")
