"""Tells by its exit code whether the process beside it lives: 0 or 1. Needs nothing but Python.

A web process is asked at ``/health/live``; workers and beat touch ``ALIVE_FILE`` every few seconds. Redis or
a database that is away makes none of them ill: ending a process for that would end the answers it is writing.
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

VAR_DIR = Path(os.environ.get("VAR_DIR", "var"))
OLDEST_SECONDS = 30


def main() -> int:
    """Return the exit code."""
    role = (VAR_DIR / "role").read_text().strip()
    return _asked() if role == "web" else _is_fresh(Path(os.environ["ALIVE_FILE"]))


def _asked() -> int:
    port = os.environ.get("PORT", "8000")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 1


def _is_fresh(path: Path) -> int:
    try:
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        print(f"{path} is not there", file=sys.stderr)
        return 1
    print(f"{path} is {age:.0f} s old")
    return 0 if age < OLDEST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
