"""Where work runs that nobody waits for: a worker where there is a broker, else a thread of this process.

A task may come twice (a sweep sends it again, a broker delivers it again), so it must claim what it works on.
"""

import threading
import time
from collections import OrderedDict
from functools import partial
from uuid import uuid4

import structlog
from celery import Task
from django.conf import settings
from django.db import connections, transaction
from kombu.exceptions import OperationalError as BrokerError

logger = structlog.get_logger(__name__)


def in_background(task: Task, *arguments: str) -> None:
    """Have a Celery task run soon, once the current transaction is committed. Returns at once."""
    transaction.on_commit(partial(_begin, task, arguments))


class BackgroundThread:
    """Calls of one task, one after the other, in a thread that lives as long as there are some."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._lock = threading.Lock()
        self._waiting: OrderedDict[tuple[str, ...], None] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._works = False

    def add(self, arguments: tuple[str, ...]) -> None:
        """Call the task after what waits; a call that waits already is not added again.

        One that runs is: it may be past the point where it would have seen what this call is about.
        """
        with self._lock:
            self._waiting.setdefault(arguments)
            if not self._works:
                # A daemon: what it does is taken up again after a restart, so the end must not wait for it.
                self._works = True
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until everything is done, at most so long; return whether it is."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _next(self) -> tuple[str, ...] | None:
        with self._lock:
            if not self._waiting:
                self._works = False
                return None
            return self._waiting.popitem(last=False)[0]

    def _work(self) -> None:
        try:
            while (arguments := self._next()) is not None:
                try:
                    # Who was the first to need this thread has not asked for what it does now.
                    own = {"request_id": uuid4().hex, "task": self._task.name}
                    with structlog.contextvars.bound_contextvars(**own):
                        self._task(*arguments)
                except Exception:  # the calls that wait behind it are not to blame
                    logger.exception("background_task_failed", task=self._task.name)
        finally:
            connections.close_all()


_threads: dict[str, BackgroundThread] = {}  # by task, so that no kind of work waits for another
_making = threading.Lock()


def run_here(task: Task, *arguments: str) -> None:
    """Run a task in a thread of this process."""
    with _making:
        thread = _threads.setdefault(task.name, BackgroundThread(task))
    thread.add(arguments)


def wait_for_threads(seconds: float) -> bool:
    """Wait until no task runs in a thread of this process, at most so long; return whether that is so."""
    end = time.monotonic() + seconds
    with _making:
        threads = list(_threads.values())
    return all([thread.wait(max(end - time.monotonic(), 0)) for thread in threads])


def _begin(task: Task, arguments: tuple[str, ...]) -> None:
    if not (settings.REDIS_URL and _sent_to_workers(task, arguments)):
        run_here(task, *arguments)


def _sent_to_workers(task: Task, arguments: tuple[str, ...]) -> bool:
    try:
        task.apply_async(arguments, retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("broker_unreachable", task=task.name, reason=str(error))
        return False
    return True
