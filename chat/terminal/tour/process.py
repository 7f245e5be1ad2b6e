"""A desk of the tour's own: one child process on a free port, its database in a temporary folder."""

import asyncio
import os
import secrets
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import aiohttp
from django.conf import settings

START_SECONDS = 90.0
STOP_SECONDS = 10.0
LEASE_SECONDS = 2  # soon found by the tour's watchers; 8 as shipped
# What the child sees of the caller's environment: what any program needs, and how models are reached. A
# database, a Redis or an address named there belongs to something else.
_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SSL_CERT_FILE"}
_KEPT_PREFIXES = ("LC_", "PYTHON", "OPENAI_", "AZURE_", "ANTHROPIC_", "COMPATIBLE_", "LLM_")


class TourBroken(Exception):
    """The tour cannot go on; says why."""


class DeskProcess:
    """The process; ``changes`` are settings of its own."""

    def __init__(self, folder: Path, changes: dict[str, str]):
        self._folder = folder
        self._place = _kept_place()
        port = self._place.getsockname()[1]
        self.site = f"http://127.0.0.1:{port}"
        self._process: asyncio.subprocess.Process | None = None
        kept = {
            name: value
            for name, value in os.environ.items()  # handed on, not read
            if name in _KEPT or name.startswith(_KEPT_PREFIXES)
        }
        self._environment = kept | {
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'tour.sqlite3'}",
            "PORT": str(port),
            "SECRET_KEY": secrets.token_urlsafe(60),
            "LOG_LEVEL": "WARNING",
            "TURN_LEASE_SECONDS": str(LEASE_SECONDS),
            **changes,
        }

    @property
    def pid(self) -> int | None:
        """The process under way."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it, with the sample airline, and return when it answers.

        Raises:
            TourBroken: it ended, or did not answer in time.
        """
        command = (sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "demo")
        with (self._folder / "desk.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while not await self._answers():
            if self._process.returncode is not None or time.monotonic() > until:
                raise TourBroken(f"The tour's desk did not start:\n{self._end_of_log()}")
            await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """Kill it, without a chance to tidy up."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    async def _answers(self) -> bool:
        limits = aiohttp.ClientTimeout(total=5)
        try:
            async with (
                aiohttp.ClientSession(timeout=limits) as http,
                http.get(f"{self.site}/health") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _end_of_log(self) -> str:
        lines = (self._folder / "desk.log").read_text(errors="replace").strip().splitlines()
        return "\n".join(lines[-10:])


def _kept_place() -> socket.socket:
    """Return a socket that keeps a free port for the process, which may bind it too, again and again.

    A port that is let go before somebody listens may be given to any other program meanwhile.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place
