"""Runs the set-up's commands with one line of progress each; the full output goes to a log file."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from layout import LOG, ROOT

TAIL_LINES = 12
TICK_SECONDS = 0.2


class SetupError(Exception):
    """The set-up cannot go on; the message says what a person can do, in one line."""


class CommandError(SetupError):
    """A command of the set-up ended with an error; ``tail`` holds the end of its output."""

    def __init__(self, title: str, tail: str) -> None:
        super().__init__(f"{title} failed; the full output is in {LOG}")
        self.tail = tail


class ProgressLine:
    """One line on the terminal that is redrawn while work goes on; plain lines when there is no terminal."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()

    def __enter__(self) -> Self:
        self.show("")
        return self

    def show(self, detail: str) -> None:
        """Redraw the line with the seconds and ``detail``; without a terminal only the first call prints."""
        seconds = time.monotonic() - self.started
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            text = f"  {self.title:<26} {seconds:5.1f} s  {detail}"[:width]
            print(f"\r{text:<{width}}", end="", flush=True)
        elif not detail and seconds < TICK_SECONDS:
            print(f"  {self.title} ...", flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.monotonic() - self.started
        outcome = "" if kind is None else "  not finished"
        erase = "\r\033[K" if self.live else ""
        print(f"{erase}  {self.title:<26} {seconds:5.1f} s{outcome}", flush=True)


def run(title: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
    """Run ``command`` in the project's folder under one progress line.

    ``environment`` is added to the present one. Raises ``CommandError`` when the command ends with an error.
    """
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log, ProgressLine(title) as line:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        child = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            output = _follow(child, line, log)
        finally:
            _end(child)
    if child.returncode:
        tail = output.decode(errors="replace").splitlines()[-TAIL_LINES:]
        raise CommandError(title, "\n".join(tail))


def _follow(child: subprocess.Popen[bytes], line: ProgressLine, log: IO[bytes]) -> bytes:
    """Copy the child's output to the log until it ends, showing its latest line; return the end of it."""
    output = b""
    pipe = child.stdout.fileno()
    while True:
        ready, _, _ = select.select([pipe], [], [], TICK_SECONDS)
        if ready:
            piece = os.read(pipe, 65_536)
            if not piece:
                child.wait()
                return output
            log.write(piece)
            output = (output + piece)[-20_000:]
        words = output.decode(errors="replace").strip().rsplit("\n", 1)
        line.show(words[-1].strip())


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child that is still running because the set-up was stopped."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    child.stdout.close()
