"""Celery: carries turns to workers in scaled mode, and background work."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutdown

from chatsite.broker import use_for_redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

use_for_redis()
app = Celery("chatsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_own_logging(**_kwargs: object) -> None:
    """Leave logging as Django's LOGGING set it; Celery asks by sending this signal."""


@worker_ready.connect
def make_ready(**_kwargs: object) -> None:
    """Do at the start what the first question would otherwise wait for."""
    from chat.database import in_database
    from chat.llm.registry import connect_providers
    from chat.turn.worker_loop import worker_loop
    from knowledge.search.vectors import warm_up

    worker_loop.run(connect_providers())
    worker_loop.run(in_database(warm_up))


@worker_shutdown.connect
def let_go(**_kwargs: object) -> None:
    """Write what the event log still holds and close connections, once the last turn has ended."""
    from chat.turn.worker_loop import worker_loop

    worker_loop.run(_close())


async def _close() -> None:
    from chat.events.log import close_event_log
    from chat.llm.registry import close_providers
    from chat.turn.carrier import carrier

    await carrier().drain(0)
    await close_event_log()
    await close_providers()
