"""A real Celery worker for the tests of the scaled carrier, on the tests' own database."""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from chatsite.celery import app
from tests.environment import OTLP_PORT

START_SECONDS = 30
# A worker logs as it does in production, and records the traces that a test has begun, but none of its own.
_TELLING = {
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "json",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{OTLP_PORT}",
    "OTEL_TRACES_SAMPLER": "parentbased_always_off",
}
_lines: deque[str] = deque(maxlen=5_000)


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
    command = [
        sys.executable, "-m", "celery", "-A", "chatsite", "worker", "--pool=threads", "--concurrency=50",
        "--queues=turns,background", "--without-mingle", "--without-gossip", "--loglevel=WARNING",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment(**_TELLING, **changes), stderr=subprocess.PIPE)
    threading.Thread(target=_pass_on, args=(process,), daemon=True).start()
    try:
        _wait_until_ready(process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def no_worker_takes(queue: str) -> Iterator[None]:
    """Have the workers that run now leave a queue alone, until the block ends."""
    there = [name for answer in app.control.ping(timeout=1) for name in answer]
    if there:
        app.control.cancel_consumer(queue, reply=True, timeout=5, limit=len(there))
    try:
        yield
    finally:
        if there:
            app.control.add_consumer(queue, reply=True, timeout=5, limit=len(there))


def _pass_on(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        _lines.append(line.decode(errors="replace"))
        os.write(2, line)


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    for _ in range(START_SECONDS * 2):
        if process.poll() is not None:
            raise RuntimeError(f"the worker ended with code {process.returncode}")
        if app.control.ping(timeout=0.5):
            return
    raise RuntimeError(f"the worker did not answer within {START_SECONDS} s")
