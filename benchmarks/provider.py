"""The fake provider as a benchmark uses it: in a process of its own, told what to do over HTTP."""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.load_client import Load
from benchmarks.processes import Process, clean_environment


class ProviderControl:
    """Tells a running fake provider what to answer, and reads what it saw.

    Args:
        base_url: its address, up to and with ``/v1``.
    """

    def __init__(self, base_url: str):
        self.base_url = base_url
        self._control = f"{base_url.removesuffix('/v1')}/control"

    def answer(self, load: Load) -> None:
        """Have it answer the next calls as ``load`` says, with source marks."""
        pace = {"tokens": load.tokens, "interval": load.interval, "delay": load.delay}
        self.change(citations=True, **pace)

    def change(self, **script: Any) -> None:
        """Change its script; see ``fake_provider.script.Script``."""
        body = json.dumps(script).encode()
        urllib.request.urlopen(urllib.request.Request(self._control, body), timeout=10).close()

    def timings(self) -> dict[str, tuple[float, float | None]]:
        """Return when each marked question came and when it got its first token, in monotonic seconds."""
        with urllib.request.urlopen(f"{self._control}/timings", timeout=30) as answer:
            return {mark: (came, first) for mark, (came, first) in json.load(answer).items()}


def provider_process(folder: Path) -> Process:
    """Return the fake provider, to be entered; it then tells its base address."""
    command = [sys.executable, "-m", "benchmarks.fake_provider", "--port", "0"]
    return Process("provider", command, environment=clean_environment(), folder=folder, tells=True)
