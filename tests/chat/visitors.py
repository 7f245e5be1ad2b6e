"""Pages and programs at the socket's door, with whatever they show there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from allauth.idp.oidc.models import Client as Application
from allauth.idp.oidc.models import Token
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import AsyncClient
from django.utils import timezone

from chatsite.asgi import application
from tests.accounts.tokens.conftest import Program
from tests.chat.conftest import SocketClient

TICKET = "/api/v1/socket-ticket/"


@asynccontextmanager
async def open_as(
    conversation_id, *, ticket="", bearer="", cookie="", origin="", protocols=("chatsite.v1",)
) -> AsyncIterator[SocketClient | None]:
    """Open a socket the way a program or a page does; yields None where the handshake is refused."""
    headers = [(name, value.encode()) for name, value in (
        (b"origin", origin),
        (b"cookie", cookie and f"sessionid={cookie}"),
        (b"authorization", bearer and f"Bearer {bearer}"),
    ) if value]  # fmt: skip
    offered = [*protocols, *([f"ticket.{ticket}"] if ticket else [])]
    path = f"/ws/conversations/{conversation_id}/"
    communicator = WebsocketCommunicator(application, path, headers=headers, subprotocols=offered)
    accepted, answered = await communicator.connect(timeout=10)
    socket = SocketClient(communicator) if accepted else None
    if socket:
        socket.protocol = answered
        socket.output = partial(communicator.receive_output, timeout=10)
        await socket.receive()
    try:
        yield socket
    finally:
        await communicator.disconnect(timeout=10)


async def is_let_in(conversation_id, **kwargs) -> bool:
    async with open_as(conversation_id, **kwargs) as socket:
        return socket is not None


def page_origin() -> str:
    return settings.TRUSTED_ORIGINS[0]


async def browser_of(user) -> AsyncClient:
    browser = AsyncClient()
    await browser.aforce_login(user)
    return browser


def sid(browser) -> str:
    return browser.cookies["sessionid"].value


async def sign_in(user) -> Program:
    program = Program()
    await sync_to_async(program.sign_in)(user)
    return program


async def ticket_for(program, **body) -> str:
    answer = await sync_to_async(program.post)(TICKET, body)
    assert answer.status_code == 201, answer.content
    return answer.json()["ticket"]


def grant(user, *scopes, **kwargs) -> tuple[Token, str]:
    """A token that an application of others holds."""
    client, _ = Application.objects.get_or_create(id="app", defaults={"name": "App"})
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, user=user)
    token.set_value("opaque")
    token.expires_at = kwargs.get("expires_at") or timezone.now() + timedelta(hours=1)
    token.set_scopes(list(scopes))
    token.save()
    return token, "opaque"
