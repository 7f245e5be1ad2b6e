"""An embedding endpoint and an OpenSearch that the settings name."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from knowledge.background import wait_for_threads
from knowledge.models import Audience
from knowledge.search import hybrid
from knowledge.search.opensearch import asking, keeping
from knowledge.search.vectors import faiss_index, pgvector, question
from knowledge.search.vectors.breaker import Breaker
from knowledge.search.vectors.embedder import embedder
from knowledge.search.vectors.faiss_index import FaissIndex
from tests.knowledge.conftest import Publish
from tests.knowledge.search.embedding_server import EmbeddingServer
from tests.knowledge.search.opensearch_cases import Asking
from tests.knowledge.search.opensearch_server import OpenSearchServer, opensearch_server
from tests.knowledge.search.test_search import POLICIES


@pytest.fixture
def endpoint(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddingServer]:
    """The endpoint, serving English; with an index of its own, since databases change between tests."""
    monkeypatch.setattr(hybrid, "faiss_index", FaissIndex())
    monkeypatch.setattr(faiss_index, "AT_ONCE_SECONDS", 60)  # no thread, which would not see the test's rows
    threads = ThreadPoolExecutor(4)
    monkeypatch.setattr(question, "_threads", threads)
    pgvector._remembered.forget()
    with EmbeddingServer() as server:
        settings.EMBEDDINGS_BASE_URL = server.url
        settings.EMBEDDINGS_MODEL = "fake-1"
        settings.EMBEDDINGS_LANGUAGES = ["en"]
        settings.EMBEDDINGS_SECONDS = settings.EMBEDDINGS_QUESTION_SECONDS = 20
        embedder().connect()  # takes a second, which a question's patience may not have
        yield server
        # Nothing that was begun may go on into the next test.
        wait_for_threads(20)
        threads.shutdown()
        embedder().close()


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenSearchServer]:
    """OpenSearch, chosen by the settings; nothing is in it yet."""
    monkeypatch.setattr(asking, "breaker", Breaker(2, 60.0, what="opensearch"))
    with opensearch_server() as held:
        settings.SEARCH_ENGINE, settings.OPENSEARCH_URL = "opensearch", held.url
        settings.OPENSEARCH_USER, settings.OPENSEARCH_PASSWORD = "desk", "a secret"
        settings.OPENSEARCH_SECONDS, settings.OPENSEARCH_INDEX = 20.0, held.alias
        yield held


@pytest.fixture
def policies(publish: Publish) -> None:
    """Seven documents, one of them German and one for staff."""
    for slug, text in POLICIES.items():
        publish(slug, text)
    publish("gepaeck", "Ein Koffer darf 23 Kilo wiegen.", language="de", title="Gepäck")
    publish("crew", "Crew dogs travel free in the cabin.", audience=Audience.STAFF)


@pytest.fixture
def filled(server: OpenSearchServer, policies: None) -> OpenSearchServer:
    """The same with an index of them."""
    assert keeping.follow()
    return server


@pytest.fixture
def ask() -> Iterator[Asking]:
    """Who asks OpenSearch past the desk."""
    with opensearch_server() as held:
        asking_it = Asking(held.url, held.alias)
        with asking_it.client:
            yield asking_it
