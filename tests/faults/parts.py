"""The processes of a desk under test: started, killed, frozen, thawed and started again."""

import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.processes import ROOT

STOP_SECONDS = 40


class Part:
    """One process of the set, with whatever it starts.

    Args:
        name: names its log file.
        command: as the shell reads it, from the Procfile.
        environment: all of its variables.
        folder: where its log goes.
    """

    def __init__(self, name: str, command: str, environment: Mapping[str, str], folder: Path):
        self.name, self._command, self._environment = name, command, dict(environment)
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Tell whether the process lives, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.runs:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, shell=True, cwd=ROOT, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """End it with SIGKILL, children too, as a crash would."""
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._wait()

    def terminate(self) -> None:
        """Ask it to end, and wait until it has drained."""
        if self._process is not None and self.runs:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def freeze(self) -> None:
        """Stop it where it is: connections stay open and nothing answers."""
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        """Let it go on."""
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def log_ending(self, lines: int = 15) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _tree(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._process.pid)
            return [*parent.children(recursive=True), parent]
        return []

    def _wait(self) -> None:
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
