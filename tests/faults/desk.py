"""The scaled desk as real processes: two web servers, two workers, beat, Redis, PostgreSQL, a provider."""

import json
import secrets
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.fake_provider import FakeProvider
from benchmarks.processes import clean_environment, run_to_its_end
from benchmarks.systems import NEVER_REACHED, procfile
from tests.faults.parts import Part
from tests.services import PostgresServer, RedisServer, free_port

START_SECONDS = 90
WEBS, WORKERS = 2, 2


class CarefulPostgres(PostgresServer):
    """A PostgreSQL that keeps what it has committed when it is killed."""

    def command(self) -> list[str]:
        """Return the words that start PostgreSQL."""
        return [*super().command(), "-c", "synchronous_commit=on"]


class Desk:
    """The set; a context manager that starts it, waits until it answers, and ends it.

    Args:
        settings: changes to the product's settings.
        script: how the provider answers; see ``benchmarks.fake_provider``.
    """

    def __init__(self, settings: dict[str, str] | None = None, **script: Any):
        self._settings = settings or {}
        self._script = {"tokens": 40, "delay": 0.1, "interval": 0.02, "citations": True, **script}
        self._stack = ExitStack()
        self._key = secrets.token_urlsafe(60)
        self.ports = [free_port() for _ in range(WEBS)]
        self.webs: list[Part] = []
        self.workers: list[Part] = []
        self.beat: Part

    @property
    def parts(self) -> list[Part]:
        """Every process of the product."""
        return [*self.webs, *self.workers, self.beat]

    def visitors(self, count: int) -> list[tuple[str, str]]:
        """Make customers in the database; return session and conversation of each."""
        command = [sys.executable, "-m", "benchmarks.prepare", str(count)]
        lines = run_to_its_end("prepare", command, self.environment(self.ports[0])).splitlines()
        return [(session, conversation) for session, conversation in map(json.loads, lines)]

    def environment(self, port: int, **more: str) -> dict[str, str]:
        """Return the environment of the product's processes."""
        return clean_environment(
            SECRET_KEY=self._key,
            VAR_DIR=str(self.folder),
            PORT=str(port),
            WEB_WORKERS="1",
            LLM_CHAIN="compatible,extractive",
            COMPATIBLE_BASE_URL=self.provider.base_url,
            COMPATIBLE_MODEL="fake",
            LLM_FIRST_TOKEN_SECONDS="3",
            LLM_BETWEEN_TOKENS_SECONDS="2",
            DATABASE_URL=self.postgres.url,
            REDIS_URL=self.redis.url,
            TRUSTED_ORIGINS=",".join(f"http://127.0.0.1:{one}" for one in self.ports),
            **{**NEVER_REACHED, **self._settings, **more},
        )

    def health(self, web: int = 0) -> dict[str, Any]:
        """Return what a web server says of itself; its status is the error where it does not answer."""
        try:
            url = f"http://127.0.0.1:{self.ports[web]}/health"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError as error:
            return {"status": str(error)}

    def wait_until(self, ready: str = "ok", *, seconds: float = START_SECONDS) -> None:
        """Return when every web server says ``ready``.

        Raises:
            TimeoutError: it took longer.
        """
        end = time.monotonic() + seconds
        while not all(self.health(web).get("status") == ready for web in range(WEBS)):
            if time.monotonic() > end:
                logs = "\n".join(f"--- {part.name}\n{part.log_ending()}" for part in self.parts)
                raise TimeoutError(f"not {ready} in {seconds} s: {self.health()}\n{logs}")
            time.sleep(0.1)

    def mend(self) -> None:
        """Let everything run again, whatever was done to it."""
        for server in (self.redis, self.postgres):
            server.resume()
            if server.process is None or server.process.poll() is not None:
                server.start()
        for part in self.parts:
            part.thaw()
            part.start()

    def _begin(self) -> None:
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-faults-")))
        self.redis = self._stack.enter_context(RedisServer())
        self.postgres = self._stack.enter_context(CarefulPostgres())
        self.provider = self._stack.enter_context(FakeProvider(**self._script))
        self.visitors(1)
        commands = procfile()
        self.webs = [
            self._part(f"web{number}", commands["web"], port)
            for number, port in enumerate(self.ports, start=1)
        ]
        self.workers = [
            self._part(f"worker{number}", commands["worker"], self.ports[0])
            for number in range(1, WORKERS + 1)
        ]
        self.beat = self._part("beat", commands["beat"], self.ports[0])
        for part in self.parts:
            part.start()
        self.wait_until()

    def _part(self, name: str, command: str, port: int) -> Part:
        environment = self.environment(port, HONCHO_PROCESS_NAME=name)
        part = Part(name, command, environment, self.folder)
        self._stack.callback(part.kill)
        return part

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            self._begin()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
