"""Which request some work was asked for by: one id in the logs of every process, and at the provider.

The edge binds it (``request_id`` among structlog's context variables), tasks and threads take it over, and
Celery carries it to workers.
"""

from contextlib import AbstractContextManager, nullcontext
from contextvars import Context
from typing import Final
from uuid import uuid4

import structlog

from chat import spans

KEY: Final = "request_id"


def request_id() -> str:
    """Return the id of the request that the present work belongs to; empty outside all requests."""
    return str(structlog.contextvars.get_contextvars().get(KEY, ""))


def new_id() -> str:
    """Return an id that nobody else has: 32 hexadecimal digits."""
    return uuid4().hex


def background(name: str) -> AbstractContextManager[None]:
    """Give what is done inside, which nobody asked for, an id of its own; ``name`` says what it is."""
    return structlog.contextvars.bound_contextvars(**{KEY: new_id(), "task": name})


def of(known: str) -> AbstractContextManager[object]:
    """Do what is inside under the id ``known``; under the present one where it is empty."""
    return structlog.contextvars.bound_contextvars(**{KEY: known}) if known else nullcontext()


def begin_anew() -> None:
    """Let the present task go on under a new id: what it does next was asked for by another request."""
    structlog.contextvars.unbind_contextvars("task")
    structlog.contextvars.bind_contextvars(**{KEY: new_id()})
    spans.under(None)


def nobodys() -> Context:
    """Return a context for tasks that outlive the request which happens to be the first to need them."""
    return Context()
