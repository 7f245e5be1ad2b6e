"""The product as a user would run it, for browser tests and pictures: its own process, port and database."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PREPARE_SECONDS = 300  # of one command; three of them and the start have taken 100 on a busy machine
START_SECONDS = 60
END_SECONDS = 15
PASSWORD = "larkwing-demo"


class Product:
    """The embedded site with the sample airline; ``with`` serves it and ends it by its process id.

    Args:
        folder: where its database, secrets and collected files go.
        provider_url: base address of an OpenAI-compatible model; without one the desk quotes its documents.
        settings: further environment variables.
    """

    def __init__(self, folder: Path, *, provider_url: str = "", **settings: str):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "chatsite.sqlite3"
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
        }
        self._environment = {
            **inherited,
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "SECRET_KEY": "for-tests-" + "0" * 50,
            "LOG_FORMAT": "console",
            "RATELIMIT_ENABLE": "false",
            "PYTHONUNBUFFERED": "1",
            **({"COMPATIBLE_BASE_URL": provider_url, "COMPATIBLE_MODEL": "fake"} if provider_url else {}),
            **settings,
        }

    def prepare(self) -> None:
        """Make the tables, load the sample airline, collect the static files."""
        for command in (["migrate", "-v0"], ["load_sample"], ["collectstatic", "--noinput", "-v0"]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=self._environment,
                check=True,
                timeout=PREPARE_SECONDS,
            )

    def start(self) -> None:
        """Serve, and wait until pages come.

        Raises:
            RuntimeError: the server ended or did not answer in time; the message has its last words.
        """
        command = [sys.executable, "-m", "uvicorn", "chatsite.asgi:application", "--port", str(self.port)]
        options = [
            "--loop",
            "uvloop",
            "--ws",
            "websockets-sansio",
            "--no-proxy-headers",
            "--log-level=warning",
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the site did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/accounts/sign-in/", timeout=2) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """End it the way an operator would, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a warning."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
