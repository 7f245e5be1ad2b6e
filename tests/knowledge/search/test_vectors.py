"""Passages get their vectors: all that should, none twice, and what was broken off goes on."""

import threading
from io import StringIO

import numpy as np
import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from knowledge.background import wait_for_threads
from knowledge.documents.publish import change_details, delete_document, withdraw_version
from knowledge.models import Passage, Vector, VectorSet
from knowledge.search.vectors import backfill, embedder, store
from knowledge.search.vectors.errors import DimensionChanged, EmbeddingError, EndpointRefused, TextRefused
from knowledge.search.vectors.nearness import PROBES
from knowledge.search.vectors.state import vector_state

LONG = "It is written here at some length. " * 18  # so that a section is a passage of its own
BAGS = f"# Bags\n\nOne bag of 23 kg. {LONG}\n\n## Sports\n\nSkis travel as a bag. {LONG}"


def sections(number: int) -> str:
    """A text of so many passages."""
    return "\n\n".join(f"# Part {n}\n\nRule {n}. {LONG}" for n in range(number))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(embedder, "sleep", lambda seconds: None)


def embedded_texts(endpoint) -> list[str]:
    return [text for text in endpoint.texts if text not in PROBES]


def test_every_passage_gets_a_unit_vector_of_title_path_and_text(endpoint, publish):
    version = publish("bags", BAGS)
    assert backfill.run().embedded == version.passages.count() == 2
    assert any(text.startswith("Bags › Sports\n") and "Skis" in text for text in embedded_texts(endpoint))
    vector = Vector.objects.first()
    assert (vector.model, vector.dimension) == ("fake-1", endpoint.dimension)
    assert np.linalg.norm(store.as_rows([vector.data], vector.dimension)) == pytest.approx(1, abs=1e-5)


def test_prefixes_stand_before_passages_and_questions(endpoint, publish, settings):
    settings.EMBEDDINGS_PASSAGE_PREFIX, settings.EMBEDDINGS_QUESTION_PREFIX = "passage:", "query:"
    publish("bags", "One bag of 23 kg.")
    backfill.run()
    assert {text.split()[0] for text in endpoint.texts} == {"passage:", "query:"}


def test_only_indexed_passages_in_served_languages(endpoint, publish):
    withdraw_version(publish("old", "Withdrawn text."))
    publish("maletas", "Una maleta de 23 kg.", language="es")
    publish("bags", "One bag of 23 kg.", language="en-GB")
    backfill.run()
    assert [text.split("\n")[0] for text in embedded_texts(endpoint)] == ["Bags"]


def test_star_serves_every_language(endpoint, publish, settings):
    settings.EMBEDDINGS_LANGUAGES = ["*"]
    publish("maletas", "Una maleta de 23 kg.", language="es")
    assert backfill.run().embedded == 1


def test_requests_hold_a_batch_and_not_too_many_characters(endpoint, publish, settings, monkeypatch):
    settings.EMBEDDINGS_BATCH = 2
    publish("bags", sections(5))
    backfill.run()
    sizes = [len(r["input"]) for r in endpoint.requests if r["input"][0] not in PROBES]
    assert sizes == [2, 2, 1]
    monkeypatch.setattr(backfill, "MOST_CHARACTERS", 10)
    Vector.objects.all().delete()
    endpoint.requests.clear()
    backfill.run()
    assert {len(request["input"]) for request in endpoint.requests} == {1}


def test_broken_off_run_goes_on_where_it_was(endpoint, publish, settings):
    settings.EMBEDDINGS_BATCH = 48  # as many as there are probes
    publish("bags", sections(100))
    endpoint.faults = ["ok", "ok", "401"]
    with pytest.raises(EndpointRefused):
        backfill.run()
    assert Vector.objects.count() == 48
    before = set(Vector.objects.values_list("pk", flat=True))
    endpoint.requests.clear()
    assert backfill.run().embedded == 52
    assert before < set(Vector.objects.values_list("pk", flat=True))
    assert len(endpoint.texts) == 52


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_embed_each_passage_once(endpoint, publish, settings):
    settings.EMBEDDINGS_BATCH = 3
    publish("bags", sections(30))
    start, failures = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait()
            backfill.run()
        except (DatabaseError, EmbeddingError, threading.BrokenBarrierError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Vector.objects.count() == Passage.objects.count() == 30
    assert VectorSet.objects.count() == 1


def test_run_in_the_background_is_one_at_a_time_and_leaves_word(endpoint, publish):
    publish("bags", BAGS)
    cache.add(backfill.RUN.key, True)
    backfill.run_in_background()
    assert not Vector.objects.exists()
    assert cache.get(backfill.RUN.again)
    cache.delete(backfill.RUN.key)
    backfill.run_in_background()
    assert Vector.objects.count() == 2
    assert cache.get(backfill.RUN.key) is None


def test_new_title_needs_new_vectors(endpoint, publish):
    document = publish("bags", BAGS).document
    backfill.run()
    document.title = "Luggage"
    change_details(document)
    assert not Vector.objects.exists()
    endpoint.requests.clear()
    backfill.run()
    assert all(text.startswith("Luggage") for text in embedded_texts(endpoint))


def test_title_changed_while_it_was_embedded_keeps_no_vector(endpoint, publish):
    document = publish("bags", BAGS).document
    stale = list(Passage.objects.all())
    document.title = "Luggage"
    change_details(document)
    of = store.open_set("fake-1", backfill._embed_probes())
    assert store.save(of, stale, np.ones((2, of.dimension), np.float32)) == 0


@pytest.mark.django_db(transaction=True)
def test_document_deleted_while_it_was_embedded_keeps_no_vector(endpoint, publish):
    version = publish("bags", BAGS)
    stale = list(Passage.objects.all())
    delete_document(version.document)
    of = store.open_set("fake-1", backfill._embed_probes())
    assert store.save(of, stale, np.ones((2, of.dimension), np.float32)) == 0


def test_document_in_a_language_that_is_not_served_loses_its_vectors(endpoint, publish):
    document = publish("bags", BAGS).document
    backfill.run()
    document.language = "fr"
    change_details(document)
    backfill.run()
    assert not Vector.objects.exists()


def test_other_dimension_is_never_mixed_in(endpoint, publish):
    publish("bags", BAGS)
    backfill.run()
    publish("pets", "Pets travel in the cabin.")
    endpoint.dimension //= 2
    with pytest.raises(DimensionChanged):
        backfill.run()
    assert set(Vector.objects.values_list("dimension", flat=True)) == {256}
    call_command("embed_documents", "--all", stdout=StringIO())
    assert list(Vector.objects.values_list("dimension", flat=True)) == [128] * 3
    assert VectorSet.objects.get().dimension == 128


def test_beginning_anew_drops_nothing_while_the_endpoint_is_away(endpoint, publish):
    publish("bags", BAGS)
    backfill.run()
    endpoint.always = "500"
    with pytest.raises(CommandError, match="Run the command again"):
        call_command("embed_documents", "--all", stdout=StringIO())
    assert Vector.objects.count() == 2


def test_too_long_a_text_is_shortened_and_keeps_nobody_waiting(endpoint, publish):
    publish("bags", f"# Bags\n\n{'A long word about bags. ' * 33}\n\n# Pets\n\nPets travel. {'Yes. ' * 60}")
    endpoint.too_long = 500
    outcome = backfill.run()
    assert (outcome.embedded, outcome.refused) == (2, [])
    assert max(len(text) for text in endpoint.texts[-4:]) > 500


def test_text_that_is_never_taken_is_told_and_keeps_nobody_waiting(endpoint, publish, monkeypatch):
    version = publish("bags", BAGS)
    monkeypatch.setattr(backfill, "text_of", lambda p: "short" if "Skis" in p.text else "x" * 3_000)
    endpoint.too_long = 90
    outcome = backfill.run()
    assert outcome.embedded == 1
    assert outcome.refused == [version.passages.get(position=1).pk]
    assert backfill.run().refused == outcome.refused


def test_endpoint_that_takes_nothing_is_at_fault_itself(endpoint, publish):
    publish("bags", BAGS)
    backfill._vector_set()
    endpoint.always = "400"
    with pytest.raises(TextRefused):
        backfill.run()


def test_rest_is_embedded_beside_a_vector_that_points_nowhere(endpoint, publish):
    publish("bags", BAGS)
    endpoint.faults = ["ok", "nan"]
    assert backfill.run().embedded == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["ok", "401"])
def test_publication_is_embedded_behind_its_back_and_never_fails_for_it(endpoint, publish, fault):
    if project.REDIS_URL:
        pytest.skip("a worker of the scaled run does not know this test's endpoint")
    endpoint.always = fault
    assert publish("bags", BAGS).indexed
    assert wait_for_threads(20)
    assert Vector.objects.count() == (2 if fault == "ok" else 0)
    state = vector_state()
    assert state.ok == (fault == "ok")
    assert state.trouble is None or state.trouble["code"] == "embeddings_refused"


def test_nothing_is_asked_without_an_endpoint(endpoint, publish, settings):
    settings.EMBEDDINGS_BASE_URL = ""
    publish("bags", BAGS)
    assert backfill.run().embedded == 0
    assert endpoint.requests == []
    with pytest.raises(CommandError, match="EMBEDDINGS_BASE_URL"):
        call_command("embed_documents")


def test_command_tells_and_prunes(endpoint, publish, settings):
    publish("bags", BAGS)
    backfill.run()
    settings.EMBEDDINGS_MODEL = "fake-2"
    out = StringIO()
    call_command("embed_documents", stdout=out)
    assert "embedded: 2 of 2 by fake-2" in out.getvalue()
    assert vector_state().other_models == ("fake-1",)
    call_command("embed_documents", "--prune", stdout=out)
    assert "pruned: 2" in out.getvalue()
    assert set(Vector.objects.values_list("model", flat=True)) == {"fake-2"}
    assert vector_state().other_models == ()


def test_state_counts_what_is_missing(endpoint, publish):
    publish("bags", BAGS)
    backfill.run()
    publish("pets", "Pets travel in the cabin.")
    publish("maletas", "Una maleta.", language="es")
    state = vector_state()
    assert (state.passages, state.embedded, state.dimension, state.ok) == (3, 2, 256, False)
