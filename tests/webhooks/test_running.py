"""Who sends: threads of the one process, Celery workers where there is a broker, and their successors."""

import asyncio
import os
import signal
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from chatsite import services
from chatsite.celery import app
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from tests.webhooks.conftest import make_delivery, make_endpoint
from tests.webhooks.receiver import receiving
from tests.worker import celery_worker, no_worker_takes
from webhooks import tasks
from webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30  # seconds
scaled = pytest.mark.skipif(not settings.REDIS_URL, reason="no Redis here")


@pytest.fixture
def embedded(settings):
    settings.REDIS_URL = ""


def publish():
    document = Document.objects.create(slug="pets", title="Pets")
    publish_version(save_draft(document, "# Pets\n\nNo pets."))


def until(state):
    end = time.monotonic() + PATIENCE
    while not Delivery.objects.filter(state=state).exists():
        assert time.monotonic() < end, list(Delivery.objects.values("state", "attempts", "tries__error"))
        time.sleep(0.02)


def test_one_process_sends_by_itself(embedded, endpoint, receiver):
    publish()
    assert tasks.wait_for_threads(PATIENCE)
    assert b'"document.published"' in receiver.got[0].body
    assert Delivery.objects.get().state == Delivery.State.DELIVERED


def test_one_process_sends_to_others_while_one_is_slow(embedded, endpoint, receiver):
    with receiving() as slow:
        slow.hold.clear()
        make_endpoint(slow.url, name="slow")
        publish()
        assert slow.arrived.acquire(timeout=PATIENCE)
        until(Delivery.State.DELIVERED)  # while the slow one still holds its own thread
        assert Delivery.objects.filter(state=Delivery.State.PENDING).get().endpoint.name == "slow"
        slow.hold.set()
        assert tasks.wait_for_threads(PATIENCE)


def test_the_sweep_sends_what_has_become_due(embedded, endpoint, receiver):
    make_delivery(endpoint)
    make_delivery(endpoint, next_at=timezone.now() + timedelta(hours=1))
    tasks.sweep()
    assert tasks.wait_for_threads(PATIENCE)
    assert len(receiver.got) == 1


def test_beat_sends_a_task_that_the_workers_know():
    entry = settings.CELERY_BEAT_SCHEDULE["send-webhooks"]
    app.loader.import_default_modules()
    for task in (tasks.sweep, tasks.send_due):
        assert task.name in app.tasks
        assert app.amqp.router.route({}, task.name)["queue"].name == "background"
    assert entry["task"] == tasks.sweep.name


def test_one_process_sweeps_as_beat_does():
    assert (tasks.sweep, 5.0) in [(task, seconds) for _, task, seconds in services.IN_THE_BACKGROUND]


def test_while_the_broker_is_away_it_is_sent_here(settings, endpoint, receiver, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    def away(*_args, **_kwargs):
        raise BrokerError("away")

    monkeypatch.setattr(tasks.send_due, "apply_async", away)
    publish()
    assert tasks.wait_for_threads(PATIENCE)
    assert len(receiver.got) == 1


def test_web_processes_sweep_while_redis_is_away(monkeypatch):
    swept = []

    class Away:
        async def ping(self):
            return False

    async def nothing():
        return None

    monkeypatch.setattr(services, "event_log", Away)
    monkeypatch.setattr(services.dispatch, "sweep_here", nothing)
    monkeypatch.setattr(services, "send_webhooks", lambda: swept.append("webhooks"))
    asyncio.run(services._sweep_while_redis_is_away())
    assert swept == ["webhooks"]


@scaled
def test_a_worker_sends_and_another_takes_over_what_a_killed_one_was_sending(endpoint, receiver):
    app.control.purge()
    receiver.hold.clear()
    with no_worker_takes("background"):  # other tests' worker would go on with what is taken from these
        _kill_a_worker_that_sends(receiver)
        _see_another_take_over(receiver)


def _kill_a_worker_that_sends(receiver):
    with celery_worker() as first:
        publish()
        assert receiver.arrived.acquire(timeout=PATIENCE)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(PATIENCE)


def _see_another_take_over(receiver):
    killed = Delivery.objects.get()
    assert (killed.state, killed.attempts, killed.lease_until is None) == (Delivery.State.PENDING, 1, False)
    Delivery.objects.update(lease_until=timezone.now())
    receiver.hold.set()
    with celery_worker():
        tasks.sweep.delay()
        until(Delivery.State.DELIVERED)
    delivery = Delivery.objects.get()
    tries = list(delivery.tries.values("number", "at", "error", "ms"))
    assert [one["error"] for one in tries] == ["interrupted", ""], (tries, killed.lease_until)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert Endpoint.objects.get().failing_since is None
