"""How much may be written of trouble: a fault that comes a thousand times a second is told a few times.

Of every warning and error, known by its logger and its event, some lines are written at once and then a few
a second; of those with a traceback fewer. The next line that is written says how many were left out.
What tells of work done (``info``) is not counted: it comes as often as there is work.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

AT_ONCE: Final = 50
A_SECOND: Final = 10.0
TRACEBACKS_AT_ONCE: Final = 10
TRACEBACKS_A_SECOND: Final = 1.0
MOST_KINDS: Final = 1_000  # known at a time; texts with values in them are a kind each


@dataclass(slots=True)
class _Kind:
    left: float
    at: float
    left_out: int = 0


class LogVolume(logging.Filter):
    """A filter for the one handler.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[tuple[str, str, bool], _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line is written; note in it how many like it were not."""
        if record.levelno < logging.WARNING:
            return True
        said: Any = record.msg
        event = said.get("event") if isinstance(said, dict) else said
        has_traceback = bool(record.exc_info or (isinstance(said, dict) and said.get("exc_info")))
        left_out = self._count((record.name, str(event)[:200], has_traceback))
        if left_out is None:
            return False
        if left_out:
            if isinstance(said, dict):
                record.msg = {**said, "left_out": left_out}
            else:
                record.left_out = left_out
        return True

    def _count(self, key: tuple[str, str, bool]) -> int | None:
        """Return how many were left out since the last line; None where this one is, too."""
        most, a_second = (TRACEBACKS_AT_ONCE, TRACEBACKS_A_SECOND) if key[2] else (AT_ONCE, A_SECOND)
        now = self._clock()
        with self._lock:
            kind = self._kinds.get(key)
            if kind is None:
                if len(self._kinds) >= MOST_KINDS:
                    self._kinds.clear()
                kind = self._kinds[key] = _Kind(most, now)
            kind.left, kind.at = min(most, kind.left + (now - kind.at) * a_second), now
            if kind.left < 1:
                kind.left_out += 1
                return None
            kind.left -= 1
            left_out, kind.left_out = kind.left_out, 0
            return left_out
