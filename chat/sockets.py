"""The open sockets of this process: who shows which conversation, since when nothing was said, what signals
reach them.

One channel of the Channels layer serves the whole process; a conversation's group is joined while a socket
shows it. So an idle socket costs no subscription and no task of its own.

When somebody's access ends (``accounts.signals``), their sockets close: those of this process at once, those
of others by a signal, and those that no signal reached when all are asked about (``SOCKET_RECHECK_SECONDS``).
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any, Protocol
from uuid import UUID

import structlog
from allauth.headless.tokens.strategies.jwt.internal import session_key_from_sid, session_key_to_sid
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import Error as DatabaseFailure

from accounts.signals import Ended, Moved
from chat.access import Admitted, People
from chat.events.away import AWAY
from chat.events.loops import PerLoop
from chat.events.signals import SOCKETS, conversation_group, tell_all_sockets
from chat.origin import nobodys

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0


class Socket(Admitted, Protocol):
    """One open connection."""

    conversation_id: UUID
    last_active: float

    @property
    def is_following(self) -> bool:
        """Tell whether an answer is on its way to it."""
        ...

    async def signal(self, signal: dict[str, Any]) -> None:
        """Take a signal of its conversation."""
        ...

    async def close_idle(self) -> None:
        """Close, saying that it was idle."""
        ...

    async def close_signed_out(self) -> None:
        """Close, saying that the access is over."""
        ...


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """How many sockets show a conversation, and the seconds since the last activity on one."""

    conversation: str
    sockets: int
    idle_seconds: float


class Sockets:
    """The sockets of one event loop."""

    def __init__(self) -> None:
        self._by_conversation: defaultdict[UUID, set[Socket]] = defaultdict(set)
        self.people = People(self._close_signed_out)
        self._not_joined: set[str] = set()
        self._services: list[asyncio.Task[None]] = []
        self._channel = ""
        self._open = asyncio.Event()
        self._handing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return sum(map(len, self._by_conversation.values()))

    async def add(self, socket: Socket) -> None:
        """Take a socket in; from the return on, signals reach it."""
        self._serve()
        is_first = not self._by_conversation[socket.conversation_id]
        self._by_conversation[socket.conversation_id].add(socket)
        self.people.add(socket)
        if not self._channel:
            await self._join(SOCKETS)
        if is_first:
            await self._join(conversation_group(socket.conversation_id))

    async def remove(self, socket: Socket) -> None:
        """Let a socket go."""
        sockets = self._by_conversation[socket.conversation_id]
        sockets.discard(socket)
        self.people.remove(socket)
        if sockets:
            return
        del self._by_conversation[socket.conversation_id]
        group = conversation_group(socket.conversation_id)
        self._not_joined.discard(group)
        try:
            await get_channel_layer().group_discard(group, self._channel)
        except AWAY as error:
            logger.warning("signals_not_left", reason=str(error))

    def open_conversations(self) -> list[OpenConversation]:
        """Return what is open here, the most recently active first."""
        now = time.monotonic()
        rows = [
            OpenConversation(
                str(conversation), len(sockets), round(now - max(s.last_active for s in sockets), 1)
            )
            for conversation, sockets in self._by_conversation.items()
            if sockets
        ]
        return sorted(rows, key=lambda row: row.idle_seconds)

    async def aclose(self) -> None:
        """End the services."""
        for service in self._services:
            service.cancel()
        await asyncio.gather(*self._services, return_exceptions=True)
        self._services.clear()

    def _serve(self) -> None:
        if not self._services:
            self._services = [
                asyncio.create_task(self._listen(), name="signal-listener", context=nobodys()),
                asyncio.create_task(self._join_again(), name="signal-rejoin", context=nobodys()),
                asyncio.create_task(self._close_idle_ones(), name="idle-sweep", context=nobodys()),
                asyncio.create_task(self._ask_again(), name="access-recheck", context=nobodys()),
            ]

    async def _join(self, group: str) -> None:
        try:
            layer = get_channel_layer()
            if not self._channel:
                self._channel = await layer.new_channel("sockets")
                self._open.set()
            await layer.group_add(group, self._channel)
        except AWAY as error:
            if not self._not_joined:
                logger.warning("signals_not_joined", reason=str(error))
            self._not_joined.add(group)
        else:
            self._not_joined.discard(group)

    async def _listen(self) -> None:
        # Never with a time limit: a layer takes a cancelled receive for the end of its channel.
        while True:
            await self._open.wait()
            try:
                self._hand_over(await get_channel_layer().receive(self._channel))
            except AWAY as error:
                logger.warning("signals_not_heard", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _join_again(self) -> None:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            for group in list(self._not_joined):
                await self._join(group)

    def _hand_over(self, signal: dict[str, Any]) -> None:
        if signal["type"] == "access.ended":
            self.people.end(Ended(**signal["ended"]))
        elif signal["type"] == "access.moved":
            source = session_key_from_sid(signal["moved"].pop("source"))
            self.people.move(Moved(**signal["moved"], source=source or ""))
        else:
            for socket in list(self._by_conversation.get(UUID(signal["conversation"]), ())):
                self._begin(socket.signal(signal))

    def _close_signed_out(self, socket: Socket) -> None:
        self._begin(socket.close_signed_out())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._handing.add(task)
        task.add_done_callback(self._handing.discard)

    async def _ask_again(self) -> None:
        while True:
            await asyncio.sleep(settings.SOCKET_RECHECK_SECONDS)
            try:
                await self.people.recheck()
            except DatabaseFailure as error:
                logger.warning("access_not_rechecked", reason=str(error))

    async def _close_idle_ones(self) -> None:
        limit = settings.SOCKET_IDLE_SECONDS
        while True:
            await asyncio.sleep(min(limit / 4, 30))
            oldest = time.monotonic() - limit
            idle = [
                socket
                for sockets in self._by_conversation.values()
                for socket in sockets
                if socket.last_active < oldest and not socket.is_following
            ]
            for socket in idle:
                await socket.close_idle()


_sockets = PerLoop(Sockets)


def sockets() -> Sockets:
    """Return the running loop's sockets."""
    return _sockets.get()


def tell_ended(ended: Ended, **_: object) -> None:
    """Have the sockets close that were opened with an access that ended; receives ``access_ended``."""
    _everywhere(lambda here: here.people.end(ended))
    if settings.REDIS_URL:
        tell_all_sockets({"type": "access.ended", "ended": asdict(ended)})


def tell_moved(moved: Moved, **_: object) -> None:
    """Have the sockets of a session go on under its new key; receives ``access_moved``."""
    _everywhere(lambda here: here.people.move(moved))
    if settings.REDIS_URL:
        # The key of a session opens it: other processes are told in cipher.
        sealed = {**asdict(moved), "source": session_key_to_sid(moved.source)}
        tell_all_sockets({"type": "access.moved", "moved": sealed})


def _everywhere(do: Callable[[Sockets], None]) -> None:
    """Do something to this process's sockets, in the loops that they belong to."""
    for loop, here in _sockets.everywhere():
        loop.call_soon_threadsafe(do, here)
