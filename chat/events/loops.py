"""Objects that belong to one event loop: sockets and tasks made on one loop are of no use on another."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

_T = TypeVar("_T")


class PerLoop(Generic[_T]):
    """One object for each running event loop, built on first use."""

    def __init__(self, build: Callable[[], _T]):
        self._build = build
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _T] = WeakKeyDictionary()

    def get(self) -> _T:
        """Return the running loop's object, building it if there is none."""
        loop = asyncio.get_running_loop()
        found = self._by_loop.get(loop)
        if found is None:
            found = self._by_loop[loop] = self._build()
        return found

    def everywhere(self) -> list[tuple[asyncio.AbstractEventLoop, _T]]:
        """Return every loop's object with its loop; for other threads, which must go through the loop."""
        return [(loop, found) for loop, found in list(self._by_loop.items()) if not loop.is_closed()]

    def pop(self) -> _T | None:
        """Forget and return the running loop's object."""
        return self._by_loop.pop(asyncio.get_running_loop(), None)
