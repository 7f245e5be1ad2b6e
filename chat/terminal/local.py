"""A desk in this process: the same calls as the other edges make, on the settings' database."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Self
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure

from accounts import limits
from accounts.models import User
from chat import conversations, dispatch
from chat.database import in_database
from chat.errors import NotFound
from chat.events.log import close_event_log
from chat.llm.registry import close_providers
from chat.models import Conversation, Message, Turn
from chat.terminal.desk import Event, Thread, Unreachable
from chat.turn.carrier import carrier
from chat.turn.outcome import citation_json

logger = structlog.get_logger(__name__)

LEAVE_SECONDS = 2.0  # what an answer under way gets at the end; a web process begins it again otherwise
RECENT = 20


class LocalDesk:
    """Talks as one of the desk's own people; make it with ``open``, on the loop that it is used on."""

    def __init__(self, user: User):
        self._user = user
        self.site, self.who = settings.SITE_URL, user.get_username()
        self._sweeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, username: str) -> Self:
        """Return the desk for a person.

        Raises:
            NotFound: there is no such active person.
            Unreachable: the database is away.
        """
        try:
            user = await in_database(User.objects.filter(username=username, is_active=True).first)
        except DatabaseFailure as error:
            raise Unreachable(f"The database cannot be used: {error}") from error
        if user is None:
            raise NotFound(f"There is no active person with the user name {username!r}.")
        desk = cls(user)
        dispatch.serve_here()  # answers run beside the screen, not before it
        if not settings.REDIS_URL:
            desk._sweeper = asyncio.create_task(_sweep(), name="terminal-sweeper")
        return desk

    async def begin(self) -> Thread:
        """Open a conversation."""
        return _thread(await in_database(conversations.open_conversation, self._user))

    async def find(self, conversation_id: UUID) -> Thread:
        """Return a conversation of the person's."""
        return _thread(await in_database(conversations.get_conversation, self._user, conversation_id))

    async def recent(self) -> list[Thread]:
        """Return the newest conversations in which something was said."""
        return await in_database(_recent, self._user)

    async def messages(self, conversation_id: UUID) -> list[dict[str, Any]]:
        """Return what was said."""
        return await in_database(_messages, self._user, conversation_id)

    async def ask(self, conversation_id: UUID, text: str, client_id: UUID) -> AsyncIterator[Event]:
        """Send a question and yield the events of its turn."""
        submitted = await conversations.submit(self._user, conversation_id, text, client_id)
        async for frame in conversations.follow(submitted.turn):
            yield json.loads(frame.json)

    async def follow(self, turn_id: UUID) -> AsyncIterator[Event]:
        """Yield the events of a turn."""
        turn = await in_database(conversations.get_turn, self._user, turn_id)
        async for frame in conversations.follow(turn):
            yield json.loads(frame.json)

    async def stop(self, turn_id: UUID) -> None:
        """End an answer."""
        await conversations.stop(await in_database(conversations.get_turn, self._user, turn_id))

    async def close(self) -> None:
        """Let an answer under way end, for a moment, then close what is open."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await carrier().drain(LEAVE_SECONDS)
        await close_event_log()
        await limits.close()
        await close_providers()


async def _sweep() -> None:
    """Begin again what a process that ended has left: there may be no other one to do it."""
    while True:
        try:
            await dispatch.sweep_here()
        except DatabaseFailure as error:
            logger.warning("step_put_off", task="terminal-sweeper", reason=str(error))
        await asyncio.sleep(dispatch.SWEEP_SECONDS)


def _thread(conversation: Conversation) -> Thread:
    return Thread(conversation.pk, conversation.title)


def _recent(user: User) -> list[Thread]:
    mine = Conversation.objects.visible_to(user).exclude(message_count=0)
    return [_thread(conversation) for conversation in mine.order_by("-last_message_at")[:RECENT]]


def _messages(user: User, conversation_id: UUID) -> list[dict[str, Any]]:
    conversation = conversations.get_conversation(user, conversation_id)
    rows = conversation.messages.select_related("asked_in", "answered_in")
    return [_message(row) for row in rows.prefetch_related("answered_in__citations")]


def _message(message: Message) -> dict[str, Any]:
    answered: Turn | None = getattr(message, "answered_in", None)
    turn: Turn | None = answered or getattr(message, "asked_in", None)
    failed = turn is not None and turn.status == Turn.Status.FAILED
    return {
        "role": message.role,
        "text": message.text,
        "turn": str(turn.pk) if turn else None,
        "state": turn.status if turn else None,
        "citations": [citation_json(citation) for citation in answered.citations.all()] if answered else [],
        "error": {"code": turn.error_code, "words": turn.error_words} if failed else None,
    }
