"""A model provider that does as it is told, over real HTTP: two vendors' protocols, any pace, any fault.

``python -m benchmarks.fake_provider --port 0`` prints its address and serves until it is told to stop.
In a test::

    with FakeProvider() as provider:                      # a thread of its own
        provider.script(text="Hello.", faults=["429:2"])  # the first call gets 429, the next ones the text
        ...
        assert provider.calls == 2

Over HTTP the same is ``POST /control`` with JSON. ``GET /control`` counts, ``GET /control/requests`` shows
the last calls, ``GET /control/timings`` says when each marked question came and was first answered (seconds
of the machine's monotonic clock). One call is made to fail by the header ``x-fake-fault: cut`` or by a model
whose name holds ``fault=cut``.
"""

import asyncio
import threading
from typing import Any, Self

from benchmarks.fake_provider.script import Script, answer_text
from benchmarks.fake_provider.server import Connection, Ledger

__all__ = ["FakeProvider", "answer_text"]


class FakeProvider:
    """The server; ``with`` runs it in a thread, ``async with`` in the running event loop.

    Args:
        port: port on 127.0.0.1; 0 takes a free one.
        script: settings of ``script.Script``, as keywords.
    """

    def __init__(self, port: int = 0, **script: Any):
        self._port = port
        self._script, self._ledger = Script(), Ledger()
        self._script.change(script)
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- what it is told and what it saw ----------------------------------------------------------

    @property
    def root_url(self) -> str:
        """Address without a path: Anthropic's base address and Azure's endpoint."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """OpenAI's base address."""
        return f"{self.root_url}/v1"

    def script(self, **changes: Any) -> None:
        """Change how the next calls are answered; see ``script.Script``.

        Raises:
            ValueError: a setting or a fault does not exist.
        """
        self._script.change(changes)

    @property
    def ledger(self) -> Ledger:
        """Everything that was counted."""
        return self._ledger

    @property
    def calls(self) -> int:
        """Number of model calls."""
        return self._ledger.calls

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The last calls, each with path, headers and body."""
        return list(self._ledger.requests)

    @property
    def disconnects(self) -> int:
        """Number of clients that left before their answer ended."""
        return self._ledger.disconnects

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return len(self._connections)

    # --- life -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, in the running event loop.

        Raises:
            OSError: the port is taken.
        """
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_server(
            lambda: Connection(self._script, self._ledger, self._connections),
            "127.0.0.1",
            self._port,
            backlog=4096,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="fake-provider", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.start(), loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        loop, thread = self._loop, self._thread
        assert loop is not None and thread is not None
        asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
