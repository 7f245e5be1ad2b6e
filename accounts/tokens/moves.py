"""A session that is given a new key in the middle (a changed password) keeps its open sockets."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.signals import Moved, access_moved
from accounts.tokens.access import Kind, handle_of


class SessionMoves:
    """Middleware that tells when a request ends under another session key than it came with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; compare the keys afterwards."""
        came_with = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        response = self._get_response(request)
        key = request.session.session_key
        if came_with and key and key != came_with and request.user.is_authenticated:
            stamp = request.user.get_session_auth_hash()
            moved = Moved(request.user.pk, handle_of(Kind.SESSION, came_with), key, stamp)
            access_moved.send_robust(SessionMoves, moved=moved)
        return response
