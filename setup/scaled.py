"""Runs the processes of ``Procfile`` on this machine until Ctrl-C, after bringing the database up to date.

Honcho starts and stops them. Added here is what a desk needs on a bad day: a process that dies is started
again instead of taking the others down with it, and all of them get the time to finish what they are writing.

Usage: scaled.py [TYPE=NUMBER ...]   for example worker=4; without it worker=2 and one of each other type.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import psycopg
import redis
from honcho import manager
from honcho.environ import expand_processes, parse_procfile
from honcho.process import Process
from layout import ROOT, VAR
from progress import ProgressLine

FORMATION = {"web": 1, "worker": 2, "beat": 1}
# A little above the longest turn, so that a worker can end the answers it has begun.
manager.KILL_WAIT = 130
# A process that dies younger than this has a fault that starting it again does not cure.
SETTLED_SECONDS = 10
ANSWER_SECONDS = 5


class RestartedProcess(Process):
    """A process that is started again when it ends by itself after it had settled."""

    stopping: Any  # a multiprocessing event: the whole set is to end

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run the process, again and again as long as it should be there."""
        self.again = True
        while self.again:
            self.again = False
            self.began = time.monotonic()
            super().run(events, ignore_signals)

    def _send_message(self, data: Any, type: str = "line") -> None:
        settled = time.monotonic() - self.began > SETTLED_SECONDS
        if type == "stop" and settled and not self.stopping.is_set():
            self.again = True
            data, type = f"ended with code {data['returncode']}; starting again\n".encode(), "line"
        super()._send_message(data, type)


class DrainingManager(manager.Manager):
    """Honcho's manager with restarts; a second Ctrl-C ends everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = RestartedProcess
        self.stopping = multiprocessing.Event()

    def add_process(self, *arguments: Any, **named: Any) -> Process:
        """Add a process that knows when the whole set is to end."""
        process = super().add_process(*arguments, **named)
        process.stopping = self.stopping
        return process

    def terminate(self) -> None:
        """Ask every process to finish what it does and end."""
        self.stopping.set()
        signal.signal(signal.SIGINT, lambda number, frame: self.kill())
        super().terminate()


def main(words: Sequence[str]) -> int:
    """Check both servers, prepare database and static files, run the set, and return its exit code."""
    formation = {**FORMATION, **{name: int(number) for name, _, number in (w.partition("=") for w in words)}}
    check_redis()
    check_database()
    VAR.mkdir(parents=True, exist_ok=True)
    manage("Database", "migrate", "--noinput")
    manage("Static files", "collectstatic", "--noinput")
    port = int(os.environ.get("PORT") or 8000)
    print(f"\n  Serving on http://{os.environ.get('HOST', '127.0.0.1')}:{port}/ ; Ctrl-C drains and stops.\n")
    desk = DrainingManager()
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    for process in expand_processes(processes, concurrency=formation, env={}, port=port):
        # One port for all of them: only the web process listens, and the others must know its address.
        environment = {**os.environ, **process.env, "PORT": str(port)}
        desk.add_process(process.name, process.cmd, env=environment, cwd=ROOT)
    desk.loop()
    return desk.returncode


def check_redis() -> None:
    """End with one line when the Redis of ``REDIS_URL`` does not answer."""
    url = os.environ.get("REDIS_URL")
    try:
        if url:
            redis.from_url(url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS).ping()
    except (redis.RedisError, ValueError) as error:
        sys.exit(f"chatsite: no Redis answers at REDIS_URL: {error}")


def check_database() -> None:
    """End with one line when the PostgreSQL of ``DATABASE_URL`` does not answer."""
    url = os.environ.get("DATABASE_URL", "")
    try:
        if url.startswith(("postgres://", "postgresql://")):
            psycopg.connect(url, connect_timeout=ANSWER_SECONDS).close()
    except psycopg.Error as error:
        sys.exit(f"chatsite: no PostgreSQL answers at DATABASE_URL: {' '.join(str(error).split())}")


def manage(title: str, *words: str) -> None:
    """Run a command of manage.py under one progress line; end with its last words when it fails."""
    with ProgressLine(title):
        command = [sys.executable, "manage.py", *words, "--verbosity", "0"]
        done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stderr}\nchatsite: manage.py {words[0]} failed, see above")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
