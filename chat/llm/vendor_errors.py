"""Vendors' failures, translated to this package's errors at the border.

Works on the shapes that both vendors' exceptions and error objects share, so it needs neither SDK. A reason
is built from statuses, codes and class names alone: vendors' messages may repeat a part of the key or prompt.
"""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from chat.llm.errors import (
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRefused,
    RateLimited,
    TimedOut,
    Unavailable,
)

_PLAIN_WORD = re.compile(r"[\w.-]{1,64}")
_CONTEXT_WORDS = re.compile(
    r"context.{0,10}(length|window)|prompt is too long|too many (input )?tokens|maximum.{0,20}tokens",
    re.IGNORECASE,
)
_RATE_CODES = ("rate_limit_error", "rate_limit_exceeded", "rate_limited", "too_many_requests")
_REFUSED_CODES = {"invalid_request_error", "authentication_error", "permission_error", "not_found_error"} | {
    "billing_error",
    "insufficient_quota",
    "invalid_api_key",
    "model_not_found",
}
# As Ollama, vLLM, Azure's older deployments and routers say it.
_TOOL_WORDS = re.compile(r"\btools?\b|\btool[_-]choice\b|\bfunction[_ -]?call", re.IGNORECASE)
_TOOLS_REFUSED_BY = (400, 404, 422, 501)
_LONGEST_WAIT_SECONDS = 86_400.0


def status_error(status: int, body: object, headers: Mapping[str, str]) -> ProviderError:
    """Return the error that an HTTP status of 400 or more means.

    Args:
        status: the HTTP status.
        body: the decoded body, as far as it could be decoded.
        headers: of the response; ``retry-after`` is read.
    """
    code, message = _code_and_message(body)
    reason = f"{status} {code}".strip()
    if status == 429:
        # No call will succeed before somebody pays: waiting for it would only delay the next provider.
        if code == "insufficient_quota":
            return ProviderRefused(reason, lasting=True)
        return RateLimited(reason, retry_after=_retry_after(headers))
    if status in (408, 409) or status >= 500:
        return Unavailable(reason)
    return _refusal(status, code, message, reason)


def _refusal(status: int, code: str, message: str, reason: str) -> ProviderError:
    if status == 413 or code == "context_length_exceeded" or _CONTEXT_WORDS.search(message):
        return ContextTooLong(reason)
    if "content_filter" in code or code == "content_policy_violation":
        return ContentFiltered(reason)
    return ProviderRefused(reason, lasting=status in (401, 402, 403, 404))


def stream_error(error: object) -> ProviderError:
    """Return the error that an error object inside a stream of status 200 means."""
    code, message = _code_and_message({"error": error})
    reason = f"error in the stream: {code}" if code else "error in the stream"
    if code.isdigit() and 400 <= int(code) < 600:
        return status_error(int(code), {"error": error}, {})
    if code in _RATE_CODES:
        return RateLimited(reason)
    refusal = _refusal(400, code, message, reason)
    if isinstance(refusal, ContextTooLong | ContentFiltered) or code in _REFUSED_CODES:
        return refusal
    return Unavailable(reason)


def connection_error(error: BaseException) -> ProviderError:
    """Return the error that a call without any HTTP answer means."""
    causes = [error]
    # Only explicit causes: the context may be an earlier provider's failure that the caller is handling.
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    # The SDKs call some refused connections time-outs; the causes tell them apart.
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return TimedOut("connection")
    return Unavailable(f"no connection: {type(causes[-1]).__name__}")


def is_unsupported_parameter(error: Any, *names: str) -> bool:
    """Return whether a vendor's 400 says that the model does not take one of the named parameters."""
    if getattr(error, "status_code", None) != 400:
        return False
    fields = _error_fields(getattr(error, "body", None))
    return fields.get("param") in names or any(f"'{name}'" in str(fields.get("message")) for name in names)


def is_unsupported_tools(error: Any) -> bool:
    """Return whether a vendor's refusal says that the model, or the server, takes no tools."""
    if getattr(error, "status_code", None) not in _TOOLS_REFUSED_BY:
        return False
    fields = _error_fields(getattr(error, "body", None))
    return fields.get("param") in ("tools", "tool_choice") or bool(
        _TOOL_WORDS.search(str(fields.get("message")))
    )


def _error_fields(body: object) -> Mapping[str, Any]:
    inner = body.get("error", body) if isinstance(body, Mapping) else None
    return inner if isinstance(inner, Mapping) else {"message": inner}


def _code_and_message(body: object) -> tuple[str, str]:
    fields = _error_fields(body)
    named = (str(fields[key]) for key in ("code", "type") if fields.get(key) is not None)
    code = next((name for name in named if _PLAIN_WORD.fullmatch(name)), "")
    return code, str(fields.get("message") or "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, which is either a number or a date."""
    text = headers.get("retry-after", "")
    try:
        milliseconds = headers.get("retry-after-ms")
        seconds = float(milliseconds) / 1000 if milliseconds else float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time()
        except ValueError:
            return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if seconds == seconds else None
