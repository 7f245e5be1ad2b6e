"""Background work: at a worker where there is a broker, in a thread of this process otherwise."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from chatsite.celery import app
from knowledge.background import BackgroundThread, in_background, wait_for_threads
from knowledge.documents.batches import read_batch
from knowledge.models import Import, Version
from knowledge.tasks import read_import, resume_imports
from tests.knowledge.documents.test_batches import PETS, VISAS, batch_of, outcomes
from tests.worker import celery_worker, no_worker_takes

PATIENCE = 30  # seconds

ran: list[tuple[str, str]] = []
gate = threading.Event()


@shared_task(name="tests.note")
def note(what: str) -> None:
    """Note the thread it ran in."""
    gate.wait(PATIENCE)
    if what == "fault":
        raise ZeroDivisionError
    ran.append((what, threading.current_thread().name))


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()
    gate.set()


@pytest.fixture
def embedded(settings: Any) -> None:
    """No broker."""
    settings.REDIS_URL = ""


def until_done(batch: Import) -> None:
    end = time.monotonic() + PATIENCE
    while not Import.objects.get(pk=batch.pk).is_done:
        assert time.monotonic() < end, outcomes(batch)
        time.sleep(0.05)


def old(batch: Import) -> Import:
    Import.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    return batch


def test_thread_makes_the_calls_in_order_and_outlives_a_fault() -> None:
    thread = BackgroundThread(note)
    gate.clear()
    for what in ("first", "fault", "second", "second"):
        thread.add((what,))
    assert ran == []
    gate.set()
    assert thread.wait(PATIENCE)
    assert [what for what, _ in ran] == ["first", "second"]  # what waits already is not added again
    assert {name for _, name in ran} == {"background"}
    thread.add(("later",))
    assert thread.wait(PATIENCE) and ran[-1][0] == "later"


def test_call_that_runs_is_made_again_for_what_it_may_have_missed() -> None:
    thread = BackgroundThread(note)
    gate.clear()
    thread.add(("first",))
    while thread._waiting:
        time.sleep(0.01)
    thread.add(("first",))
    gate.set()
    assert thread.wait(PATIENCE) and len(ran) == 2


@pytest.mark.django_db(transaction=True)
def test_work_begins_after_the_commit(embedded: None) -> None:
    with transaction.atomic():
        in_background(note, "inside")
        assert wait_for_threads(PATIENCE) and ran == []
    assert wait_for_threads(PATIENCE) and [what for what, _ in ran] == ["inside"]


@pytest.mark.django_db(transaction=True)
def test_embedded_batch_is_read_in_a_thread(embedded: None) -> None:
    batch = batch_of({"pets.md": PETS, "visas.md": VISAS})
    in_background(read_import, str(batch.pk))
    assert wait_for_threads(PATIENCE)
    assert set(outcomes(batch).values()) == {"published"}


@pytest.mark.django_db(transaction=True)
def test_batch_is_read_here_when_the_broker_is_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"

    def away(*_: object, **__: object) -> None:
        raise BrokerError("nobody there")

    monkeypatch.setattr(read_import, "apply_async", away)
    batch = batch_of({"pets.md": PETS})
    in_background(read_import, str(batch.pk))
    assert wait_for_threads(PATIENCE) and outcomes(batch) == {"pets.md": "published"}


@pytest.mark.django_db(transaction=True)
def test_abandoned_batches_are_taken_up(embedded: None) -> None:
    waiting, running, held = (old(batch_of({f"{n}.md": b"# P\n\nText " + n.encode()})) for n in "abc")
    now = timezone.now()
    Import.objects.filter(pk=running.pk).update(status="running", lease_until=now - timedelta(seconds=1))
    Import.objects.filter(pk=held.pk).update(status="running", lease_until=now + timedelta(minutes=1))
    resume_imports()
    assert wait_for_threads(PATIENCE)
    states = dict(Import.objects.values_list("pk", "status"))
    assert states == {waiting.pk: "done", running.pk: "done", held.pk: "running"}


def test_workers_and_beat_know_the_tasks() -> None:
    assert app.conf.beat_schedule["resume-imports"]["task"] in app.tasks
    for task in (read_import, resume_imports):
        assert app.amqp.router.route({}, task.name)["queue"].name == "background"


@pytest.mark.skipif(not settings.REDIS_URL, reason="needs Redis and PostgreSQL: python -m tests.services")
@pytest.mark.django_db(transaction=True)
def test_worker_reads_a_batch_and_takes_up_one_that_was_left() -> None:
    left = old(batch_of({"pets.md": PETS}))
    with celery_worker():
        sent = batch_of({"visas.md": VISAS, "photo.png": b"\x89PNG"})
        in_background(read_import, str(sent.pk))
        until_done(sent)
        assert Import.objects.get(pk=left.pk).status == "waiting"
        resume_imports.delay()
        until_done(left)
    assert outcomes(sent) == {"visas.md": "published", "photo.png": "refused"}
    assert outcomes(left) == {"pets.md": "published"} and Version.objects.count() == 2
    assert not any(thread.name == "background" for thread in threading.enumerate())


@pytest.mark.faults
@pytest.mark.skipif(not settings.REDIS_URL, reason="needs Redis and PostgreSQL: python -m tests.services")
@pytest.mark.django_db(transaction=True)
def test_batch_of_a_killed_worker_is_read_to_the_end() -> None:
    many = {f"policy-{n}.md": f"# Policy {n}\n\n{'Words of it. ' * 20_000}".encode() for n in range(10)}
    batch = batch_of(many)
    with no_worker_takes("background"), celery_worker() as worker:
        in_background(read_import, str(batch.pk))
        end = time.monotonic() + PATIENCE
        while not batch.files.filter(outcome="published").exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        worker.kill()
        worker.wait()
    assert Import.objects.get(pk=batch.pk).status == "running"
    before = dict(batch.files.filter(outcome="published").values_list("name", "document"))
    Import.objects.filter(pk=batch.pk).update(lease_until=timezone.now())
    assert read_batch(batch.pk)
    assert set(outcomes(batch).values()) == {"published"} and Version.objects.count() == 10
    assert before.items() <= dict(batch.files.values_list("name", "document")).items()
