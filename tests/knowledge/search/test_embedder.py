"""Texts to vectors over real HTTP: order, form, retries, and every way an endpoint can fail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from knowledge.search.vectors import embedder as module
from knowledge.search.vectors.embedder import ATTEMPTS, Embedder
from knowledge.search.vectors.errors import (
    DimensionChanged,
    EmbeddingError,
    EndpointBusy,
    EndpointRefused,
    EndpointTimedOut,
    EndpointUnavailable,
    MalformedVectors,
    TextRefused,
)
from tests.knowledge.search.embedding_server import EmbeddingServer, embed

TEXTS = ["A bag of 23 kg", "Pets in the cabin", "Refunds of tickets"]


@pytest.fixture
def endpoint() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as server:
        yield server


@pytest.fixture
def embedder(endpoint: EmbeddingServer) -> Iterator[Embedder]:
    embedder = Embedder(endpoint.url, "secret-key", "fake")
    yield embedder
    embedder.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds waited between tries, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(module, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("fault", ["ok", "reordered", "floats", "no_base64"])
def test_vectors_come_in_the_order_of_the_texts(endpoint, embedder, fault):
    endpoint.always = fault
    rows = embedder.embed(TEXTS, seconds=5)
    assert rows.dtype == np.float32
    assert np.allclose(rows, [embed(text) for text in TEXTS], atol=1e-6)


def test_endpoint_without_base64_is_asked_for_it_once(endpoint, embedder):
    endpoint.always = "no_base64"
    embedder.embed(TEXTS, seconds=5)
    embedder.embed(TEXTS, seconds=5)
    assert [request["encoding_format"] for request in endpoint.requests] == ["base64", "float", "float"]


def test_vectors_are_made_one_long(embedder, monkeypatch):
    monkeypatch.setattr(
        "tests.knowledge.search.embedding_server.embed", lambda text, size, _: np.full(size, 7.0, "f4")
    )
    assert np.linalg.norm(embedder.embed(["x"], seconds=5)[0]) == pytest.approx(1)


def test_long_text_is_cut(endpoint, embedder):
    embedder.embed(["word " * 5_000], seconds=5)
    assert len(endpoint.texts[0]) == module.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("401", EndpointRefused, "embeddings_refused"),
        ("quota", EndpointRefused, "embeddings_refused"),
        ("400", TextRefused, "embeddings_text_refused"),
        ("429", EndpointBusy, "embeddings_busy"),
        ("500", EndpointUnavailable, "embeddings_unavailable"),
        ("cut", EndpointUnavailable, "embeddings_unavailable"),
        ("slow:3", EndpointTimedOut, "embeddings_timed_out"),
        ("garbage", MalformedVectors, "embeddings_malformed"),
        ("missing", MalformedVectors, "embeddings_malformed"),
        ("nan", MalformedVectors, "embeddings_malformed"),
        ("zero", MalformedVectors, "embeddings_malformed"),
    ],
)
def test_fault_becomes_a_typed_error_without_text_or_key(endpoint, embedder, fault, error, code):
    endpoint.always = fault
    with pytest.raises(error) as caught:
        embedder.embed(["Alice's secret question"], seconds=0.2 if "slow" in fault else 10)
    assert caught.value.code == code
    assert caught.value.words
    assert "secret" not in str(caught.value)


def test_no_server_at_all_is_unavailable():
    with EmbeddingServer() as server:
        url = server.url
    with pytest.raises(EndpointUnavailable):
        Embedder(url, "", "fake").embed(["x"], seconds=10)


def test_other_dimension_is_refused(endpoint, embedder):
    endpoint.always = "short"
    with pytest.raises(DimensionChanged):
        embedder.embed(TEXTS, seconds=5, dimension=endpoint.dimension)


@pytest.mark.parametrize("fault", ["429", "500", "cut", "slow:6"])
def test_passing_fault_is_tried_again(endpoint, embedder, fault, waits):
    endpoint.faults = [fault, fault]
    rows = embedder.embed(TEXTS, seconds=1.5 if "slow" in fault else 10, attempts=ATTEMPTS)
    assert len(rows) == len(TEXTS)
    assert len(endpoint.requests) == 3
    assert len(waits) == 2


@pytest.mark.parametrize("fault", ["401", "quota", "garbage"])
def test_lasting_fault_is_not_tried_again(endpoint, embedder, fault, waits):
    endpoint.always = fault
    with pytest.raises(EmbeddingError):
        embedder.embed(TEXTS, seconds=5, attempts=ATTEMPTS)
    assert len(endpoint.requests) == 1
    assert waits == []


def test_sdk_adds_no_retries_of_its_own(endpoint, embedder, waits):
    endpoint.always = "500"
    with pytest.raises(EndpointUnavailable):
        embedder.embed(TEXTS, seconds=5, attempts=ATTEMPTS)
    assert len(endpoint.requests) == ATTEMPTS


def test_retry_after_is_waited_for(endpoint, embedder, waits):
    endpoint.faults = ["429:30"]
    embedder.embed(TEXTS, seconds=5, attempts=2)
    assert waits == [30]


def test_retry_after_may_be_a_date(endpoint, embedder, waits):
    endpoint.faults = ["429:" + format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)]
    embedder.embed(TEXTS, seconds=5, attempts=2)
    assert 30 < waits[0] <= 40


def test_endpoint_asking_for_minutes_is_left_alone(endpoint, embedder, waits):
    endpoint.always = "429:600"
    with pytest.raises(EndpointBusy) as caught:
        embedder.embed(TEXTS, seconds=5, attempts=ATTEMPTS)
    assert caught.value.retry_after == 600
    assert len(endpoint.requests) == 1
