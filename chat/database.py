"""Short database steps, run in threads of their own so that the event loop never waits for the database.

Connections are kept by the threads (SQLite) or returned to the pool after each step (PostgreSQL). Django's
``database_sync_to_async`` would open and close one a call.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

_P = ParamSpec("_P")
_T = TypeVar("_T")

_threads = ThreadPoolExecutor(max_workers=settings.DATABASE_THREADS, thread_name_prefix="database")


async def in_database(step: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run one short synchronous step in a database thread and return its result.

    Raises:
        Whatever the step raises.
    """
    context = contextvars.copy_context()
    call = partial(context.run, _with_own_connection, partial(step, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_threads, call)


def waiting_steps() -> int:
    """Return how many steps wait for a thread."""
    return _threads._work_queue.qsize()  # the library has no public name for it


async def release_connection() -> None:
    """Give back the connection that a middleware has taken for this request, before it waits for long.

    Sync middlewares run in a thread of the request's own, which keeps its connection to the request's end.
    """
    await sync_to_async(close_old_connections)()


def _with_own_connection(step: Callable[[], _T]) -> _T:
    try:
        return step()
    finally:
        close_old_connections()
