"""An embedding endpoint that the settings name, for tests of search by meaning."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from knowledge.background import wait_for_threads
from knowledge.search import hybrid
from knowledge.search.vectors import faiss_index, pgvector, question
from knowledge.search.vectors.embedder import embedder
from knowledge.search.vectors.faiss_index import FaissIndex
from tests.knowledge.search.embedding_server import EmbeddingServer


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
        settings.EMBEDDINGS_SECONDS = settings.EMBEDDINGS_QUESTION_SECONDS = 5
        yield server
        # Nothing that was begun may go on into the next test.
        wait_for_threads(20)
        threads.shutdown()
        embedder().close()
