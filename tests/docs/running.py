"""One example run in a process of its own, as somebody does who copies it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.docs.desk import Desk
from tests.docs.pages import ROOT, Example, is_as_shown

SECONDS: Final = 60
_COMMANDS: Final[dict[str, Sequence[str]]] = {
    "bash": ("bash", "-euo", "pipefail", "-c"),
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

    @property
    def fault(self) -> str:
        """What is wrong with it; empty: nothing."""
        if self.code:
            return f"exit code {self.code}\n{self.output}\n{self.errors}"
        if self.example.output is None:
            return "the page does not say what it prints"
        if not is_as_shown(self.output, self.example.output):
            return f"it printed\n{self.output}\nand the page shows\n{self.example.output}"
        return ""


def run(example: Example, desk: Desk) -> Run:
    """Run an example against a desk; one that stops an answer finds a model that has not said a word yet."""
    text = example.text.replace("https://desk.example.org", desk.variables["DESK"])
    text = text.replace("csk_…", desk.variables["KEY"])
    desk.hold("/stop" in text)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [*_COMMANDS[example.language], text], env={**os.environ, **desk.variables}, cwd=ROOT,
            capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    finally:
        desk.hold(False)
    return Run(example, done.returncode, done.stdout, done.stderr, time.monotonic() - began)
