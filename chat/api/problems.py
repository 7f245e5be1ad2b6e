"""Errors as problem details (RFC 9457): one shape for everything that goes wrong."""

from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from chat.errors import (
    Changed,
    ChatError,
    ConversationClosed,
    MessageRefused,
    NotFound,
    NotSaved,
    RateLimited,
    WrongState,
)

_STATUS: dict[type[ChatError], int] = {
    NotFound: status.HTTP_404_NOT_FOUND,
    MessageRefused: status.HTTP_422_UNPROCESSABLE_ENTITY,
    ConversationClosed: status.HTTP_409_CONFLICT,
    Changed: status.HTTP_412_PRECONDITION_FAILED,
    WrongState: status.HTTP_409_CONFLICT,
    NotSaved: status.HTTP_503_SERVICE_UNAVAILABLE,
}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response for an exception raised in an API view; None lets it be a server error."""
    if isinstance(error, exceptions.Throttled):
        error = RateLimited(max(1, ceil(error.wait or 1)))
    if isinstance(error, RateLimited):
        headers = {"Retry-After": str(error.retry_after), **error.headers}
        return problem(
            status.HTTP_429_TOO_MANY_REQUESTS, error.code, error.words, headers=headers, retryable=True,
            retry_after=error.retry_after,
        )  # fmt: skip
    if isinstance(error, ChatError):
        code = _STATUS.get(type(error), status.HTTP_500_INTERNAL_SERVER_ERROR)
        return problem(code, error.code, error.words, retryable=error.retryable)
    if isinstance(error, (OperationalError, InterfaceError)):
        return problem(
            status.HTTP_503_SERVICE_UNAVAILABLE, NotSaved.code, NotSaved.words, retryable=True,
            headers={"Retry-After": "5"},
        )  # fmt: skip
    response = exception_handler(error, context)
    if response is None:
        return None
    details = {"fields": error.detail} if isinstance(error, exceptions.ValidationError) else {}
    kept = {name: response[name] for name in ("WWW-Authenticate", "Retry-After") if name in response}
    return problem(response.status_code, _code_of(error), _words_of(error), headers=kept, **details)


def problem(
    status_code: int, code: str, words: str, *, headers: dict[str, str] | None = None, **extra: object
) -> Response:
    """Return one problem: ``code`` for programs, ``words`` for people."""
    body = {"type": f"urn:chatsite:problem:{code}", "title": str(words), "status": status_code, "code": code}
    return Response({**body, **extra}, status_code, headers=headers, content_type="application/problem+json")


def _code_of(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    if isinstance(error, exceptions.ValidationError):
        return "invalid"
    return getattr(error, "default_code", "error")


def _words_of(error: Exception) -> str:
    if isinstance(error, exceptions.ValidationError):
        return gettext("Some of what was sent is not valid.")
    return str(getattr(error, "detail", "")) or gettext("There is no such thing.")
