"""Middleware written once: threads and the event loop, failures too."""

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse

from chatsite.middleware import BothWays, Passing


class Noting(BothWays):
    seen: list[str]

    def passing(self, request: HttpRequest) -> Passing:
        self.seen = ["before"]
        try:
            response = yield
            response["X-Noted"] = "yes"
            return response
        finally:
            self.seen.append("after")


class Twice(BothWays):
    def passing(self, request: HttpRequest) -> Passing:
        yield
        return (yield)


def answers(request: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


def breaks(request: HttpRequest) -> HttpResponse:
    raise LookupError


def in_threads(kind: type[BothWays], view: object) -> tuple[BothWays, object]:
    made = kind(view)
    return made, made


def on_the_loop(kind: type[BothWays], view: object) -> tuple[BothWays, object]:
    async def later(request: HttpRequest) -> HttpResponse:
        return view(request)

    made = kind(later)
    return made, async_to_sync(made)


@pytest.fixture(params=[in_threads, on_the_loop])
def around(request):
    return request.param


def test_what_comes_before_and_after_is_done(around):
    noting, call = around(Noting, answers)
    response = call(HttpRequest())
    assert (response["X-Noted"], response.content) == ("yes", b"here")
    assert noting.seen == ["before", "after"]


def test_what_was_begun_ends_when_the_answer_fails(around):
    noting, call = around(Noting, breaks)
    with pytest.raises(LookupError):
        call(HttpRequest())
    assert noting.seen == ["before", "after"]


def test_one_that_asks_twice_is_a_mistake(around):
    _, call = around(Twice, answers)
    with pytest.raises(RuntimeError, match="once"):
        call(HttpRequest())
