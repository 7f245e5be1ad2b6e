"""A socket ends when what opened it does."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.tokens.access import READ
from chat import access as chat_access
from chat import conversations
from chat.consumers import GONE, SIGNED_OUT
from chat.database import in_database
from chat.events.signals import SOCKETS, _send
from chat.sockets import sockets
from tests.chat.visitors import browser_of, grant, open_as, page_origin, sid, sign_in, ticket_for
from tests.conftest import PASSWORD

pytestmark = pytest.mark.anyio


def end_by_sign_out(user, browser):
    Client(headers={"cookie": f"sessionid={sid(browser)}"}).post("/accounts/sign-out/")


def end_by_ending_the_session(user, browser):
    UserSession.objects.create(user=user, session_key=sid(browser), ip="127.0.0.1").end()


def end_by_password(user, browser):
    user.set_password("another-horse-43")
    user.save()


def end_by_deactivation(user, browser):
    user.is_active = False
    user.save()


ENDINGS = [end_by_sign_out, end_by_ending_the_session, end_by_password, end_by_deactivation]


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
async def test_held_socket_closes_at_once(alice, bob, conversation, end):
    bobs = await in_database(conversations.open_conversation, bob)
    browser = await browser_of(alice)
    bobs_cookie = sid(await browser_of(bob))
    async with (
        open_as(bobs.id, cookie=bobs_cookie, origin=page_origin()) as other,
        open_as(conversation.id, cookie=sid(browser), origin=page_origin()) as socket,
    ):
        await in_database(end, alice, browser)
        assert await socket.receive_close() == SIGNED_OUT
        await other.send(type="ping")
        assert (await other.receive())["type"] == "pong"


async def test_deleted_person_has_no_sockets(alice, conversation):
    browser = await browser_of(alice)
    async with open_as(conversation.id, cookie=sid(browser), origin=page_origin()) as socket:
        await in_database(alice.delete)
        while (said := await socket.output())["type"] != "websocket.close":
            assert "conversation.gone" in said["text"]  # which may come first, as it was theirs
        assert said["code"] in (GONE, SIGNED_OUT)


async def test_sign_out_leaves_other_sign_ins_open(alice, conversation, key):
    one, other = await browser_of(alice), await browser_of(alice)
    async with (
        open_as(conversation.id, cookie=sid(one), origin=page_origin()) as socket,
        open_as(conversation.id, cookie=sid(other), origin=page_origin()) as stays,
        open_as(conversation.id, bearer=key[1]) as program,
    ):
        await in_database(end_by_sign_out, alice, one)
        assert await socket.receive_close() == SIGNED_OUT
        for open_one in (stays, program):
            await open_one.send(type="ping")
            assert (await open_one.receive())["type"] == "pong"


async def test_password_changed_in_a_browser_keeps_that_browsers_socket(alice, conversation):
    def change(browser):
        words = {"oldpassword": PASSWORD, "password1": "another-horse-43", "password2": "another-horse-43"}
        answer = browser.post("/accounts/password/", words)
        assert answer.status_code == 302, answer.content

    browser, other = Client(), await browser_of(alice)
    await in_database(browser.force_login, alice)
    old = sid(browser)
    async with (
        open_as(conversation.id, cookie=old, origin=page_origin()) as stays,
        open_as(conversation.id, cookie=sid(other), origin=page_origin()) as socket,
    ):
        await in_database(change, browser)
        assert sid(browser) != old
        assert await socket.receive_close() == SIGNED_OUT
        await sockets().people.recheck()
        await stays.send(type="ping")
        assert (await stays.receive())["type"] == "pong"
        await in_database(end_by_sign_out, alice, browser)  # under its new key
        assert await stays.receive_close() == SIGNED_OUT


async def test_revoked_key_closes_its_sockets(alice, conversation, key):
    async with open_as(conversation.id, bearer=key[1]) as socket:
        await in_database(key[0].revoke)
        assert await socket.receive_close() == SIGNED_OUT


async def test_revoked_grant_closes_its_sockets(alice, conversation):
    token, value = await in_database(grant, alice, READ)
    async with open_as(conversation.id, bearer=value) as socket:
        await in_database(token.delete)
        assert await socket.receive_close() == SIGNED_OUT


async def test_revoked_token_closes_the_socket_of_its_ticket(alice, conversation):
    program = await sign_in(alice)
    async with open_as(conversation.id, ticket=await ticket_for(program)) as socket:
        await sync_to_async(program.post)("/api/v1/tokens/revoke/", {"token": program.refresh})
        assert await socket.receive_close() == SIGNED_OUT


async def test_socket_ends_with_its_token(alice, conversation, monkeypatch):
    soon = timezone.now() + timedelta(seconds=20)
    _, value = await in_database(partial(grant, alice, READ, expires_at=soon))
    async with open_as(conversation.id, bearer=value) as socket:
        loop = asyncio.get_running_loop()
        time = loop.time
        monkeypatch.setattr(loop, "time", lambda: time() + 10)
        assert await socket.is_silent()
        monkeypatch.setattr(loop, "time", lambda: time() + 20)
        assert await socket.receive_close() == SIGNED_OUT


LOST = {
    "session gone": lambda: Session.objects.all().delete(),
    "deactivated": lambda: User.objects.update(is_active=False),
    "other password": lambda: User.objects.update(password="!"),
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
async def test_lost_signal_is_made_up_for(alice, conversation, lose):
    browser = await browser_of(alice)
    async with open_as(conversation.id, cookie=sid(browser), origin=page_origin()) as socket:
        await in_database(lose)  # in one statement, of which no signal tells
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
        await sockets().people.recheck()
        assert await socket.receive_close() == SIGNED_OUT


async def test_recheck_comes_by_itself(alice, conversation, settings):
    settings.SOCKET_RECHECK_SECONDS = 0.05
    browser = await browser_of(alice)
    async with open_as(conversation.id, cookie=sid(browser), origin=page_origin()) as socket:
        await in_database(Session.objects.all().delete)
        assert await socket.receive_close() == SIGNED_OUT


async def test_lost_revocations_of_keys_and_grants_are_made_up_for(alice, conversation, key):
    _, value = await in_database(grant, alice, READ)
    async with (
        open_as(conversation.id, bearer=key[1]) as by_key,
        open_as(conversation.id, bearer=value) as by_grant,
    ):
        await in_database(ApiKey.objects.update, revoked_at=timezone.now())
        await in_database(Token.objects.update, expires_at=timezone.now())
        await sockets().people.recheck()
        assert await by_key.receive_close() == SIGNED_OUT
        assert await by_grant.receive_close() == SIGNED_OUT


async def test_recheck_asks_once_for_all_and_closes_nobody_else(alice, bob, conversation, key, monkeypatch):
    asked = []
    real = chat_access.ended_among
    monkeypatch.setattr(chat_access, "ended_among", lambda ones: asked.append(len(ones)) or real(ones))
    browser = await browser_of(alice)
    cookie = {"cookie": sid(browser), "origin": page_origin()}
    async with (
        open_as(conversation.id, bearer=key[1]) as one,
        open_as(conversation.id, **cookie) as two,
        open_as(conversation.id, **cookie) as three,
    ):
        await sockets().people.recheck()
        assert asked == [2]  # accesses, not sockets
        for socket in (one, two, three):
            await socket.send(type="ping")
            assert (await socket.receive())["type"] == "pong"


async def test_signal_from_another_process_closes_the_socket(alice, conversation):
    """What another process tells comes through the layer; here in its own words, in either mode."""
    browser = await browser_of(alice)
    async with open_as(conversation.id, cookie=sid(browser), origin=page_origin()) as socket:
        (held,) = sockets().people._by_user[alice.pk]
        ended = {"user_id": alice.pk, "handle": held.access.handle, "kept": ""}
        await _send(SOCKETS, {"type": "access.ended", "ended": ended})
        assert await socket.receive_close() == SIGNED_OUT


@pytest.mark.skipif(not settings.REDIS_URL, reason="one process needs nobody to tell it")
@pytest.mark.parametrize("where", ["in a thread", "in the loop"])
async def test_other_processes_are_told(alice, conversation, key, monkeypatch, where):
    """The short way within the process is cut, as it is between two; the key is revoked as anywhere else."""
    monkeypatch.setattr("chat.sockets._everywhere", lambda do: None)
    async with open_as(conversation.id, bearer=key[1]) as socket:
        await (in_database(key[0].revoke) if where == "in a thread" else sync_to_async(key[0].revoke)())
        assert await socket.receive_close() == SIGNED_OUT


async def test_same_news_twice_closes_once(alice, conversation, key):
    async with open_as(conversation.id, bearer=key[1]) as socket:
        people = sockets().people
        people.end(chat_access.Ended(alice.pk))
        people.end(chat_access.Ended(alice.pk))
        assert await socket.receive_close() == SIGNED_OUT
        assert await socket.is_silent()


async def test_nothing_is_left_of_a_closed_socket(alice, conversation, key):
    async with open_as(conversation.id, bearer=key[1]):
        assert alice.pk in sockets().people._by_user
    assert not sockets().people._by_user
    assert not sockets().people._expiring
