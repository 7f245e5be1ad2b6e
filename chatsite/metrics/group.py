"""The processes that share a ``VAR_DIR``: each gives its figures to the others over a Unix socket.

A process takes the first free place of its role ("web-0", "web-1" …) by a lock on a file, which the kernel
lets go when the process ends, however it ends; the next process takes the place over. To Prometheus that is a
counter that begins anew, which ``rate`` allows for.
"""

import asyncio
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, Literal

import structlog
from django.conf import settings
from prometheus_client import Metric

from chatsite.metrics.exposition import own, packed, unpacked

logger = structlog.get_logger(__name__)

MOST_PLACES: Final = 256
PATIENCE_SECONDS: Final = 2.0
_MOST_PATH_BYTES: Final = 100  # a Unix socket's path is 107 at most

Role = Literal["web", "worker"]


class Group:
    """This process's place among those of one folder."""

    def __init__(self, folder: Path):
        """``folder`` need not exist; whoever may open what is in it may read the figures."""
        self._folder = folder
        self.place = ""

    async def serve(self, role: Role) -> None:
        """Take a place and answer the others until cancelled. Without room for files, does nothing."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._take(role)
        except OSError as error:
            logger.warning("metrics_not_shared", reason=str(error))
            return
        try:
            with self._listening() as listening:
                server = await asyncio.start_unix_server(self._answer, sock=listening)
                async with server:
                    await server.serve_forever()
        finally:
            self.place = ""
            lock.close()

    async def others(self) -> dict[str, list[Metric]]:
        """Return the figures of the other processes by their places; who does not answer is left out."""
        names = sorted(path.stem for path in self._folder.glob("*.sock") if path.stem != self.place)
        answers = await asyncio.gather(*(self._ask(name) for name in names))
        return {name: families for name, families in zip(names, answers, strict=True) if families}

    def _take(self, role: Role) -> IO[bytes]:
        """Return the open lock of the first free place.

        Raises:
            OSError: the folder cannot be written to, or there is no free place.
        """
        for number in range(MOST_PLACES):
            lock = (self._folder / f"{role}-{number}.lock").open("ab")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
            else:
                self.place = f"{role}-{number}"
                return lock
        raise OSError("every place is taken")

    @contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        path = self._folder / f"{self.place}.sock"
        path.unlink(missing_ok=True)  # of a process that was killed
        listening = socket.socket(socket.AF_UNIX)
        with self._address(path) as address:
            listening.bind(address)
        path.chmod(0o600)
        try:
            yield listening
        finally:
            path.unlink(missing_ok=True)

    async def _answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(packed(await own()))
            await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _ask(self, place: str) -> list[Metric]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                with self._address(self._folder / f"{place}.sock") as address:
                    reader, writer = await asyncio.open_unix_connection(address)
                try:
                    sent = await reader.read(-1)
                finally:
                    writer.close()
            return unpacked(sent)
        except (TimeoutError, ValueError, OSError) as error:
            if isinstance(error, ConnectionRefusedError):
                self._clean_up(place)
            return []

    def _clean_up(self, place: str) -> None:
        """Remove what a killed process has left, unless another is just taking its place."""
        with suppress(OSError), (self._folder / f"{place}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (self._folder / f"{place}.sock").unlink(missing_ok=True)

    @contextmanager
    def _address(self, path: Path) -> Iterator[str]:
        """Yield a name of the path that is short enough for a socket."""
        if len(os.fsencode(path)) <= _MOST_PATH_BYTES:
            yield str(path)
            return
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            yield f"/proc/self/fd/{folder}/{path.name}"
        finally:
            os.close(folder)


group = Group(settings.VAR_DIR / "metrics")
