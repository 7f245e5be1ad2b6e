"""Every route of the site with the methods it answers, read from the resolver."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

WRITES = ("POST", "PUT", "PATCH", "DELETE")
ADMIN = "admin/"


@dataclass(frozen=True, slots=True)
class Route:
    """One route: how it is written, its name, and the methods that its view has an answer to."""

    pattern: str
    name: str | None
    methods: tuple[str, ...]


def all_routes() -> list[Route]:
    """Return each route once, however many names it has."""
    found: dict[str, Route] = {}
    for pattern, route in _walk(get_resolver().url_patterns):
        found.setdefault(pattern, route)
    return list(found.values())


def _walk(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, Route]]:
    for one in patterns:
        written = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, written)
        else:
            yield written, Route(written, one.name, _methods(one))


def _methods(pattern: URLPattern) -> tuple[str, ...]:
    """Return what a class says it answers; of a function, which says nothing, the two a browser sends."""
    view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
    if view is None:
        return ("GET", "POST")
    names = [name for name in view.http_method_names if hasattr(view, name)]
    return tuple(name.upper() for name in names if name not in ("head", "options", "trace"))
