"""The WebSocket edge: authenticates, parses, calls ``conversations``, forwards. It never waits for a turn."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseFailure
from django.utils import translation
from django.utils.translation import gettext

from accounts import limits
from accounts.language import language_of_scope
from accounts.models import User
from accounts.tokens.access import READ, WRITE, Access
from accounts.tokens.sockets import Credentials, admit, subprotocol_of
from accounts.tokens.tickets import TicketsAway
from chat import conversations, frames
from chat.database import in_database
from chat.errors import ChatError, NotAllowed, NotFound, RateLimited
from chat.events import FIRST, EventId, Frame
from chat.models import Turn
from chat.sockets import sockets

logger = structlog.get_logger(__name__)

PROTOCOL = 1
SIGNED_OUT = 4401
IDLE_TOO_LONG = 4408
GONE = 4404
BROKE = 1011
BEFORE_ALL = EventId(0, 0)


class ConversationConsumer(AsyncWebsocketConsumer):
    """One socket showing one conversation (docs/protocol.md)."""

    channel_layer_alias = "unused"  # signals come through ``sockets``, one channel a process

    conversation_id: UUID
    access: Access
    last_active: float
    _told: set[UUID] | None = None  # turns delivered whole while a question is being taken

    async def connect(self) -> None:
        """Accept the owner of the conversation; refuse everybody else in the same way."""
        self._following: dict[UUID, asyncio.Task[None]] = {}
        self._sent: dict[UUID, EventId] = {}
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        try:
            credentials = self.scope.pop("credentials")
            self.scope["user"], self.access = await in_database(_let_in, credentials, self.conversation_id)
        # Without the database or the tickets' store nobody can be told from anybody else.
        except (NotFound, TicketsAway, DatabaseFailure):
            await self.close()
            return
        translation.activate(language_of_scope(self.scope, self.scope["user"]))
        self.last_active = time.monotonic()
        await self.accept(subprotocol_of(self.scope))
        await sockets().add(self)
        await self._send_ready()

    async def disconnect(self, code: int) -> None:
        """Stop following; the turns go on."""
        for task in self._following.values():
            task.cancel()
        if hasattr(self, "last_active"):
            await sockets().remove(self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one frame; whatever is wrong with it is told, and the socket stays open."""
        self.last_active = time.monotonic()
        client_id: str | None = None
        try:
            frame = frames.parse(text_data, bytes_data)
            client_id = str(frame.client_id) if isinstance(frame, frames.SendMessage) else None
            self._count_frame()
            self._check_scope(frame)
            await self._handlers[type(frame)](self, frame)
        except ChatError as error:
            await self._send_error(error, client_id or getattr(error, "client_id", None))
        except Exception:  # a socket outlives any one frame; the fault is logged and told
            logger.exception("frame_broke", conversation=str(self.conversation_id))
            await self._send_error(ChatError(code="internal", retryable=True), client_id)

    @property
    def is_following(self) -> bool:
        """Tell whether an answer is on its way to this socket."""
        return bool(self._following)

    async def signal(self, signal: dict[str, Any]) -> None:
        """Follow a turn that began, whoever asked; tell the client of a change."""
        if signal["type"] == "turn.began":
            # Told by the conversation's own group, so there is nothing to look up or to check.
            self._follow(Turn(pk=UUID(signal["turn"]), conversation_id=self.conversation_id), None)
        elif signal["type"] == "conversation.gone":
            await self._send({"type": "conversation.gone"})
            await self.close(code=GONE)
        else:
            await self._send({"type": "conversation.changed"})

    async def close_idle(self) -> None:
        """Close a socket that was not used for long; the client comes back when it is."""
        await self.close(code=IDLE_TOO_LONG)

    async def close_signed_out(self) -> None:
        """Close a socket whose access is over: signed out, revoked, expired."""
        await self.close(code=SIGNED_OUT)

    def _count_frame(self) -> None:
        """Count a frame, whatever it is; in this process alone, as asking Redis would cost more than most do.

        Raises:
            RateLimited: there were too many.
        """
        decision = limits.take_here(limits.rule("socket_frames"), self.scope["user"].pk)
        if not decision.allowed:
            raise RateLimited(decision.retry_seconds)

    def _check_scope(self, frame: object) -> None:
        """Let third parties only read where that is all they may.

        Raises:
            NotAllowed: the frame changes something.
        """
        if isinstance(frame, (frames.SendMessage, frames.StopTurn)) and not self.access.allows(WRITE):
            raise NotAllowed

    async def _on_message(self, frame: frames.SendMessage) -> None:
        self._told = told = set()
        try:
            submitted = await conversations.submit(
                self.scope["user"], self.conversation_id, frame.text, frame.client_id
            )
        finally:
            self._told = None
        turn = submitted.turn
        if turn.pk in told:  # a carrier was that quick, and the signal had it followed
            return
        await self._send_event(turn.pk, submitted.accepted)
        if not submitted.is_new:
            turn = await in_database(conversations.get_turn, self.scope["user"], turn.pk)
        self._follow(turn, FIRST)

    async def _on_follow(self, frame: frames.Follow) -> None:
        turn = await in_database(_turn_of, self.conversation_id, frame.turn)
        if turn is None:
            raise NotFound(gettext("There is no such turn."))
        if running := self._following.pop(turn.pk, None):
            running.cancel()
        self._sent.pop(turn.pk, None)
        self._follow(turn, frame.after)

    async def _on_stop(self, frame: frames.StopTurn) -> None:
        turn = await in_database(_turn_of, self.conversation_id, frame.turn)
        if turn is None:
            raise NotFound(gettext("There is no such turn."))
        await conversations.stop(turn)

    async def _on_ping(self, frame: frames.Ping) -> None:
        await self._send({"type": "pong"})

    _handlers: dict[type, Callable[..., Awaitable[None]]] = {
        frames.SendMessage: _on_message,
        frames.Follow: _on_follow,
        frames.StopTurn: _on_stop,
        frames.Ping: _on_ping,
    }

    def _follow(self, turn: Turn, after: EventId | None) -> None:
        if turn.pk in self._following:
            return
        task = asyncio.create_task(self._deliver(turn, after))
        self._following[turn.pk] = task
        task.add_done_callback(lambda done: self._delivered(turn.pk, done))

    async def _deliver(self, turn: Turn, after: EventId | None) -> None:
        try:
            async for frame in conversations.follow(turn, after):
                await self._send_event(turn.pk, frame)
        except Exception as error:  # noqa: BLE001 - mostly a client that went away in mid-answer
            # Whatever it was: never an open socket that waits for nothing. The client comes back and follows.
            logger.info("delivery_ended", turn=str(turn.pk), reason=repr(error))
            await self.close(code=BROKE)

    async def _send_event(self, turn_id: UUID, frame: Frame) -> None:
        """Send one event, unless it has been: the acknowledgement and the log tell of the same first one."""
        if frame.id <= self._sent.get(turn_id, BEFORE_ALL):
            return
        self._sent[turn_id] = frame.id
        self.last_active = time.monotonic()
        await self.send(text_data=frame.json)

    def _delivered(self, turn_id: UUID, task: asyncio.Task[None]) -> None:
        if self._following.get(turn_id) is task:
            del self._following[turn_id]
            self._sent.pop(turn_id, None)
            if self._told is not None:
                self._told.add(turn_id)
        if not task.cancelled() and (error := task.exception()):
            logger.info("socket_not_closed", turn=str(turn_id), reason=repr(error))

    async def _send_ready(self) -> None:
        running = await in_database(conversations.unfinished_turns, self.conversation_id)
        await self._send(
            {
                "type": "ready",
                "protocol": PROTOCOL,
                "conversation": str(self.conversation_id),
                "running": [{"turn": str(turn.pk), "status": turn.status} for turn in running],
            }
        )

    async def _send_error(self, error: ChatError, client_id: str | None) -> None:
        body = {"type": "error", "code": error.code, "words": error.words, "retryable": error.retryable}
        if isinstance(error, RateLimited):
            body["retry_after"] = error.retry_after
        await self._send({**body, "client_id": client_id} if client_id else body)

    async def _send(self, body: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(body))


def _turn_of(conversation_id: UUID, turn_id: UUID) -> Turn | None:
    return Turn.objects.filter(pk=turn_id, conversation_id=conversation_id).first()


def _let_in(credentials: Credentials, conversation_id: UUID) -> tuple[User, Access]:
    """Return who opens the conversation; NotFound says nothing of why not."""
    admitted = admit(credentials, conversation_id)
    if admitted is None or not admitted[1].allows(READ):
        raise NotFound
    conversations.get_conversation(admitted[0], conversation_id)
    return admitted
