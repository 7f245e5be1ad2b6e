"""Whose sockets are open here, and which of them end when a person's access does."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Protocol

from accounts.signals import Ended, Moved
from accounts.tokens.access import Access, ended_among
from chat.database import in_database

AT_ONCE = 5_000  # sockets asked about in one go


class Admitted(Protocol):
    """A socket that somebody was let in to."""

    access: Access


class People:
    """The sockets of one event loop, by person."""

    def __init__(self, close: Callable[[Admitted], None]):
        """``close`` begins to close a socket whose access is over."""
        self._close = close
        self._by_user: defaultdict[int, set[Admitted]] = defaultdict(set)
        self._expiring: dict[Admitted, asyncio.TimerHandle] = {}

    def add(self, socket: Admitted) -> None:
        """Take a socket in; one whose access has an end of its own is closed then."""
        self._by_user[socket.access.user_id].add(socket)
        if socket.access.expires_at is not None:
            left = max(0.0, socket.access.expires_at - time.time())
            self._expiring[socket] = asyncio.get_running_loop().call_later(left, self._shut, socket)

    def remove(self, socket: Admitted) -> None:
        """Let a socket go; one that has gone already stays so."""
        sockets = self._by_user[socket.access.user_id]
        sockets.discard(socket)
        if not sockets:
            del self._by_user[socket.access.user_id]
        if timer := self._expiring.pop(socket, None):
            timer.cancel()

    def end(self, ended: Ended) -> None:
        """Close what was opened with the access that ended."""
        for socket in self._of(ended.user_id):
            handle = socket.access.handle
            if handle == ended.handle or (not ended.handle and handle != ended.kept):
                self._shut(socket)

    def move(self, moved: Moved) -> None:
        """Let the sockets of a session go on under its new key."""
        for socket in self._of(moved.user_id):
            if socket.access.handle == moved.handle:
                socket.access = replace(socket.access, source=moved.source, stamp=moved.stamp)

    async def recheck(self) -> None:
        """Close what would not be let in any more, told or not: a few queries for all sockets together.

        Raises:
            django.db.Error: nobody can tell just now.
        """
        for batch in self._batches():
            over = await in_database(ended_among, {socket.access for socket in batch})
            for socket in batch:
                if socket.access in over:
                    self._shut(socket)

    def _shut(self, socket: Admitted) -> None:
        self.remove(socket)  # it is told once, by whichever way the news comes first
        self._close(socket)

    def _of(self, user_id: int) -> list[Admitted]:
        return list(self._by_user.get(user_id, ()))

    def _batches(self) -> Iterator[Collection[Admitted]]:
        sockets = [socket for ones in self._by_user.values() for socket in ones]
        for start in range(0, len(sockets), AT_ONCE):
            yield sockets[start : start + AT_ONCE]
