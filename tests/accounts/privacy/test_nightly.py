"""Every night what is past its time goes: beat sends the task, and one process does it by itself."""

import asyncio

import pytest
from django.conf import settings

from accounts.tasks import apply_retention
from chatsite import services
from chatsite.celery import app

pytestmark = pytest.mark.django_db


def test_beat_sends_a_task_that_the_workers_know():
    entry = settings.CELERY_BEAT_SCHEDULE["apply-retention"]
    assert entry["task"] == apply_retention.name
    assert entry["schedule"].hour == {3}
    app.loader.import_default_modules()
    assert apply_retention.name in app.tasks
    assert app.amqp.router.route({}, apply_retention.name)["queue"].name == "background"


async def _begun(names):
    web = services.WebServices()
    web.begin()
    try:
        return names <= {task.get_name() for task in web._tasks}
    finally:
        for task in web._tasks:
            task.cancel()
        await asyncio.gather(*web._tasks, return_exceptions=True)


def test_one_process_does_it_by_itself(monkeypatch):
    monkeypatch.setattr(settings, "REDIS_URL", "")
    assert asyncio.run(_begun({"retention"}))
