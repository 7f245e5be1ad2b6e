"""REST: tokens from a sign-in, and tickets for sockets.

The steps of a sign-in (limits, password, second step, address to confirm) are allauth's, the same as of the
pages; these views speak them in the shape of this API.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless import app_settings
from allauth.headless.account.inputs import LoginInput
from allauth.headless.account.views import LoginView
from allauth.headless.constants import Client
from allauth.headless.internal.restkit import inputs
from allauth.headless.mfa.views import AuthenticateView
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits.throttles import Requests, Tickets
from accounts.tokens import tickets
from accounts.tokens.access import READ, of_request
from accounts.tokens.authentication import CHALLENGE
from accounts.tokens.bearer import lookup_signed_in, session_key_of
from accounts.tokens.serializers import (
    RefreshSerializer,
    RevokeSerializer,
    SecondStepSerializer,
    SignInSerializer,
    TicketRequestSerializer,
    TicketSerializer,
    TokensSerializer,
    UnfinishedSerializer,
)
from accounts.tokens.sockets import PROTOCOL
from accounts.tokens.strategy import end_session


class _SignInInput(LoginInput):
    """allauth's, except that a password is taken as it is: it may begin or end with a space."""

    password = inputs.CharField(strip=False, max_length=1_000)


class _SignIn(LoginView):
    input_class = _SignInInput


_login = _SignIn.as_api_view(client=Client.APP)
_second_step = AuthenticateView.as_api_view(client=Client.APP)

# What allauth waits for before it signs somebody in, and what a program is told of it.
_PENDING: Final = {
    "mfa_authenticate": ("mfa_required", _("A code of the second step is needed.")),
    "verify_email": (
        "email_not_verified",
        _("The e-mail address must be confirmed first. A message was sent."),
    ),
}
_NOT_HERE: Final = ("sign_in_in_browser", _("This sign-in has a step that only the sign-in page can do."))


class InvalidLogin(AuthenticationFailed):
    """User name or address and password do not belong together, or a code is wrong."""

    default_code = "invalid_login"


class InvalidRefreshToken(AuthenticationFailed):
    """A refresh token that is not good (any more); if it was used before, its sign-in is over now."""

    default_code = "invalid_token"
    default_detail = _("This refresh token is not valid (any more). Please sign in again.")


class TooManySignIns(APIException):
    """allauth's own limits, which count before a password is hashed."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "rate_limited"
    default_detail = _("Too many tries. Please wait a moment.")
    wait = 60  # seconds for Retry-After: what allauth's limits are counted in


class TicketsUnavailable(APIException):
    """Redis, which keeps the tickets, is away."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "tickets_unavailable"
    default_detail = _("No tickets just now. A socket also opens with an Authorization header.")
    wait = 5


class OpenView(APIView):
    """A view for people who are not signed in yet."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for; there are no authentication classes to say so."""
        return CHALLENGE


_SIGN_IN_ANSWERS: Final = {
    200: TokensSerializer,
    400: OpenApiResponse(description="Something is missing."),
    (401, "application/problem+json"): OpenApiResponse(UnfinishedSerializer, "Wrong, or not finished."),
    429: OpenApiResponse(description="Too many tries."),
}


class TokensView(OpenView):
    """Sign in for tokens."""

    @extend_schema(operation_id="sign_in", request=SignInSerializer, responses=_SIGN_IN_ANSWERS, auth=[])
    def post(self, request: Request) -> Response:
        """Sign in with user name or e-mail address and password; a second step may follow (401)."""
        return _told(_asked(_login, request))


class SecondStepView(OpenView):
    """Finish a sign-in with the second step."""

    @extend_schema(
        operation_id="sign_in_second_step",
        request=SecondStepSerializer,
        responses=_SIGN_IN_ANSWERS,
        auth=[],
        parameters=[OpenApiParameter("X-Session-Token", str, OpenApiParameter.HEADER, required=True)],
    )
    def post(self, request: Request) -> Response:
        """Give the code of an authenticator app, or a recovery code."""
        return _told(_asked(_second_step, request))


class RefreshView(OpenView):
    """Have the next pair of tokens."""

    @extend_schema(
        operation_id="tokens_refresh",
        request=RefreshSerializer,
        responses={
            200: TokensSerializer,
            400: OpenApiResponse(description="Something is missing."),
            401: OpenApiResponse(description="Not good (any more)."),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Use a refresh token up. One that comes a second time ends the sign-in that it belongs to."""
        asked = RefreshSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        pair = app_settings.TOKEN_STRATEGY.refresh_token(asked.validated_data["refresh_token"])
        if pair is None:
            raise InvalidRefreshToken
        return _tokens(*pair)


class RevokeView(OpenView):
    """Sign out."""

    @extend_schema(
        operation_id="sign_out",
        request=RevokeSerializer,
        responses={204: None, 400: OpenApiResponse(description="Something is missing.")},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """End a sign-in, its tokens and its sockets. A token that is good no more gets the same answer."""
        asked = RevokeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        token = asked.validated_data["token"]
        key = session_key_of(token, "access") or session_key_of(token, "refresh")
        session = lookup_signed_in(key) if key else None
        if session is not None:
            end_session(session.session_key, int(session[SESSION_KEY]))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SocketTicketView(APIView):
    """Tickets for sockets of programs."""

    scopes = {"POST": READ}
    throttle_classes = (Requests, Tickets)

    @extend_schema(
        request=TicketRequestSerializer,
        responses={201: TicketSerializer, 503: OpenApiResponse(description="No tickets just now.")},
    )
    def post(self, request: Request) -> Response:
        """Make a ticket: it opens one socket within 30 seconds, which ends with what asked for it."""
        asked = TicketRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        conversation = asked.validated_data.get("conversation")
        try:
            ticket = tickets.issue(of_request(request), str(conversation) if conversation else None)
        except tickets.TicketsAway:
            raise TicketsUnavailable from None
        body = {
            "ticket": ticket,
            "protocols": [PROTOCOL, f"ticket.{ticket}"],
            "expires_in": tickets.TICKET_SECONDS,
        }
        return Response(body, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


def _asked(view: Callable[[HttpRequest], HttpResponseBase], request: Request) -> HttpResponseBase:
    try:
        return view(request._request)
    except ImmediateHttpResponse as error:  # a body that is no JSON object; a limit
        return error.response


def _told(answer: HttpResponseBase) -> Response:
    """Return allauth's answer as this API gives it, or raise what went wrong."""
    try:
        said = json.loads(answer.content)
    except ValueError:
        said = {}
    meta = said.get("meta", {})
    if answer.status_code == HTTPStatus.OK and "access_token" in meta:
        return _tokens(meta["access_token"], meta["refresh_token"])
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return _unfinished(said)
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise TooManySignIns
    raise _refused(said.get("errors", []))


def _tokens(access: str, refresh: str) -> Response:
    body = {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN,
    }
    return Response(body, headers={"Cache-Control": "no-store"})


def _unfinished(said: dict[str, Any]) -> Response:
    pending = [flow for flow in said.get("data", {}).get("flows", ()) if flow.get("is_pending")]
    if not pending:
        raise InvalidLogin(_("The sign-in has to begin again."))
    code, words = _PENDING.get(pending[0]["id"], _NOT_HERE)
    body: dict[str, Any] = {
        "type": f"urn:chatsite:problem:{code}",
        "title": str(words),
        "status": HTTPStatus.UNAUTHORIZED,
        "code": code,
    }
    if code == "mfa_required":
        body |= {
            "session_token": said["meta"].get("session_token"),
            "methods": pending[0].get("types", []),
        }
    headers = {"WWW-Authenticate": CHALLENGE, "Cache-Control": "no-store"}
    return Response(body, body["status"], headers=headers, content_type="application/problem+json")


def _refused(errors: list[dict[str, str]]) -> APIException:
    """Return what fits allauth's list of errors: a credential that is wrong, or a form that is."""
    if any(error.get("code") == "too_many_login_attempts" for error in errors):
        return TooManySignIns()
    missing = {error["param"]: [error["message"]] for error in errors if error.get("code") == "required"}
    if missing or not errors:
        return ValidationError(missing or {"body": [_("A JSON object is needed.")]})
    return InvalidLogin(errors[0]["message"])
