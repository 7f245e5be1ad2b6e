"""Errors in the shape that OpenAI's clients read, with the statuses that they make their exceptions of."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import JsonResponse

from chat.errors import ChatError, ConversationClosed, MessageRefused, NotFound, NotSaved, RateLimited

RETRY_SECONDS: Final = "5"
# The clients try again by themselves after 408, 409, 429 and 5xx, unless they are told that it is no use.
_NO_USE: Final = {"x-should-retry": "false"}


class Refused(Exception):
    """What a client is told in place of an answer.

    Args:
        words: plain sentence for the person.
        status: of the HTTP answer; told in an event where a stream has begun already.
        code: stable name for programs.
        param: what of the request it is about.
        headers: of the HTTP answer.
    """

    def __init__(
        self,
        words: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(words)
        self.words, self.status, self.code, self.param = words, status, code, param
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """Return the error as it is sent."""
        return error_body(self.words, status=self.status, code=self.code, param=self.param)


class Unsupported(Refused):
    """A parameter asks for what a desk does not do, and what its client would rely on."""

    def __init__(self, param: str, words: str):
        super().__init__(words, code="unsupported_parameter", param=param)


class AnswerRestarted(Refused):
    """The answer was begun anew, with other words, after a part of it had been sent."""

    def __init__(self) -> None:
        words = "The answer was begun anew after a part of it had been sent. Ask again to get the whole."
        super().__init__(words, status=500, code="answer_restarted")


def error_body(
    words: str, *, status: int, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """Return an error in OpenAI's shape."""
    return {"error": {"message": words, "type": _type_of(status, code), "param": param, "code": code}}


def error_response(error: Refused) -> JsonResponse:
    """Return the HTTP answer of an error."""
    return JsonResponse(error.body, status=error.status, headers=error.headers)


def of_chat(error: ChatError, *, param: str | None = None) -> Refused:
    """Return how an error of the chat is told here; ``param`` is what of the request it is about."""
    if isinstance(error, RateLimited):
        headers = {**error.headers, "Retry-After": str(error.retry_after)}
        return Refused(error.words, status=429, code="rate_limit_exceeded", headers=headers)
    if isinstance(error, MessageRefused):
        return Refused(error.words, status=422, code=error.code, param=param)
    if isinstance(error, NotFound):
        return Refused(error.words, status=404, code=error.code, param=param)
    if isinstance(error, ConversationClosed):
        return Refused(error.words, status=409, code=error.code, param=param, headers=_NO_USE)
    if isinstance(error, NotSaved):
        return away(error.words)
    return Refused(error.words, status=500, code=error.code, headers=_NO_USE)


def away(words: str) -> Refused:
    """Return the error for a database that cannot be reached."""
    return Refused(words, status=503, code="unavailable", headers={"Retry-After": RETRY_SECONDS})


def of_failed_turn(code: str, words: str) -> Refused:
    """Return how a turn that ended without an answer is told.

    The desk has tried several times, and every provider; so clients are told not to try again by themselves.
    """
    if code == "allowance_spent":
        return Refused(words, status=429, code="insufficient_quota", headers=_NO_USE)
    if code == "message_empty":
        return Refused(words, status=422, code=code)
    status = 503 if code == "model_unavailable" else 500
    return Refused(words, status=status, code=code, headers=_NO_USE)


def _type_of(status: int, code: str | None) -> str:
    if code == "insufficient_quota":
        return code
    by_status = {401: "authentication_error", 403: "permission_error", 429: "requests"}
    return by_status.get(status, "server_error" if status >= 500 else "invalid_request_error")
