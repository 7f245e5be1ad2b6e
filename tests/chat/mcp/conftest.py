"""The real client of the protocol, against the application in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from asgiref.sync import sync_to_async
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from accounts.models import ApiKey, User
from chatsite.asgi import application
from tests.chat.test_personal_data import travel_of

SITE = "http://localhost:8000"


async def key_of(user: User) -> str:
    """Return the value of a new key."""
    return (await sync_to_async(ApiKey.objects.issue)(user, "mcp"))[1]


@asynccontextmanager
async def raw(value: str | None, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Speak plain HTTP to the application; ``value`` is the bearer's."""
    if value is not None:
        headers["authorization"] = f"Bearer {value}"
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url=SITE, headers=headers) as client:
        yield client


@asynccontextmanager
async def speaking(value: str) -> AsyncIterator[Client]:
    """Speak the protocol, as the holder of a key or token."""
    async with raw(value) as http, Client(streamable_http_client(f"{SITE}/mcp", http_client=http)) as client:
        yield client


@pytest.fixture
async def travelling(desk: None, alice: User, library: Any) -> User:
    """Alice, who has a booking."""
    await sync_to_async(travel_of)(alice)
    return alice
