"""What became of a try."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from accounts.limits.rules import Rule, Use

MICROSECONDS = 1_000_000


class Where(StrEnum):
    """Who counted: nobody, all processes together, this process, or this process while Redis is away."""

    NOWHERE = "nowhere"
    SHARED = "shared"
    HERE = "here"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Count:
    """One log after a try.

    Attributes:
        count: how many stand in the window.
        frees: microseconds until one more place is free in a full log; else until the oldest leaves; 0 for
            an empty one.
    """

    count: int
    frees: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something may be done now.

    Attributes:
        allowed: whether it may. Then it is counted; otherwise nothing is.
        remaining: how often more, by the tightest of the rules.
        retry_after: seconds until the same may be done; 0 when allowed.
        frees_after: seconds until the tightest rule has one place more.
        rule: the tightest rule, or the one that refused for longest; None where no rule holds.
        where: who counted.
        uses, stamp: what was counted, and under which moment (microseconds), to be given back by.
    """

    allowed: bool
    remaining: int = 0
    retry_after: float = 0.0
    frees_after: float = 0.0
    rule: Rule | None = None
    where: Where = Where.NOWHERE
    uses: tuple[Use, ...] = ()
    stamp: int = 0

    @property
    def is_alone(self) -> bool:
        """Tell whether Redis is away."""
        return self.where is Where.ALONE

    @property
    def retry_seconds(self) -> int:
        """Whole seconds for people and headers, at least 1: after them the same is not refused."""
        return max(1, ceil(self.retry_after))

    @property
    def headers(self) -> dict[str, str]:
        """``RateLimit-*`` headers, and ``Retry-After`` for a refusal."""
        if self.rule is None:
            return {}
        headers = {
            "RateLimit-Limit": str(self.rule.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(ceil(self.frees_after)),
        }
        return headers if self.allowed else {**headers, "Retry-After": str(self.retry_seconds)}


UNLIMITED = Decision(allowed=True)


def decided(
    uses: Sequence[Use], where: Where, *, allowed: bool, stamp: int, counts: Sequence[Count]
) -> Decision:
    """Return the decision that the logs' counts make."""
    rows = list(zip(uses, counts, strict=True))
    if allowed:
        use, count = min(rows, key=lambda row: row[0].rule.limit - row[1].count)
    else:
        full = [row for row in rows if row[1].count >= row[0].rule.limit]
        use, count = max(full, key=lambda row: row[1].frees)
    seconds = count.frees / MICROSECONDS
    return Decision(
        allowed=allowed,
        remaining=max(0, use.rule.limit - count.count),
        retry_after=0.0 if allowed else seconds,
        frees_after=seconds,
        rule=use.rule,
        where=where,
        uses=tuple(uses) if allowed else (),
        stamp=stamp,
    )
