"""Counts of what the checks of answers have found, over all processes, in the cache."""

from typing import Final

from django.core.cache import cache

from chat.turn.context import TurnContext

_KEY: Final = "safety:"
NAMES: Final = (
    *("claims", "unsupported", "marked", "withheld", "promises", "personal", "failures"),
    *("leaks", "cut_from_sources"),
)


def count(context: TurnContext) -> None:
    """Add a turn's figures; nothing is written where there are none."""
    support = context.support
    figures = {name: getattr(support, name) for name in NAMES[:7]}
    figures |= {"leaks": context.leaks, "cut_from_sources": context.cut_from_sources}
    for name, number in figures.items():
        if number and not cache.add(_KEY + name, number, None):
            try:
                cache.incr(_KEY + name, number)
            except ValueError:  # evicted between the two calls: the count begins anew
                cache.add(_KEY + name, number, None)


def tallies() -> dict[str, int]:
    """Return the counts by name, and the share of claims that no source bore out."""
    found = cache.get_many([_KEY + name for name in NAMES])
    return {name: found.get(_KEY + name, 0) for name in NAMES}
