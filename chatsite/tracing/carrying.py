"""Through Celery: a message carries the request's id and the open span, and its task works under them."""

from typing import Any, Final

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

from chat import spans
from chat.origin import KEY, new_id, request_id

HEADER: Final = "chatsite_request_id"
TRACE: Final = ("traceparent", "tracestate")

_under: dict[str, object] = {}  # by task id: what undoes ``spans.under``


def connect() -> None:
    """Carry them from now on, in processes that send tasks and in those that run them."""
    before_task_publish.connect(_give, dispatch_uid="origin-given")
    task_prerun.connect(_take, dispatch_uid="origin-taken")
    task_postrun.connect(_let_go, dispatch_uid="origin-let-go")


def _give(headers: dict[str, Any] | None = None, **_: object) -> None:
    if headers is not None:
        headers |= {HEADER: request_id() or new_id(), **spans.outgoing_headers()}


def _take(task_id: str = "", task: Task | None = None, **_: object) -> None:
    """Bind what came; the thread may have run another task before."""
    if task is None or task.request.is_eager:  # within a request, whose own it has
        return
    given = {name: value for name in TRACE if isinstance(value := task.request.get(name), str)}
    _under[task_id] = spans.under(spans.remote(given))
    structlog.contextvars.clear_contextvars()
    came = task.request.get(HEADER)
    structlog.contextvars.bind_contextvars(
        **{KEY: came if isinstance(came, str) else new_id(), "task": task.name}
    )


def _let_go(task_id: str = "", task: Task | None = None, **_: object) -> None:
    if task is None or task.request.is_eager:
        return
    spans.no_longer_under(_under.pop(task_id, None))
    structlog.contextvars.clear_contextvars()
