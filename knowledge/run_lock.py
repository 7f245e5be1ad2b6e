"""Work that one process at a time does for all, where others may find more of it meanwhile."""

from collections.abc import Callable
from typing import Final

from django.core.cache import cache

LOCK_SECONDS: Final = 120  # without a sign of life


class RunLock:
    """A lock in the cache that all processes share; who finds it taken leaves word that there is more to do.

    Args:
        name: of the work.
    """

    def __init__(self, name: str) -> None:
        self.key, self.again = name, f"{name}-again"

    def run(self, work: Callable[[], bool]) -> None:
        """Do ``work`` until nobody has left word; nothing while another process is at it.

        Args:
            work: says whether it may be done once more.
        """
        while self._takes():
            try:
                goes_on = work()
            finally:
                cache.delete(self.key)
            if not goes_on or not cache.get(self.again):
                return

    def is_alive(self) -> None:
        """Keep the lock for another ``LOCK_SECONDS``."""
        cache.touch(self.key, LOCK_SECONDS)

    def _takes(self) -> bool:
        if not cache.add(self.key, True, LOCK_SECONDS):
            cache.set(self.again, True, LOCK_SECONDS)
            # It may have been given back before the word was left.
            if not cache.add(self.key, True, LOCK_SECONDS):
                return False
        cache.delete(self.again)
        return True
