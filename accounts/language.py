"""Which language a person is spoken to in: their profile's, else the one chosen in this browser, else what
the browser asks for, else English.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from http.cookies import CookieError
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase, parse_cookie
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import User

NEVER_LOOKED_AT: Final = ("/health",)  # probes have no language, and must not wait for the database


def known(code: str) -> str:
    """Return the code of a language that the desk speaks, such as ``es`` for ``es-MX``; else nothing."""
    try:
        return translation.get_supported_language_variant(code) if code else ""
    except LookupError:
        return ""


def preferred(accept_language: str) -> str:
    """Return the first language of an Accept-Language header (RFC 9110, 12.5.4) that the desk speaks."""
    asked = parse_accept_lang_header(accept_language.lower())
    return next((found for code, _ in asked if code != "*" and (found := known(code))), "")


def language_of(
    user: User | AnonymousUser | None = None, *, cookie: str = "", accept_language: str = ""
) -> str:
    """Return the language to speak to somebody in.

    Args:
        user: whose profile says first.
        cookie: what was chosen in the browser.
        accept_language: the header.
    """
    profile = getattr(user, "language", "") if user is not None else ""
    return known(profile) or known(cookie) or preferred(accept_language) or settings.LANGUAGE_CODE


def language_of_scope(scope: Mapping[str, Any], user: User) -> str:
    """Return the language of a socket's person."""
    headers = dict(scope.get("headers", ()))
    try:
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        cookies = {}
    return language_of(
        user,
        cookie=cookies.get(settings.LANGUAGE_COOKIE_NAME, ""),
        accept_language=headers.get(b"accept-language", b"").decode("latin-1"),
    )


def speak(user: User) -> None:
    """Speak to a person in their own language for the rest of this request, where they have chosen one.

    For those whom a key or token names, which is known long after the middleware.
    """
    if language := known(user.language):
        translation.activate(language)


class Languages:
    """Middleware: every page and problem in the language of whoever asks. It stands after the one that finds
    the session's person.

    Django's own knows no profile, and leaves one request's language on for whatever the thread does next.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the person's language, and say which that is."""
        if request.path.startswith(NEVER_LOOKED_AT):
            return self._get_response(request)
        with translation.override(_language_of_request(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _language_of_request(request: HttpRequest) -> str:
    try:
        user = request.user if request.user.is_authenticated else None
    except DatabaseError:  # whoever needs the person next ends the request, with a page in a language
        user = None
    return language_of(
        user,
        cookie=request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        accept_language=request.headers.get("Accept-Language", ""),
    )


def grouped(number: int | Decimal, places: int | None = None) -> str:
    """Return a number as the present language writes it, thousands set apart: 1,234.50 or 1.234,50."""
    return number_format(number, places, use_l10n=True, force_grouping=True)
