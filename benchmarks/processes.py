"""Programs that a benchmark starts: each in a process group of its own, ended with everything it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 30
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


class ProcessFailed(Exception):
    """A program ended when it should serve, or could not do its work; holds the end of what it wrote."""


def clean_environment(**settings: str) -> dict[str, str]:
    """Return an environment for a measured program: what any program needs, and the given settings.

    Nothing else of the caller's shell gets in, so that a setting exported there changes no result. The
    programs of the running Python come first on the path.
    """
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, **settings}


class Process:
    """A program under way; a context manager that starts and ends it.

    Args:
        name: names its log file.
        command: its words; a string is run by the shell, as in a Procfile.
        environment: all of its variables.
        folder: where its log goes.
        tells: whether it prints one line on standard output when it serves.
    """

    def __init__(
        self,
        name: str,
        command: str | Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        tells: bool = False,
    ):
        self.name, self._command, self._environment = name, command, environment
        self._log = folder / f"{name}.log"
        self._tells = tells
        self.told = ""
        self.pid = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def has_ended(self) -> bool:
        """Tell whether the program has ended."""
        return self._process is None or self._process.poll() is not None

    def ending(self) -> str:
        """Return the last lines of its log."""
        return "\n".join(self._log.read_text(errors="replace").strip().splitlines()[-15:])

    def stop(self) -> None:
        """Ask it to end, wait, then end whatever of its group is left."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):  # the whole group has ended, as it should
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _wait_for_group(process.pid)

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command,
                shell=isinstance(self._command, str),
                cwd=ROOT,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._tells else log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.pid = self._process.pid
        if self._tells:
            self._listen(self._process)
        return self

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.told = process.stdout.readline().strip()
        if not self.told:
            self.stop()
            raise ProcessFailed(f"{self.name} did not start:\n{self.ending()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _wait_for_group(group: int) -> None:
    """Return when no process of the group runs any more: a kill is a request, carried out a moment later."""
    give_up = time.monotonic() + STOP_SECONDS
    while any(_runs_in(process, group) for process in psutil.process_iter()):
        if time.monotonic() > give_up:
            raise ProcessFailed(f"processes of group {group} do not end")
        time.sleep(0.01)


def _runs_in(process: psutil.Process, group: int) -> bool:
    with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    return False


def run_to_its_end(name: str, command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a program and return what it printed.

    Raises:
        ProcessFailed: it ended with an error.
    """
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProcessFailed(f"{name} failed:\n{done.stderr[-2_000:]}")
    return done.stdout
