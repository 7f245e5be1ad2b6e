"""Rules: how often something may be done, and what becomes of it while Redis is away."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from django.conf import settings


class Away(StrEnum):
    """What a rule does while Redis, which counts for all processes, is away."""

    STRICTER = "stricter"  # each process counts for itself, to a part of the limit
    OPEN = "open"  # nothing is refused


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``limit`` times within any ``seconds``; a limit of 0 is none.

    Attributes:
        name: names the counter. Rules with the same name and seconds count together, whatever their limits:
            a person whose plan changes keeps what was counted.
        away: what holds while Redis is away.
    """

    name: str
    limit: int
    seconds: int
    away: Away = Away.STRICTER

    def at(self, limit: int, seconds: int | None = None) -> "Rule":
        """Return this rule with another rate, such as that of a person's plan."""
        return replace(self, limit=limit, seconds=seconds or self.seconds)

    def alone(self, share: float) -> "Rule":
        """Return what one process allows while Redis is away: ``share`` of the limit, at least 1."""
        return replace(self, limit=max(1, int(self.limit * share)))


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that counts: under which rule, and for whom (a user's id, an address, a conversation)."""

    rule: Rule
    key: object

    @property
    def log(self) -> str:
        """Name of the log that it is counted in."""
        return f"{self.rule.name}/{self.rule.seconds}:{self.key}"


# What does not reach a model or a password stays open while Redis is away.
_OPEN: Final = frozenset({"user_requests", "anonymous_requests", "socket_frames"})


def rule(name: str) -> Rule:
    """Return the rule of that name as the settings have it (``settings.LIMITS``)."""
    limit, seconds = settings.LIMITS[name] if settings.RATELIMIT_ENABLE else (0, 1)
    return _rule(name, limit, seconds)


@lru_cache(maxsize=256)
def _rule(name: str, limit: int, seconds: int) -> Rule:
    return Rule(name, limit, seconds, Away.OPEN if name in _OPEN else Away.STRICTER)
