"""Vendors' failures in the words of this project."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from chat.llm.errors import (
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRefused,
    RateLimited,
    TimedOut,
    Unavailable,
)
from chat.llm.vendor_errors import connection_error, status_error, stream_error

SECRET = "sk-abc123 and a person's words"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"code": "context_length_exceeded"}}, ContextTooLong),
        (400, {"error": {"message": "This model's maximum context length is 8192 tokens."}}, ContextTooLong),
        (400, {"type": "error", "error": {"message": "prompt is too long: 9 > 8"}}, ContextTooLong),
        (400, {"code": "content_filter", "message": "Azure's filter"}, ContentFiltered),
        (400, {"error": "a plain word"}, ProviderRefused),
        (400, "<html>", ProviderRefused),
        (402, None, ProviderRefused),
        (429, {"code": "insufficient_quota"}, ProviderRefused),
        (429, None, RateLimited),
        (409, None, Unavailable),
        (502, b"\xff", Unavailable),
    ],
)
def test_statuses(status: int, body: object, error: type[ProviderError]) -> None:
    assert type(status_error(status, body, {})) is error


@pytest.mark.parametrize(
    ("error_object", "error"),
    [
        ({"code": 429, "message": "slow down"}, RateLimited),
        ({"code": 400, "type": "BadRequestError"}, ProviderRefused),
        ({"code": "502"}, Unavailable),
        ({"type": "overloaded_error"}, Unavailable),
        ({"type": "authentication_error"}, ProviderRefused),
        ({"message": "too many tokens"}, ContextTooLong),
        ({"code": "content_filter"}, ContentFiltered),
        ("something went wrong", Unavailable),
        (None, Unavailable),
        ([1], Unavailable),
    ],
)
def test_error_objects(error_object: object, error: type[ProviderError]) -> None:
    assert type(stream_error(error_object)) is error


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "1e99"}, 86_400.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert status_error(429, None, headers).retry_after == seconds


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < status_error(429, None, {"retry-after": date}).retry_after <= 60


@pytest.mark.parametrize("field", ["code", "type", "message", "param"])
def test_reasons_hold_no_vendor_text(field: str) -> None:
    error = {field: SECRET}
    assert SECRET not in f"{status_error(400, {'error': error}, {})} {stream_error(error)}"


def test_timeout_is_told_from_other_causes() -> None:
    late, refused = ConnectionError(), ConnectionError()
    late.__cause__, refused.__cause__ = TimeoutError(), ConnectionRefusedError()
    assert type(connection_error(late)) is TimedOut
    assert type(connection_error(refused)) is Unavailable


def test_earlier_failure_is_not_taken_for_the_cause() -> None:
    try:
        try:
            raise TimeoutError
        except TimeoutError:
            raise ConnectionError  # noqa: B904 - as when a caller turns to the next provider in its handler
    except ConnectionError as error:
        assert type(connection_error(error)) is Unavailable
