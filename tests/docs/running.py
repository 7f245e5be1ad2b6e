"""One example run in a process of its own, as somebody does who copies it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.docs.desk import Desk
from tests.docs.pages import ROOT, Example, is_as_shown

SECONDS: Final = 60
# Who follows a turn that has ended gets its end alone: where pieces are shown, the model begins a bit later.
_READY_SECONDS: Final = 0.5
_STOPS: Final = re.compile(r"[/}]stop\b")  # the address of a turn's end
_COMMANDS: Final[dict[str, Sequence[str]]] = {
    "bash": ("bash", "-eu", "-c"),
    "python": (sys.executable, "-c"),
    "javascript": ("node", "--input-type=module", "-e"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """What became of an example: its exit code, what it printed, and the seconds it took."""

    example: Example
    code: int
    output: str
    errors: str
    seconds: float
    address: str

    @property
    def fault(self) -> str:
        """What is wrong with it; empty: nothing."""
        if self.code:
            return f"exit code {self.code}\n{self.output}\n{self.errors}"
        if self.example.output is None:
            return "the page does not say what it prints"
        if not is_as_shown(self.output, _placed(self.example.output, self.address)):
            return f"it printed\n{self.output}\nand the page shows\n{self.example.output}"
        return ""


def run(example: Example, desk: Desk) -> Run:
    """Run an example against a desk; one that stops an answer finds a model that says nothing yet."""
    address = desk.variables["DESK"]
    text = _placed(example.text, address).replace("csk_…", desk.variables["KEY"])
    desk.pace(held=bool(_STOPS.search(text)), delay=_READY_SECONDS if "stream" in text else 0.0)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [*_COMMANDS[example.language], text], env={**os.environ, **desk.variables}, cwd=ROOT,
            capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Run(example, 124, "", f"it took more than {SECONDS} s", SECONDS, address)
    finally:
        desk.pace()
    return Run(example, done.returncode, done.stdout, done.stderr, time.monotonic() - began, address)


def _placed(text: str, address: str) -> str:
    return text.replace("https://desk.example.org", address)
