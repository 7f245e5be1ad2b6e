"""What processes have used: processor time and memory of whole process trees, read from /proc."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

Parts = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Processor seconds at one moment.

    Attributes:
        parts: of each part of the system, since its processes began.
        busy: of the whole machine, by everybody, since it began.
    """

    parts: dict[str, float]
    busy: float

    def since(self, earlier: "Reading") -> "Reading":
        """Return what was used after ``earlier``."""
        parts = {name: used - earlier.parts.get(name, 0.0) for name, used in self.parts.items()}
        return Reading(parts, self.busy - earlier.busy)

    @property
    def total(self) -> float:
        """Seconds of all parts."""
        return sum(self.parts.values())


def read(parts: Parts) -> Reading:
    """Return the processor seconds of each part.

    Args:
        parts: the first processes of each part, by pid; their descendants count with them.
    """
    used = {name: sum(map(tree_seconds, pids)) for name, pids in parts.items()}
    return Reading(used, machine_seconds())


def tree_seconds(pid: int) -> float:
    """Return user and system seconds of a process, its descendants, and the children they have waited for."""
    seconds = 0.0
    for process in tree(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def machine_seconds() -> float:
    """Return the seconds all processors have spent working."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - times.guest - times.guest_nice


def memory_bytes(pids: Sequence[int]) -> int:
    """Return the proportional set size of the processes and their descendants, in bytes."""
    total = 0
    for pid in pids:
        for process in tree(pid):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants; nothing when it has ended."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
