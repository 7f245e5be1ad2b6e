"""The index in memory: exact, in step with the database, and never in the way of a question."""

import threading

import numpy as np
import pytest
from django.db import DatabaseError, connections

from knowledge.models import Passage, Vector, VectorSet
from knowledge.search.index import lock_library
from knowledge.search.vectors import faiss_index as module
from knowledge.search.vectors import store
from knowledge.search.vectors.faiss_index import FaissIndex

DIMENSION = 8


@pytest.fixture
def passages(publish, endpoint, settings):
    """Twelve passages, which nobody embeds in the background."""
    settings.EMBEDDINGS_BASE_URL = ""
    publish("bags", "\n\n".join(f"# Part {n}\n\n{'Some words about it. ' * 30}" for n in range(12)))
    return list(Passage.objects.order_by("pk"))


def unit_rows(count: int, seed: int = 1) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def keep(passages, rows) -> None:
    store.save(store.open_set("fake-1", unit_rows(3, seed=9)), passages, rows)


def exact(question: np.ndarray, count: int) -> list[int]:
    held = Vector.objects.filter(passage__version__indexed=True).order_by("pk")
    rows = store.as_rows([vector.data for vector in held], DIMENSION)
    ranked = sorted(
        zip((rows @ question).tolist(), (v.pk for v in held), strict=True), key=lambda o: (-o[0], o[1])
    )
    return [pk for _, pk in ranked[:count]]


def found(index: FaissIndex, question: np.ndarray, count: int) -> list[int]:
    return [pk for pk, _ in index.nearest(store.known("fake-1"), question, count)]


def test_finds_what_comparing_one_by_one_finds(passages, monkeypatch):
    monkeypatch.setattr(module, "SEGMENT", 5)
    monkeypatch.setattr(module, "READ_ROWS", 2)
    keep(passages, unit_rows(12))
    index = FaissIndex()
    for question in unit_rows(5, seed=2):
        assert found(index, question, 7) == exact(question, 7)
    assert len(index) == 12


def test_more_is_asked_for_than_there_is(passages):
    keep(passages, unit_rows(12))
    assert len(found(FaissIndex(), unit_rows(1)[0], 500)) == 12


def test_follows_every_change(passages, monkeypatch):
    monkeypatch.setattr(module, "SEGMENT", 5)
    monkeypatch.setattr(module, "READ_ROWS", 3)
    index, question = FaissIndex(), unit_rows(1, seed=3)[0]
    keep(passages[:7], unit_rows(7))
    assert found(index, question, 12) == exact(question, 12)
    keep(passages[7:], unit_rows(5, seed=4))
    assert found(index, question, 12) == exact(question, 12)
    Vector.objects.filter(passage__in=passages[2:9]).delete()
    lock_library()
    assert found(index, question, 12) == exact(question, 12)
    assert len(index) == 5
    keep(passages, unit_rows(12, seed=5))
    assert found(index, question, 12) == exact(question, 12)


def test_withdrawn_version_is_not_held(passages):
    keep(passages, unit_rows(12))
    index = FaissIndex()
    assert found(index, unit_rows(1)[0], 12)
    passages[0].version.indexed = False
    passages[0].version.save()
    lock_library()
    assert found(index, unit_rows(1)[0], 12) == []
    assert Vector.objects.count() == 12  # kept, should it be published again


def test_nothing_is_read_while_nothing_changed(passages, django_assert_num_queries):
    keep(passages, unit_rows(12))
    index = FaissIndex()
    known = store.known("fake-1")
    index.nearest(known, unit_rows(1)[0], 5)
    with django_assert_num_queries(0):
        index.nearest(known, unit_rows(1)[0], 5)


def test_other_model_takes_the_place_of_the_former(passages):
    keep(passages, unit_rows(12))
    index = FaissIndex()
    index.nearest(store.known("fake-1"), unit_rows(1)[0], 5)
    other = VectorSet.objects.create(model="fake-2", dimension=4)
    store.save(other, passages[:2], np.eye(2, 4, dtype=np.float32))
    known = store.known("fake-2")
    assert [cosine for _, cosine in index.nearest(known, np.eye(1, 4)[0], 5)] == [1.0, 0.0]


@pytest.mark.django_db(transaction=True)
def test_long_refresh_goes_on_in_a_thread_while_the_old_index_serves(passages, monkeypatch):
    keep(passages[:6], unit_rows(6))
    index, question = FaissIndex(), unit_rows(1)[0]
    before = found(index, question, 12)
    keep(passages[6:], unit_rows(6, seed=4))
    monkeypatch.setattr(module, "AT_ONCE_SECONDS", 0)
    may_read, read = threading.Event(), store.read

    def waiting(*arguments):
        assert may_read.wait(20)
        return read(*arguments)

    monkeypatch.setattr(store, "read", waiting)
    assert found(index, question, 12) == before
    assert found(index, question, 12) == before
    may_read.set()
    index.refresh(store.known("fake-1"))  # waits for the thread
    assert found(index, question, 12) == exact(question, 12)


@pytest.mark.django_db(transaction=True)
def test_failing_refresh_leaves_the_old_index_and_is_tried_again(passages, monkeypatch):
    keep(passages[:6], unit_rows(6))
    index, question = FaissIndex(), unit_rows(1)[0]
    before = found(index, question, 12)
    keep(passages[6:], unit_rows(6, seed=4))
    with monkeypatch.context() as broken:

        def failing(*arguments):
            raise DatabaseError("gone")

        broken.setattr(store, "read", failing)
        with pytest.raises(DatabaseError):
            found(index, question, 12)
    assert [pk for pk in found(index, question, 12) if pk in before] == before or len(index) == 12
    assert found(index, question, 12) == exact(question, 12)


@pytest.mark.django_db(transaction=True)
def test_many_threads_ask_while_passages_come_and_go(passages, monkeypatch):
    monkeypatch.setattr(module, "SEGMENT", 4)
    monkeypatch.setattr(module, "READ_ROWS", 1)
    keep(passages[:6], unit_rows(6))
    index, stop, failures = FaissIndex(), threading.Event(), []
    index.refresh(store.known("fake-1"))
    lasting = set(Vector.objects.filter(passage__in=passages[:6]).values_list("pk", flat=True))

    def ask() -> None:
        while not stop.is_set():
            answer = found(index, unit_rows(1)[0], 50)
            if not lasting <= set(answer) or len(answer) != len(set(answer)):
                failures.append(answer)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        keep(passages[6:], unit_rows(6, seed=4))
        Vector.objects.filter(passage__in=passages[6:]).delete()
        lock_library()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
