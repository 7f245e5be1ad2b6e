"""Somebody at a terminal: runs a command on a pseudo-terminal, types, reads what comes."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PATIENCE_SECONDS = 60
_SEQUENCES = re.compile(r"\x1b\[[\d;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>()][A-Z0-9]?|\r")


class TypingPerson:
    """The person and the screen's output so far."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int):
        self._process, self._terminal = process, terminal
        self.raw = ""
        self._read_to = 0

    @property
    def seen(self) -> str:
        """Everything shown, without colours and cursor movements."""
        return _SEQUENCES.sub("", self.raw)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._terminal, text.encode())

    def wait_for(self, words: str) -> None:
        """Read until the words are shown, after those that were waited for before."""
        self._read(lambda: words in self.seen[self._read_to :], words)
        self._read_to += self.seen[self._read_to :].index(words) + len(words)

    def wait_for_end(self) -> int:
        """Read until the command ends; return its code."""
        self._read(lambda: self._process.poll() is not None, "the end")
        return self._process.wait()

    def _read(self, enough, what: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not enough():
            assert time.monotonic() < until, f"waited for {what!r}; seen: {self.seen[-2000:]}"
            if select.select([self._terminal], [], [], 0.1)[0]:
                try:
                    self.raw += os.read(self._terminal, 65_536).decode(errors="replace")
                except OSError:  # the other side is closed
                    self._process.wait(10)


@contextmanager
def at_terminal(command: Sequence[str], env: dict[str, str], *, columns: int = 80) -> Iterator[TypingPerson]:
    """Run a command whose standard streams are a terminal of its own."""
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    process = subprocess.Popen(
        command, stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env={**env, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )  # fmt: skip
    os.close(inside)
    try:
        yield TypingPerson(process, terminal)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
