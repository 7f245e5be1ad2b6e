"""The one event loop of a worker process. Every Celery thread hands its turn to it and waits."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

_T = TypeVar("_T")


class WorkerLoop:
    """An event loop in a thread of its own, begun on first use."""

    def __init__(self) -> None:
        self._begin = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` on the loop and wait for it in the calling thread.

        Raises:
            Whatever the work raises.
        """
        return asyncio.run_coroutine_threadsafe(work, self._running()).result()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._begin:
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="turns", daemon=True).start()
            return self._loop


worker_loop = WorkerLoop()
