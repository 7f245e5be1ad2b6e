"""Sockets and conversations for the tests of the chat."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections
from django.test import AsyncClient

from accounts.models import ApiKey, User
from chat import conversations
from chat.database import in_database
from chat.models import Conversation
from chatsite.asgi import application
from chatsite.services import web_services
from tests.worker import celery_worker, wait_until_idle

FINAL = ("turn.completed", "turn.failed", "turn.stopped")


class SocketClient:
    """A client of the socket, reading frames as they come."""

    def __init__(self, communicator: WebsocketCommunicator):
        self._communicator = communicator

    async def send(self, **frame: Any) -> None:
        """Send one frame."""
        await self._communicator.send_to(text_data=json.dumps(frame))

    async def send_raw(self, text: str | None = None, binary: bytes | None = None) -> None:
        """Send whatever."""
        await self._communicator.send_input({"type": "websocket.receive", "text": text, "bytes": binary})

    async def ask(self, text: str, client_id: UUID | None = None) -> str:
        """Send a question; return its client id."""
        client_id = client_id or uuid4()
        await self.send(type="message.send", client_id=str(client_id), text=text)
        return str(client_id)

    async def receive(self) -> dict[str, Any]:
        """Return the next frame."""
        return json.loads(await self._communicator.receive_from(timeout=10))

    async def until(self, *types: str) -> list[dict[str, Any]]:
        """Return the frames up to the first of one of the types."""
        frames = [await self.receive()]
        while frames[-1]["type"] not in types:
            frames.append(await self.receive())
        return frames

    async def receive_close(self) -> int:
        """Return the code that the server closes with."""
        closed = await self._communicator.receive_output(timeout=10)
        assert closed["type"] == "websocket.close", closed
        return closed["code"]

    async def until_closed(self) -> int:
        """Return the code that the server closes with, whatever it sends before."""
        while (said := await self._communicator.receive_output(timeout=10))["type"] != "websocket.close":
            pass
        return said["code"]

    async def is_silent(self, seconds: float = 0.2) -> bool:
        """Tell whether nothing comes for a while."""
        return await self._communicator.receive_nothing(timeout=seconds)


@asynccontextmanager
async def open_socket(
    user: User | None, conversation_id: UUID, *, origin: str | None = None
) -> AsyncIterator[SocketClient | None]:
    """Open a socket as ``user``; yields None where the handshake is refused."""
    headers = [(b"origin", (origin or settings.TRUSTED_ORIGINS[0]).encode())]
    if user is not None:
        client = AsyncClient()
        await client.aforce_login(user)
        headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
    path = f"/ws/conversations/{conversation_id}/"
    communicator = WebsocketCommunicator(application, path, headers=headers)
    accepted, _ = await communicator.connect(timeout=10)
    try:
        yield SocketClient(communicator) if accepted else None
    finally:
        await communicator.disconnect(timeout=10)


@pytest.fixture(scope="session")
def worker(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In the scaled run, a real Celery worker; in the embedded run the process itself is the carrier."""
    if not settings.REDIS_URL:
        yield
        return
    with django_db_blocker.unblock(), celery_worker():
        yield


@pytest.fixture
async def desk(transactional_db: None, worker: None) -> AsyncIterator[None]:
    """The services of a web process on this test's loop, ended with it, as is what it has begun elsewhere."""
    web_services().begin()
    yield
    await asyncio.wait_for(web_services().end(), 15)
    await asyncio.to_thread(wait_until_idle)
    await sync_to_async(connections.close_all)()  # of the thread that Django's own async calls run in


@pytest.fixture
async def conversation(desk: None, alice: User) -> Conversation:
    """A conversation of Alice's."""
    return await in_database(conversations.open_conversation, alice)


@pytest.fixture
async def key(alice: User, conversation: Conversation) -> tuple[ApiKey, str]:
    """A key of Alice's, and its value."""
    return await in_database(ApiKey.objects.issue, alice, "program")
