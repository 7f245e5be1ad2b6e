"""REST's front door for programs, and how far each may go."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.language import speak
from accounts.tokens.access import Access, of_request
from accounts.tokens.bearer import resolve_bearer

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which itself needs this module

CHALLENGE = 'Bearer realm="chatsite"'


class InvalidToken(AuthenticationFailed):
    """The key or token opens nothing: unknown, expired, revoked, or its person is gone."""

    default_code = "invalid_token"
    default_detail = _("This key or token is not valid (any more).")


class InsufficientScope(PermissionDenied):
    """A third party asks for more than the person has granted, or than any third party may."""

    default_code = "insufficient_scope"
    default_detail = _("This application has not been given the right to do this.")


class NotWithThis(PermissionDenied):
    """Something that only a person who signed in may do."""

    default_code = "sign_in_needed"
    default_detail = _("Keys and applications cannot do this. Please sign in.")


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer …`` with an API key, a token from a sign-in, or a third party's token.

    What third parties may do is decided here and not by permission classes, so that a view that says nothing
    about it is closed to them: a view opens itself by ``scopes``, a scope for each method.
    """

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Access] | None:
        """Return the person and the access; None where no bearer came.

        Raises InvalidToken, or InsufficientScope.
        """
        scheme, _, value = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = resolve_bearer(value.strip())
        if found is None:
            raise InvalidToken
        person, access = found
        speak(person)
        if access.scopes is not None:
            needed = scope_of(request.parser_context["view"], request.method or "GET")
            if needed is None or not access.allows(needed):
                raise InsufficientScope
        return found

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return CHALLENGE


def scope_of(view: "APIView", method: str) -> str | None:
    """Return the scope that a third party needs for a method of a view; None: no scope is enough."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get("GET" if method in ("HEAD", "OPTIONS") else method)


class OwnSignIn(BasePermission):
    """Lets in people who signed in themselves; keys and third parties must not reach further alone."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the request comes by a session or a token from a sign-in.

        Raises:
            NotWithThis: it comes by something else.
        """
        if not request.user or not request.user.is_authenticated:
            return False
        if not of_request(request).is_own_sign_in:
            raise NotWithThis
        return True
