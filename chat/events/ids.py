"""Event ids: ``attempt-seq``, which is also the entry's id in Redis, so that order is Redis's own."""

from typing import NamedTuple, Self


class EventId(NamedTuple):
    """Position of an event in its turn; compares attempt first, then number."""

    attempt: int
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"2-17"``.

        Raises:
            ValueError: the text is no event id.
        """
        attempt, dash, seq = text.partition("-")
        if not (dash and attempt.isascii() and attempt.isdigit() and seq.isascii() and seq.isdigit()):
            raise ValueError(f"not an event id: {text[:40]!r}")
        if len(attempt) > 9 or len(seq) > 9:
            raise ValueError("event id out of range")
        return cls(int(attempt), int(seq))

    def __str__(self) -> str:
        """Return ``"2-17"``."""
        return f"{self.attempt}-{self.seq}"

    def follows(self, earlier: "EventId | None") -> bool:
        """Tell whether nothing can be missing between ``earlier`` and this id.

        A new attempt begins with its own first event, which drops what came before, so whatever is missing
        of the attempt before it does not matter.
        """
        if earlier is None:
            return self == FIRST
        if self.attempt == earlier.attempt:
            return self.seq == earlier.seq + 1
        return self.attempt > earlier.attempt and self.seq == 1


FIRST = EventId(0, 1)
GONE = EventId(1_000_000, 1)  # of a turn that was deleted; above every attempt there can be
