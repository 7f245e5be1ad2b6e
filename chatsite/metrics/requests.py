"""HTTP requests by route, counted when their answer begins: a stream may last for minutes."""

import time
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from chatsite.middleware import BothWays, Passing

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS: Final = Counter(
    "chatsite_http_requests",
    "HTTP requests by the name of their route, method and class of the status.",
    ["route", "method", "status"],
)
SECONDS: Final = Histogram(
    "chatsite_http_seconds",
    "From a request to the beginning of its answer, by the name of its route.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class Requests(BothWays):
    """Middleware; stands first, so that it counts what others answer."""

    def passing(self, request: HttpRequest) -> Passing:
        """Count the answer and the time until it begins."""
        began = time.perf_counter()
        response = yield
        _count(request, response, time.perf_counter() - began)
        return response


def _count(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    route = _route(request)
    method = request.method if request.method in _METHODS else "other"
    REQUESTS.labels(route, method, f"{response.status_code // 100}xx").inc()
    SECONDS.labels(route).observe(seconds)


def _route(request: HttpRequest) -> str:
    """Return the route's name as the URL configuration has it: never a part of the address."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith(settings.STATIC_URL) else "none"
    if match.namespaces and match.namespaces[0] == "admin":
        return "admin"  # a hundred pages, of few people
    return match.view_name if match.url_name else "unnamed"
