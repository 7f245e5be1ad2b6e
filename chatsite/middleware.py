"""Django middleware that is written once and serves both ways, in threads and on the event loop."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from typing import ClassVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

Passing = Generator[None, HttpResponse, HttpResponse]


class BothWays(ABC):
    """Middleware that says in ``passing`` what it does before and after whatever answers.

    Django's own ``MiddlewareMixin`` does the same at the price of a thread's turn for each request.
    """

    async_capable: ClassVar[bool] = True
    sync_capable: ClassVar[bool] = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is what answers."""
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if iscoroutinefunction(self):
            return self._later(request)  # type: ignore[return-value]
        passing = self._begun(request)
        try:
            return _ended(passing, self.get_response(request))
        finally:
            passing.close()

    @abstractmethod
    def passing(self, request: HttpRequest) -> Passing:
        """Do what comes before, yield for the response, do what comes after, and return a response."""

    async def _later(self, request: HttpRequest) -> HttpResponse:
        passing = self._begun(request)
        try:
            return _ended(passing, await self.get_response(request))  # type: ignore[misc]
        finally:
            passing.close()

    def _begun(self, request: HttpRequest) -> Passing:
        passing = self.passing(request)
        next(passing)
        return passing


def _ended(passing: Passing, response: HttpResponse) -> HttpResponse:
    try:
        passing.send(response)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("a middleware's passing yields once")
