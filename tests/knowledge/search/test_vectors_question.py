"""A question's meaning: quick, remembered, and no reason to wait when the endpoint is away."""

import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest
from structlog.testing import capture_logs

from knowledge.search import Query, prepare, prepare_now
from knowledge.search.vectors import question
from knowledge.search.vectors.breaker import Breaker
from tests.knowledge.search.embedding_server import embed

ASKED = Query("May my dog fly?")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The clock of the breaker that questions go by."""
    clock = Clock()
    monkeypatch.setattr(question, "breaker", Breaker(3, 30, clock))
    return clock


@pytest.mark.anyio
async def test_question_is_embedded_without_the_database(endpoint):
    prepared = await prepare(ASKED)
    assert np.allclose(prepared.meaning.question, embed("may my dog fly?"), atol=1e-6)
    assert prepared.meaning.model == "fake-1"
    assert replace(prepared, meaning=None) == ASKED


def test_asked_again_it_comes_from_the_cache(endpoint):
    first = prepare_now(ASKED)
    again = prepare_now(Query("  may my DOG fly?"))
    assert len(endpoint.requests) == 1
    assert np.array_equal(first.meaning.question, again.meaning.question)


def test_another_model_does_not_take_the_former_ones_vector(endpoint, settings):
    prepare_now(ASKED)
    settings.EMBEDDINGS_MODEL = "fake-2"
    assert prepare_now(ASKED).meaning.model == "fake-2"
    assert [request["model"] for request in endpoint.requests] == ["fake-1", "fake-2"]


def test_earlier_turns_go_along_in_one_request(endpoint):
    prepare_now(Query("May my dog fly?"))
    meaning = prepare_now(
        Query("And what does it cost?", history=("May my dog fly?", " ", "In the cabin?"))
    ).meaning
    assert [request["input"] for request in endpoint.requests] == [
        ["may my dog fly?"],
        ["in the cabin?", "and what does it cost?"],
    ]
    assert np.allclose(meaning.earlier, [embed("may my dog fly?"), embed("in the cabin?")], atol=1e-6)


@pytest.mark.parametrize("asked", [Query("¿Puede volar mi perro?", language="es"), Query("  ")])
def test_what_the_model_does_not_serve_is_not_sent(endpoint, asked):
    assert prepare_now(asked).meaning is None
    assert endpoint.requests == []


def test_nothing_is_sent_without_an_endpoint(endpoint, settings):
    settings.EMBEDDINGS_MODEL = ""
    assert prepare_now(ASKED) is ASKED
    assert endpoint.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["401", "429", "500", "garbage", "nan", "cut"])
async def test_failing_endpoint_leaves_the_words(endpoint, fault):
    endpoint.always = fault
    assert (await prepare(ASKED)).meaning is None
    assert len(endpoint.requests) == 1


@pytest.mark.anyio
async def test_slow_endpoint_is_waited_for_as_long_as_the_settings_say(endpoint, settings):
    settings.EMBEDDINGS_QUESTION_SECONDS = 0.3
    endpoint.always = "slow:20"
    begun = time.monotonic()
    assert (await prepare(ASKED)).meaning is None
    assert time.monotonic() - begun < 10


@pytest.mark.anyio
async def test_slow_endpoint_does_not_hold_the_event_loop(endpoint, settings):
    settings.EMBEDDINGS_QUESTION_SECONDS = 1
    endpoint.always = "slow:3"
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    beside = asyncio.create_task(others())
    await prepare(ASKED)
    beside.cancel()
    assert turns >= 5


def test_endpoint_that_is_away_is_left_alone_for_a_while(endpoint, clock):
    endpoint.always = "500"
    with capture_logs() as logs:
        for number in range(6):
            assert prepare_now(Query(f"question {number}")).meaning is None
    assert len(endpoint.requests) == 3
    assert [log["event"] for log in logs] == ["embeddings_away"]
    endpoint.always = "ok"
    clock.now += 31
    assert prepare_now(ASKED).meaning is not None
    assert prepare_now(Query("another")).meaning is not None


def test_after_the_pause_one_question_tries_for_all(endpoint, clock):
    endpoint.always = "500"
    for number in range(3):
        prepare_now(Query(f"question {number}"))
    clock.now += 31
    with capture_logs() as logs:
        for number in range(3):
            prepare_now(Query(f"later question {number}"))
    assert len(endpoint.requests) == 4
    assert logs == []


def test_known_question_needs_no_endpoint(endpoint, clock):
    prepare_now(ASKED)
    endpoint.always = "500"
    for number in range(3):
        prepare_now(Query(f"question {number}"))
    assert prepare_now(ASKED).meaning is not None


def test_single_failures_do_not_open_the_breaker(endpoint, clock):
    endpoint.faults = ["500", "500", "ok"] * 3
    for number in range(9):
        prepare_now(Query(f"question {number}"))
    assert len(endpoint.requests) == 9
