"""Limits: how often something may be done, exact over all processes (docs/architecture.md)."""

from accounts.limits.decision import UNLIMITED, Decision, Where
from accounts.limits.errors import LimitReachedError
from accounts.limits.limiter import (
    close,
    forget_here,
    give_back,
    give_back_now,
    take,
    take_all,
    take_all_now,
    take_here,
    take_now,
    take_or_refuse,
)
from accounts.limits.rules import Away, Rule, Use, rule

__all__ = [
    "UNLIMITED",
    "Away",
    "Decision",
    "LimitReachedError",
    "Rule",
    "Use",
    "Where",
    "close",
    "forget_here",
    "give_back",
    "give_back_now",
    "rule",
    "take",
    "take_all",
    "take_all_now",
    "take_here",
    "take_now",
    "take_or_refuse",
]
