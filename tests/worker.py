"""A real Celery worker for the tests of the scaled carrier, on the tests' own database."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from django.conf import settings
from django.db import connection

from chatsite.celery import app
from tests.environment import OTLP_PORT

START_SECONDS = 30
ANSWER_SECONDS = 20  # patience with a worker that has much to do
QUEUES = ("turns", "background")
# A worker logs as it does in production, and records the traces that a test has begun, but none of its own.
_TELLING = {
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "json",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{OTLP_PORT}",
    "OTEL_TRACES_SAMPLER": "parentbased_always_off",
}
_lines: deque[str] = deque(maxlen=5_000)
_running: dict[str, subprocess.Popen[bytes]] = {}  # by their names, once they are ready


def forget_lines() -> None:
    """Forget what the workers have logged so far."""
    _lines.clear()


def worker_lines() -> list[dict[str, Any]]:
    """Return what the workers of this run have logged of late."""
    return [json.loads(line) for line in list(_lines) if line.startswith("{")]


def database_url() -> str:
    """Return the address of the database that the tests use right now."""
    parts = connection.settings_dict
    host = parts["HOST"]
    query = "?" + urlencode({"host": host}) if host.startswith("/") else ""
    place = "" if query else f"{host}:{parts['PORT']}"
    login = quote(parts["USER"]) + (f":{quote(parts['PASSWORD'])}" if parts["PASSWORD"] else "")
    return f"postgres://{login}@{place}/{parts['NAME']}{query}"


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a process of the scaled set under test."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "LLM_CHAIN": "compatible,extractive",
        "LLM_FIRST_TOKEN_SECONDS": "3",
        "LLM_BETWEEN_TOKENS_SECONDS": "3",
        **changes,
    }


@contextmanager
def celery_worker(**changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one worker process; ``changes`` are added to its environment."""
    name = f"{uuid4().hex}@tests"  # its own: another worker may run, and answer for it
    command = [
        sys.executable, "-m", "celery", "-A", "chatsite", "worker", "--pool=threads", "--concurrency=50",
        f"--queues={','.join(QUEUES)}", f"--hostname={name}", "--without-mingle", "--without-gossip",
        "--loglevel=WARNING",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment(**_TELLING, **changes), stderr=subprocess.PIPE)
    threading.Thread(target=_pass_on, args=(process,), daemon=True).start()
    try:
        _wait_until_ready(process, name)
        _running[name] = process
        yield process
    finally:
        _running.pop(name, None)
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def no_worker_takes(queue: str) -> Iterator[None]:
    """Have the workers that run now leave a queue alone, until the block ends."""
    there = _names()
    _have_each(there, "cancel_consumer", queue)
    try:
        yield
    finally:
        _have_each(there, "add_consumer", queue)


def wait_until_idle() -> None:
    """Wait until the workers have done all they were given: whatever they still did would meet the next test.

    Raises:
        RuntimeError: they have not.
    """
    end = time.monotonic() + ANSWER_SECONDS
    while _names() and (doing := _under_way()):
        if time.monotonic() > end:
            raise RuntimeError(f"the workers are still busy: {doing}")
        time.sleep(0.02)


def _names() -> list[str]:
    return [name for name, process in _running.items() if process.poll() is None]


def _under_way() -> list[Any]:
    """Return what waits and what is being done, looked for in the order in which a task goes."""
    with app.connection_for_read() as connection:
        client = connection.default_channel.client
        waiting = [f"{queue}: {count}" for queue in QUEUES if (count := client.llen(queue))]
    names = _names()
    workers = app.control.inspect(destination=names, timeout=1)
    for told in (workers.reserved() or {}, workers.active() or {}):
        waiting += [told.get(name, "no answer") for name in names if told.get(name) != []]
    return waiting


def _have_each(names: list[str], command: str, queue: str) -> None:
    """Have each worker take or leave a queue, and wait until each says that it does."""
    missing = set(names)
    end = time.monotonic() + ANSWER_SECONDS
    while missing:
        to = {"destination": sorted(missing), "reply": True, "timeout": 1}
        for answer in getattr(app.control, command)(queue, **to):
            missing -= answer.keys()
        if missing and time.monotonic() > end:
            raise RuntimeError(f"{missing} did not hear {command}")


def _pass_on(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        _lines.append(line.decode(errors="replace"))
        os.write(2, line)


def _wait_until_ready(process: subprocess.Popen[bytes], name: str) -> None:
    for _ in range(START_SECONDS * 2):
        if process.poll() is not None:
            raise RuntimeError(f"the worker ended with code {process.returncode}")
        if app.control.ping(destination=[name], timeout=0.5):
            return
    raise RuntimeError(f"the worker did not answer within {START_SECONDS} s")
