"""Which request is being answered, so that an entry knows who acts and from where without being told."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

_present: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)

Answer = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def present_request() -> HttpRequest | None:
    """Return the request that is being answered; None in tasks, commands and sockets."""
    return _present.get()


@sync_and_async_middleware
def remember_request(get_response: Answer) -> Answer:
    """Middleware: keep the request at hand while it is answered. Costs a context variable, no thread."""
    if iscoroutinefunction(get_response):

        async def answer_soon(request: HttpRequest) -> HttpResponseBase:
            kept = _present.set(request)
            try:
                return await get_response(request)
            finally:
                _present.reset(kept)

        return answer_soon

    def answer(request: HttpRequest) -> HttpResponseBase:
        kept = _present.set(request)
        try:
            return get_response(request)
        finally:
            _present.reset(kept)

    return answer
