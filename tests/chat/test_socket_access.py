"""Who opens a socket, and by what."""

import asyncio
import time

import pytest
from allauth.idp.oidc.models import Token
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session

from accounts.tokens import tickets
from accounts.tokens.access import READ, WRITE, Access, Kind
from chat import conversations
from chat.database import in_database
from chatsite.asgi import application
from tests.accounts.tokens.conftest import Program
from tests.chat.conftest import FINAL
from tests.chat.visitors import (
    TICKET,
    browser_of,
    grant,
    is_let_in,
    open_as,
    page_origin,
    sid,
    sign_in,
    ticket_for,
)

pytestmark = pytest.mark.anyio


async def test_ticket_opens_a_socket_and_the_answer_names_the_protocol_only(alice, conversation):
    program = await sign_in(alice)
    answer = (await sync_to_async(program.post)(TICKET, {})).json()
    assert answer["protocols"] == ["chatsite.v1", f"ticket.{answer['ticket']}"]
    assert answer["expires_in"] == 30
    async with open_as(conversation.id, ticket=answer["ticket"]) as socket:
        assert socket.protocol == "chatsite.v1"
        await socket.ask("Hello!")
        assert (await socket.until(*FINAL))[-1]["type"] == "turn.completed"


async def test_ticket_opens_once(alice, conversation):
    ticket = await ticket_for(await sign_in(alice))
    assert await is_let_in(conversation.id, ticket=ticket)
    assert not await is_let_in(conversation.id, ticket=ticket)


async def test_of_fifty_at_once_one_redeems(alice, conversation):
    session = Access(alice.pk, Kind.KEY, "1")
    ticket = await in_database(tickets.issue, session)
    redeemed = await asyncio.gather(*(asyncio.to_thread(tickets.redeem, ticket) for _ in range(50)))
    assert [found for found in redeemed if found] == [(session, None)]


async def test_old_ticket_opens_nothing(alice, conversation, monkeypatch):
    monkeypatch.setattr(tickets, "TICKET_SECONDS", 1)
    ticket = await ticket_for(await sign_in(alice))
    if settings.REDIS_URL:
        await asyncio.sleep(1.1)  # Redis keeps its own time
    else:
        now = time.monotonic()
        monkeypatch.setattr(tickets.time, "monotonic", lambda: now + 1.1)
    assert not await is_let_in(conversation.id, ticket=ticket)


async def test_ticket_for_one_conversation_opens_no_other(alice, conversation):
    program = await sign_in(alice)
    other = await in_database(conversations.open_conversation, alice)
    bound = await ticket_for(program, conversation=str(conversation.id))
    assert not await is_let_in(other.id, ticket=bound)
    bound = await ticket_for(program, conversation=str(conversation.id))
    assert await is_let_in(conversation.id, ticket=bound)


async def test_bobs_ticket_does_not_open_alices_conversation(bob, conversation):
    program = await sign_in(bob)
    assert not await is_let_in(conversation.id, ticket=await ticket_for(program))
    bound = await ticket_for(program, conversation=str(conversation.id))
    assert not await is_let_in(conversation.id, ticket=bound)


async def test_bobs_page_cannot_use_alices_ticket(alice, bob, conversation):
    ticket = await ticket_for(await sign_in(alice))
    cookie = sid(await browser_of(bob))
    assert not await is_let_in(conversation.id, ticket=ticket, cookie=cookie, origin=page_origin())
    assert not await is_let_in(conversation.id, ticket=ticket)  # it is used up


@pytest.mark.parametrize("ticket", ["x", "A" * 43, "A" * 5_000, "ñ"])
async def test_invented_ticket_opens_nothing(conversation, ticket):
    assert not await is_let_in(conversation.id, ticket=ticket)


async def test_ticket_dies_with_what_it_was_made_by(alice, conversation, key):
    program = Program()
    program.bearer = key[1]
    ticket = await ticket_for(program)
    await in_database(key[0].revoke)
    assert not await is_let_in(conversation.id, ticket=ticket)


async def test_what_the_store_holds_opens_nothing(alice, conversation, monkeypatch):
    kept = []
    store = tickets.ticket_store()
    monkeypatch.setattr(tickets, "ticket_store", lambda: store)
    monkeypatch.setattr(type(store), "put", lambda self, *ticket: kept.extend(map(str, ticket)))
    program = await sign_in(alice)
    ticket = await ticket_for(program)
    session = await Session.objects.aget()
    assert not any(secret in " ".join(kept) for secret in (ticket, session.session_key, "session"))


async def test_ticket_without_its_store_is_an_honest_refusal(alice, conversation, monkeypatch):
    class Away:
        def put(self, *_):
            raise tickets.TicketsAway

        take = put

    program = await sign_in(alice)
    monkeypatch.setattr(tickets, "ticket_store", Away)
    answer = await sync_to_async(program.post)(TICKET, {})
    assert (answer.status_code, answer.json()["code"]) == (503, "tickets_unavailable")
    assert answer["Retry-After"] == "5"
    assert not await is_let_in(conversation.id, ticket="A" * 43)
    assert await is_let_in(conversation.id, bearer=program.bearer)


async def test_stranger_gets_no_ticket(conversation):
    assert (await sync_to_async(Program().post)(TICKET, {})).status_code == 401


async def test_page_gets_a_ticket_by_its_session(alice, conversation):
    browser = await browser_of(alice)
    answer = await browser.post(TICKET, {}, content_type="application/json")
    assert await is_let_in(conversation.id, ticket=answer.json()["ticket"])


async def test_bearer_opens_a_socket(alice, bob, conversation, key):
    program = await sign_in(alice)
    assert await is_let_in(conversation.id, bearer=program.bearer)
    assert await is_let_in(conversation.id, bearer=key[1])
    assert not await is_let_in(conversation.id, bearer=(await sign_in(bob)).bearer)
    assert not await is_let_in(conversation.id, bearer="csk_nonsense")


async def test_cookie_without_an_origin_opens_nothing(alice, conversation):
    cookie = sid(await browser_of(alice))
    assert await is_let_in(conversation.id, cookie=cookie, origin=page_origin())
    assert not await is_let_in(conversation.id, cookie=cookie)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_page_of_others_opens_nothing_with_anything(alice, conversation, key, origin):
    ticket = await ticket_for(await sign_in(alice))
    assert not await is_let_in(conversation.id, ticket=ticket, origin=origin)
    assert not await is_let_in(conversation.id, bearer=key[1], origin=origin)


async def test_nothing_goes_by_the_query(alice, conversation, key):
    path = f"/ws/conversations/{conversation.id}/?token={key[1]}&access_token={key[1]}"
    communicator = WebsocketCommunicator(application, path)
    assert not (await communicator.connect(timeout=10))[0]
    await communicator.disconnect()


async def test_grant_reads_and_asks_as_far_as_its_scopes_go(alice, conversation):
    _, value = await in_database(grant, alice, READ)
    async with open_as(conversation.id, bearer=value) as socket:
        await socket.ask("Hello!")
        error = await socket.receive()
        assert (error["type"], error["code"]) == ("error", "insufficient_scope")
    assert not await conversation.messages.aexists()
    await in_database(Token.objects.all().update, scopes=WRITE)
    assert not await is_let_in(conversation.id, bearer=value)
