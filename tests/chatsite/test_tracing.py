"""Traces over real OTLP: one from the request to the provider, through workers too, with nothing said."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project

from chat import spans
from chat.turn.carrier import carrier
from chatsite import tracing
from chatsite.settings import site
from tests.chat.conftest import FINAL, open_socket
from tests.chatsite.test_logs import BAGS, ask
from tests.environment import OTLP_PORT
from tests.otlp import Collector, attributes_of, collecting, one, parent_of

pytestmark = pytest.mark.anyio

STAGES = {"screen", "recall", "conceal", "understand", "ground", "write", "generate", "present", "settle"}
CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector, where the run's worker sends its spans too."""
    with collecting(OTLP_PORT) as collector:
        yield collector


@pytest.fixture
def traced(collector: Collector, settings: Any) -> Iterator[Collector]:
    """This process records, and sends what is left when a test says ``tracing.end``."""
    settings.TRACES_URL = f"http://127.0.0.1:{OTLP_PORT}/v1/traces"
    settings.TRACES_HEADERS = {"api-key": "secret"}
    tracing.begin()
    yield collector
    tracing.end()


async def all_of(collector: Collector, *names: str) -> list[Any]:
    """Return one whole trace, this process's part sent at once."""
    await carrier().drain(10)  # whoever follows sees the end of a turn before the turn's own span ends
    await asyncio.to_thread(tracing.end)
    return await asyncio.to_thread(collector.until, *names)


async def test_one_trace_from_the_request_to_the_provider(http, key, conversation, library, provider, traced):
    await ask(http, key[1], conversation)
    whole = await all_of(traced, "dispatch", "turn", "chat fake", "settle")
    assert STAGES | {"search"} <= {span.name for span in whole}
    request = next(span for span in whole if span.name.startswith("POST "))
    assert request.name == "POST /api/v1/conversations/<uuid:conversation_id>/messages/"
    assert attributes_of(request)["http.response.status_code"] == 202
    assert attributes_of(request)["chatsite.request.id"] == "edge-1-request.0001"
    assert parent_of(one(whole, "dispatch"), whole) == request.name
    assert parent_of(one(whole, "turn"), whole) == "dispatch"
    assert {parent_of(span, whole) for span in whole if span.name in STAGES} == {"turn"}
    assert parent_of(one(whole, "search"), whole) == "ground"
    assert parent_of(one(whole, "chat fake"), whole) == "generate"
    assert len({resource["service.instance.id"] for resource in traced.resources}) == 1 + bool(
        project.REDIS_URL
    )
    assert {resource["service.name"] for resource in traced.resources} == {"chatsite"}
    assert "secret" in {headers.get("api-key") for headers in traced.headers}


async def test_calls_speak_the_genai_conventions(http, key, conversation, library, provider, traced):
    provider.script(text="Up to 23 kg a bag [1].")
    await ask(http, key[1], conversation)
    call = one(await all_of(traced, "turn", "chat fake"), "chat fake")
    known = attributes_of(call)
    assert call.kind == call.SPAN_KIND_CLIENT
    assert (known["gen_ai.operation.name"], known["gen_ai.provider.name"]) == ("chat", "compatible")
    assert known["gen_ai.request.model"] == known["gen_ai.response.model"] == "fake"
    assert known["gen_ai.response.finish_reasons"] == ["stop"]
    assert known["gen_ai.usage.input_tokens"] > 0 < known["gen_ai.usage.output_tokens"]
    assert known["gen_ai.response.time_to_first_chunk"] > 0
    parent = provider.requests[-1]["headers"]["traceparent"].split("-")
    assert parent[1:3] == [call.trace_id.hex(), call.span_id.hex()]


async def test_look_ups_have_spans(http, key, conversation, library, provider, traced):
    calls = [[{"name": "search_policies", "arguments": {"query": "pets in the cabin"}}]]
    provider.script(calls=calls, text="A cat may travel for EUR 55 [{last}].")
    await ask(http, key[1], conversation)
    whole = await all_of(traced, "turn", "execute_tool search_policies")
    known = attributes_of(one(whole, "execute_tool search_policies"))
    assert (known["gen_ai.tool.name"], known["chatsite.tool.outcome"]) == ("search_policies", "found")
    reasons = [
        attributes_of(span)["gen_ai.response.finish_reasons"] for span in whole if span.name == "chat fake"
    ]
    assert sorted(reasons) == [["stop"], ["tool_calls"]]


async def test_failures_are_named_and_not_quoted(http, key, conversation, library, provider, traced):
    provider.script(faults=["401"] * 3)
    await ask(http, key[1], conversation)
    whole = await all_of(traced, "turn", "chat fake")
    call = next(span for span in whole if span.name == "chat fake")
    assert call.status.code == call.status.STATUS_CODE_ERROR
    assert attributes_of(call)["error.type"]
    assert not [span for span in whole if span.events]
    assert attributes_of(one(whole, "turn"))["chatsite.turn.outcome"] == "completed"


async def test_nothing_that_was_said_is_recorded(http, key, conversation, library, provider, traced):
    provider.script(text="Write to [EMAIL_1]: up to 23 kg a bag [1].")
    said = f"{BAGS} I am Canaria Example, canary.alice@example.net, card 4539 1488 0343 6467"
    await ask(http, key[1], conversation, text=said)
    await all_of(traced, "turn", "settle")
    for words in (b"canary", b"Canaria", b"checked bag", b"23 kg", key[1].encode(), b"alice"):
        assert words not in traced.raw
    assert b"4539 14" not in traced.raw and b"45391488" not in traced.raw  # any id may hold four digits


async def test_callers_trace_is_gone_on_with(http, conversation, traced, settings):
    headers = {"traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}
    await http.get("/api/v1/me/", headers=headers)
    settings.TRACES_FROM_CALLERS = False
    await http.get("/api/v1/me/", headers=headers)
    await asyncio.to_thread(tracing.end)
    first, second = await asyncio.to_thread(lambda: (traced.until("GET /api/v1/me/"), traced.spans)[1])
    assert (first.trace_id.hex(), first.parent_span_id.hex()) == (CALLER, "00f067aa0ba902b7")
    assert second.trace_id.hex() != CALLER


@pytest.mark.parametrize("broken", ["", "nonsense", f"00-{CALLER}-0000000000000000-01", "00-" + "0" * 32])
async def test_broken_traceparent_begins_a_trace(http, conversation, traced, broken):
    assert (await http.get("/health", headers={"traceparent": broken})).status_code == 200
    await asyncio.to_thread(tracing.end)
    assert all(span.trace_id.hex() != CALLER for span in traced.spans)


async def test_question_over_a_socket_has_a_trace(alice, conversation, library, traced):
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        await socket.ask(BAGS)
        await socket.until(*FINAL)
    whole = await all_of(traced, "dispatch", "turn", "settle")
    assert parent_of(one(whole, "turn"), whole) == "dispatch"


async def test_lines_name_the_trace(http, key, conversation, library, provider, traced, lines):
    response = await ask(http, key[1], conversation)
    whole = await all_of(traced, "turn", "settle")
    async with asyncio.timeout(10):
        while not (ended := lines("streaming_request_complete", turn=response.json()["turn"])):
            await asyncio.sleep(0.02)
    assert ended[0]["trace_id"] == whole[0].trace_id.hex()
    assert ended[0]["span_id"] == one(whole, "turn").span_id.hex()


async def test_collector_that_is_away_holds_nobody_up(http, key, conversation, library, provider, settings):
    settings.TRACES_URL = f"http://127.0.0.1:{OTLP_PORT}/v1/traces"  # nobody listens
    tracing.begin()
    try:
        await ask(http, key[1], conversation)
        began = time.monotonic()
    finally:
        await asyncio.to_thread(tracing.end)
    assert time.monotonic() - began < 8


def test_switched_off_every_span_is_the_same_nothing():
    with spans.span("anything", {"a": 1}) as first, spans.span("else", kind="client") as second:
        assert first is second
        assert spans.trace_ids() == spans.outgoing_headers() == first.headers() == {}
    assert spans.remote({"traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}) is None
    tracing.begin()
    assert not spans.is_on()
    assert site.TRACES_URL == ""
