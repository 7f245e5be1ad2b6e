"""The real ``openai`` client, talking to the desk in this process, whichever way the desk runs its turns."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from accounts.models import ApiKey, User
from benchmarks.fake_provider import FakeProvider
from chat.database import in_database
from chatsite.asgi import application
from tests.chat.terminal.conftest import ANSWER, served, site  # noqa: F401  (fixtures)

Clients = Callable[..., AsyncOpenAI]


def in_process() -> httpx2.AsyncClient:
    """Return what carries requests to the desk in this process; a stream comes when it is over."""
    transport = httpx2.ASGITransport(app=application, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.fixture
async def clients(desk: None) -> AsyncIterator[Clients]:
    """Makes clients: each with a person's key, or with another bearer."""
    opened: list[AsyncOpenAI] = []

    async def client_of(person: User | str, **options: Any) -> AsyncOpenAI:
        key = person if isinstance(person, str) else (await in_database(ApiKey.objects.issue, person, "k"))[1]
        options = {"max_retries": 0, "http_client": in_process(), **options}
        opened.append(AsyncOpenAI(api_key=key, base_url="http://127.0.0.1/v1", **options))
        return opened[-1]

    yield client_of
    for client in opened:
        await client.close()


@pytest.fixture
def model(provider: FakeProvider) -> FakeProvider:
    """The model, answering at once, with a footnote."""
    provider.script(text=ANSWER, delay=0.0, interval=0.0)
    return provider
