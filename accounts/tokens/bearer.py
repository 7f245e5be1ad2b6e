"""``Authorization: Bearer …``: a key, a token from a sign-in or a third party's, told apart by looks."""

from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.tokens.strategies.jwt import internal as jwt
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import ApiKey, User
from accounts.models.keys import KEY_PREFIX
from accounts.tokens.access import Access, Kind, of_session

LONGEST = 4_096


def resolve_bearer(value: str) -> tuple[User, Access] | None:
    """Return who a bearer value stands for and how far it reaches; None if it opens nothing (any more)."""
    if not value or len(value) > LONGEST:
        return None
    if value.startswith(KEY_PREFIX):
        return _by_key(value)
    if value.count(".") == 2:
        return _by_token(value)
    return _by_grant(value)


def session_key_of(value: str, use: str) -> str | None:
    """Return the session that a token of ours names, if it is signed, in time and made for ``use``.

    Args:
        value: the token.
        use: ``access`` or ``refresh``.
    """
    payload = jwt.decode_token(value, use)  # one algorithm, whatever the token's own header says
    return jwt.session_key_from_sid(payload["sid"]) if payload else None


def lookup_signed_in(session_key: str) -> SessionBase | None:
    """Return a session that somebody is signed in to."""
    session = jwt.lookup_session(session_key)
    return session if session is not None and SESSION_KEY in session else None


def _by_key(value: str) -> tuple[User, Access] | None:
    key = ApiKey.objects.by_value(value)
    if key is None:
        return None
    key.note_use()
    expires = key.expires_at.timestamp() if key.expires_at else None
    return key.user, Access(key.user_id, Kind.KEY, str(key.pk), expires_at=expires)


def _by_token(value: str) -> tuple[User, Access] | None:
    payload = jwt.decode_token(value, "access")
    session = jwt.get_token_session(payload) if payload else None
    user = get_session_user(session) if session is not None else None
    if payload is None or user is None or str(user.pk) != payload["sub"]:
        return None
    return user, of_session(session, user, expires_at=payload["exp"])


def _by_grant(value: str) -> tuple[User, Access] | None:
    """Look up a third party's token; one from client credentials acts as the owner of its client."""
    tokens = Token.objects.valid().by_value(value).select_related("user", "client__owner")
    token = tokens.filter(type=Token.Type.ACCESS_TOKEN, client__isnull=False).first()
    user = (token.user or token.client.owner) if token else None
    if token is None or user is None or not user.is_active or not _is_for_us(token):
        return None
    expires = token.expires_at.timestamp() if token.expires_at else None
    scopes = tuple(token.get_scopes())
    return user, Access(user.pk, Kind.GRANT, str(token.pk), expires_at=expires, scopes=scopes)


def _is_for_us(token: Token) -> bool:
    """Tell whether a token bound to resources (RFC 8707) names the whole API as one."""
    ours = f"{settings.SITE_URL}/api/v1/"
    resources = token.get_resources()
    return not resources or any(ours.startswith(resource.rstrip("/") + "/") for resource in resources)
