"""The cache in Redis while Redis is away."""

import pytest
from allauth.core.internal import ratelimit
from django.test import RequestFactory

from chatsite.caches import PatientRedisCache


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> PatientRedisCache:
    """A cache whose Redis does not answer, as allauth's."""
    options = {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1}
    cache = PatientRedisCache("redis://127.0.0.1:9/0", {"OPTIONS": options})
    monkeypatch.setattr(ratelimit, "cache", cache)
    return cache


def tries(count: int) -> list[bool]:
    request = RequestFactory().post("/")
    return [
        bool(ratelimit.consume(request, app="a", action="x", config={"x": "3/m/key"}, key="alice"))
        for _ in range(count)
    ]


def test_tries_are_counted_here_while_it_is_away(nowhere):
    assert tries(5) == [True, True, True, False, False]


def test_everything_else_misses(nowhere):
    nowhere.set("answer", "x")
    assert nowhere.get("answer") is None
    assert nowhere.get("answer", "none") == "none"
    assert nowhere.add("answer", "x") is None
    assert nowhere.delete("answer") is None
