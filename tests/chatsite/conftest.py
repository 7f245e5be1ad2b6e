"""What the tests of the whole site share: the people's conversations, the log as it is written, HTTP."""

import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

from chatsite.asgi import application
from chatsite.logs import logging_settings
from tests.chat.conftest import conversation, desk, key, worker  # noqa: F401 - fixtures
from tests.worker import forget_lines, worker_lines

Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines of an event that this process, or its worker, has logged meanwhile, as JSON."""
    stream = io.StringIO()
    formatter = dict(logging_settings(level="INFO", style="json")["formatters"]["lines"])
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel("INFO")
    forget_lines()

    def found(event: str, **values: Any) -> list[dict[str, Any]]:
        every = [json.loads(line) for line in stream.getvalue().splitlines()] + worker_lines()
        wanted = {"event": event, **values}.items()
        return [
            line for line in every if wanted <= {k: v for k, v in line.items() if k in dict(wanted)}.items()
        ]

    yield found
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
async def http(desk: None) -> AsyncIterator[httpx.AsyncClient]:  # noqa: F811
    """A client of the whole application, its ASGI middleware included."""
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client
