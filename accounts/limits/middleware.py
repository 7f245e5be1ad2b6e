"""The limits' part of every HTTP request: strangers are counted by address, and refusals told."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import ngettext
from django_ratelimit.exceptions import Ratelimited

from accounts.limits.address import network_of_request
from accounts.limits.decision import UNLIMITED, Decision
from accounts.limits.errors import LimitReachedError
from accounts.limits.forms import MINUTE_SECONDS, too_many_requests
from accounts.limits.limiter import give_back_now, take_now
from accounts.limits.rules import rule

UNAUTHORIZED = 401
OPENAI = "/v1/"  # where clients of OpenAI's API ask, who read errors in a shape of their own
NEVER_COUNTED = ("/health",)  # what watches over the site asks often, and must hear the truth


class Limits:
    """Middleware; it needs the session's person, so it stands after the one that finds them.

    Whoever shows a key or token is only known later: they are counted as strangers, and uncounted when it
    opened something. So guessing keys is limited, and using one is not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Count a stranger's request; add to every counted answer how many are left."""
        decision = _counted(request)
        if not decision.allowed:
            return refusal(request, decision)
        response = self._get_response(request)
        if "Authorization" in request.headers and response.status_code != UNAUTHORIZED:
            give_back_now(decision)
        told = getattr(request, "limit_decision", UNLIMITED)
        for name, value in told.headers.items():
            response.headers.setdefault(name, value)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 429 where a limit was reached on the way."""
        if isinstance(exception, LimitReachedError):
            return refusal(request, exception.decision)
        if isinstance(exception, Ratelimited):
            return too_many_requests(request, seconds=MINUTE_SECONDS)
        return None


def refusal(request: HttpRequest, decision: Decision) -> HttpResponse:
    """Return the answer to what was done too often: a page, or a problem for programs."""
    seconds = decision.retry_seconds
    if _is_for_programs(request):
        words = ngettext(
            "That was too often. Please try again in %(seconds)s second.",
            "That was too often. Please try again in %(seconds)s seconds.",
            seconds,
        )
        response: HttpResponse = _problem(request, words % {"seconds": seconds}, seconds)
    else:
        response = too_many_requests(request, seconds=seconds)
    for name, value in decision.headers.items():
        response[name] = value
    return response


def _problem(request: HttpRequest, words: str, seconds: int) -> JsonResponse:
    if request.path.startswith(OPENAI):
        error = {"message": words, "type": "requests", "param": None, "code": "rate_limit_exceeded"}
        return JsonResponse({"error": error}, status=429)
    body = {
        "type": "urn:chatsite:problem:rate_limited",
        "title": words,
        "status": 429,
        "code": "rate_limited",
        "retryable": True,
        "retry_after": seconds,
    }
    return JsonResponse(body, status=429, content_type="application/problem+json")


def _counted(request: HttpRequest) -> Decision:
    if request.path.startswith(NEVER_COUNTED):
        return UNLIMITED
    anonymous = rule("anonymous_requests")
    if not anonymous.limit or request.user.is_authenticated:
        return UNLIMITED
    return take_now(anonymous, network_of_request(request))


def _is_for_programs(request: HttpRequest) -> bool:
    if request.path.startswith(("/api/", "/_allauth/", OPENAI)) or "Authorization" in request.headers:
        return True
    return request.content_type == "application/json"
