"""Tokens from a sign-in: allauth's, with a refresh token that works once, however many ask at once."""

from importlib import import_module

import structlog
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from allauth.headless.tokens.strategies.jwt import internal as jwt
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.signals import Ended, end
from accounts.tokens.access import Kind, handle_of
from accounts.tokens.bearer import session_key_of

logger = structlog.get_logger(__name__)


class DeskTokens(JWTTokenStrategy):
    """allauth's tokens: each names a session, and every one made from a sign-in ends with that session.

    allauth forgets a used refresh token, but two requests at once could both use it, and the thief and the
    owner of a stolen one would go on side by side unnoticed. Here the session's row is locked meanwhile, and
    a token that comes a second time ends the whole family (RFC 9700, 4.14.2).
    """

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return a new access token and a new refresh token; None if this one is not good (any more)."""
        key = session_key_of(refresh_token, "refresh")
        if key is None:
            return None
        with transaction.atomic():
            Session.objects.select_for_update().filter(pk=key).values_list("pk").first()
            tokens = super().refresh_token(refresh_token)
        if tokens is None:
            self._refuse(key)
        return tokens

    def _refuse(self, session_key: str) -> None:
        session = jwt.lookup_session(session_key)
        user_id = session.get(SESSION_KEY) if session is not None else None
        if user_id is not None:
            logger.warning("refresh_token_used_again", user=user_id)
            end_session(session_key, int(user_id))


def end_session(session_key: str, user_id: int) -> None:
    """End a session: its tokens at once, its sockets as soon as they are told."""
    with transaction.atomic():
        import_module(settings.SESSION_ENGINE).SessionStore().delete(session_key)
        UserSession.objects.filter(session_key=session_key).delete()
        end(Ended(user_id, handle_of(Kind.SESSION, session_key)))
