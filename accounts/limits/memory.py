"""The counter of one process: the same sliding log as in Redis, in memory."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

from accounts.limits.decision import MICROSECONDS, Count, Decision, Where, decided
from accounts.limits.rules import Rule, Use

MOST_LOGS = 100_000  # of one rule; beyond it the least recently used goes, or memory would have no end


class MemoryStore:
    """Counts by threads and tasks of this process.

    Args:
        where: what its decisions say of who counted.
        clock: seconds that never go back.
    """

    def __init__(self, where: Where = Where.HERE, clock: Callable[[], float] = time.monotonic):
        self._where, self._clock = where, clock
        self._logs: dict[tuple[str, int], OrderedDict[str, deque[int]]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(map(len, self._logs.values()))

    def take_all(self, uses: Sequence[Use]) -> Decision:
        """Count every use, or none of them when one log is full."""
        now = int(self._clock() * MICROSECONDS)
        with self._lock:
            logs = [self._log(use, now) for use in uses]
            allowed = all(len(log) < use.rule.limit for use, log in zip(uses, logs, strict=True))
            if allowed:
                for log in logs:
                    log.append(now)
            counts = [_count(use.rule, log, now) for use, log in zip(uses, logs, strict=True)]
        return decided(uses, self._where, allowed=allowed, stamp=now, counts=counts)

    def give_back(self, decision: Decision) -> None:
        """Take what a decision counted out of the logs."""
        with self._lock:
            for use in decision.uses:
                log = self._logs.get((use.rule.name, use.rule.seconds), {}).get(use.log)
                if log is not None and decision.stamp in log:
                    log.remove(decision.stamp)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._logs.clear()

    def _log(self, use: Use, now: int) -> deque[int]:
        """Return the use's log, without what has left the window."""
        window = use.rule.seconds * MICROSECONDS
        logs = self._logs.setdefault((use.rule.name, use.rule.seconds), OrderedDict())
        log = logs.get(use.log)
        if log is None:
            _forget_old(logs, now - window)
            log = logs[use.log] = deque()
        logs.move_to_end(use.log)
        while log and log[0] <= now - window:
            log.popleft()
        return log


def _forget_old(logs: OrderedDict[str, deque[int]], before: int) -> None:
    """Forget up to two logs that nobody fills any more, for the new one that comes: so they never pile up."""
    for _ in range(2):
        if not logs:
            return
        name, oldest = next(iter(logs.items()))
        if oldest and oldest[-1] > before and len(logs) < MOST_LOGS:
            return
        del logs[name]


def _count(rule: Rule, log: deque[int], now: int) -> Count:
    if not log:
        return Count(0, 0)
    first = log[max(0, len(log) - rule.limit)]
    return Count(len(log), first + rule.seconds * MICROSECONDS - now)
