"""The systems that are measured, each started as its user would start it, and ended with all it started."""

import json
import secrets
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from honcho.environ import parse_procfile

from benchmarks.load_client import Place, Visitor
from benchmarks.processes import ROOT, Process, ProcessFailed, clean_environment, run_to_its_end
from tests.services import PostgresServer, RedisServer, free_port

PYTHON = sys.executable
START_SECONDS = 90
FORMATION = {"web": 1, "worker": 2, "beat": 1}  # what `make up` starts when nothing else is asked for
# Limits are counted as ever, and none is reached: a crowd of one machine comes from one address.
NEVER_REACHED = {
    f"LIMIT_{name}": "1000000/m"
    for name in (
        "CONVERSATION_MESSAGES",
        "USER_MESSAGES",
        "USER_REQUESTS",
        "ANONYMOUS_REQUESTS",
        "SOCKET_FRAMES",
    )
}
PARTS = {"web": "web", "worker": "worker", "beat": "worker"}


class System:
    """Something that answers on a socket; a context manager that starts and stops it.

    Args:
        provider: base address of the model provider, up to and with ``/v1``.
        deflate: whether clients offer to compress frames, as browsers do.
    """

    name = ""

    def __init__(self, provider: str, *, deflate: bool = False):
        self.provider, self.deflate = provider, deflate
        self.parts: dict[str, list[int]] = {}
        self.processes: list[Process] = []
        self._stack = ExitStack()

    @property
    def place(self) -> Place:
        """Where it serves."""
        raise NotImplementedError

    @property
    def server_pids(self) -> list[int]:
        """The processes whose memory is the server's: all but Redis and the database."""
        return self.parts["web"] + self.parts.get("worker", [])

    def visitors(self, count: int) -> list[Visitor]:
        """Return that many customers, new ones on every call."""
        raise NotImplementedError

    def begin(self) -> None:
        """Start everything and wait until it answers."""
        raise NotImplementedError

    def run(self, name: str, part: str, command: str | list[str], **how: Any) -> Process:
        """Start a process that belongs to a part of the system and ends with it."""
        process = self._stack.enter_context(Process(name, command, folder=self.folder, **how))
        self.processes.append(process)
        self.parts.setdefault(part, []).append(process.pid)
        return process

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-bench-"))
            self.folder = Path(folder)
            self.begin()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


class Bare(System):
    """The bare relay."""

    name = "bare"

    def begin(self) -> None:
        """Start the relay, which tells its port."""
        command = [PYTHON, "-m", "benchmarks.bare", "--provider", self.provider]
        relay = self.run("bare", "web", command, environment=clean_environment(), tells=True)
        self._port = relay.told

    @property
    def place(self) -> Place:
        """Where it serves."""
        return Place(f"ws://127.0.0.1:{self._port}", footnotes=False, deflate=self.deflate)

    def visitors(self, count: int) -> list[Visitor]:
        """Return visitors whom the relay does not look at."""
        return [Visitor("", str(uuid4())) for _ in range(count)]


class Product(System):
    """Chatsite, in one of its two ways to run."""

    workers = 0

    def __init__(self, provider: str, *, deflate: bool = False, **settings: str):
        super().__init__(provider, deflate=deflate)
        self._port = free_port()
        self._settings = settings
        self._key = secrets.token_urlsafe(60)

    @property
    def place(self) -> Place:
        """Where it serves."""
        return Place(f"ws://127.0.0.1:{self._port}", deflate=self.deflate)

    def services(self) -> Mapping[str, str]:
        """Start what the site needs beside itself; return the settings that name it."""
        return {}

    def start(self) -> None:
        """Start the site's processes."""
        raise NotImplementedError

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the site's processes."""
        return clean_environment(
            SECRET_KEY=self._key,
            VAR_DIR=str(self.folder),
            PORT=str(self._port),
            LLM_CHAIN="compatible",
            COMPATIBLE_BASE_URL=self.provider,
            COMPATIBLE_MODEL="fake",
            **NEVER_REACHED,
            **self._services,
            **self._settings,
            **more,
        )

    def begin(self) -> None:
        """Start services, prepare the database, start the site, and wait until it can answer."""
        self._services = self.services()
        [self._watcher] = self._people(1, "--staff")
        self.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            for process in self.processes:
                if process.has_ended:
                    raise ProcessFailed(f"{process.name} ended:\n{process.ending()}")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} was not ready in {START_SECONDS} s:\n{self._health()}")
            time.sleep(0.1)

    def visitors(self, count: int) -> list[Visitor]:
        """Make customers in the database, each with a session and a conversation."""
        return self._people(count)

    def _people(self, count: int, *options: str) -> list[Visitor]:
        command = [PYTHON, "-m", "benchmarks.prepare", str(count), *options]
        lines = run_to_its_end("prepare", command, self.environment()).splitlines()
        return [Visitor(*json.loads(line)) for line in lines]

    def _is_ready(self) -> bool:
        health = self._health()
        if health.get("status") != "ok":
            return False
        return health["checks"].get("workers", {"count": 0})["count"] >= self.workers

    def _health(self) -> dict[str, Any]:
        """Return what the site says of itself to staff; its status is the error where it does not answer."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/health", headers={"Cookie": f"sessionid={self._watcher.session}"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError as error:
            return {"status": str(error)}


class Embedded(Product):
    """One process, SQLite, nothing else."""

    name = "embedded"

    def start(self) -> None:
        """Start the web process of the Procfile by itself."""
        self.run("web", "web", procfile()["web"], environment=self.environment(WEB_WORKERS="1"))


class Scaled(Product):
    """The Procfile's processes over Redis and PostgreSQL, as many of each as ``make up`` starts."""

    name = "scaled"
    workers = FORMATION["worker"]

    def services(self) -> Mapping[str, str]:
        """Start Redis and PostgreSQL."""
        redis = self._stack.enter_context(RedisServer())
        postgres = self._stack.enter_context(PostgresServer())
        assert redis.process is not None and postgres.process is not None
        self.parts |= {"redis": [redis.process.pid], "postgres": [postgres.process.pid]}
        return {"REDIS_URL": redis.url, "DATABASE_URL": postgres.url}

    def start(self) -> None:
        """Start every process of the Procfile."""
        for kind, command in procfile().items():
            for number in range(1, FORMATION[kind] + 1):
                name = f"{kind}.{number}"
                environment = self.environment(HONCHO_PROCESS_NAME=name)
                self.run(name, PARTS[kind], command, environment=environment)


def procfile() -> dict[str, str]:
    """Return the commands of the Procfile by kind of process."""
    return dict(parse_procfile((ROOT / "Procfile").read_text()).processes)


SYSTEMS: dict[str, type[System]] = {system.name: system for system in (Bare, Embedded, Scaled)}
