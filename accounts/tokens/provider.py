"""The desk as an OAuth 2 and OpenID provider: which scopes there are, and what is refused."""

from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.resources import InvalidTargetError
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.tokens.access import READ, WRITE

OPENID = "openid"
# What a consent page says of each. There is none that carries rights of staff.
SCOPES = {
    READ: _("Read your conversations"),
    WRITE: _("Ask questions in your name"),
    OPENID: _("Know which account is yours"),
    "email": _("See your e-mail address"),
    "profile": _("See your name and user name"),
}


def offered_scopes() -> dict[str, str]:
    """Return the scopes on offer; those about who somebody is need the key that signs it."""
    if settings.IDP_OIDC_PRIVATE_KEY:
        return SCOPES
    return {scope: words for scope, words in SCOPES.items() if scope in (READ, WRITE)}


def is_ours(resource: str) -> bool:
    """Tell whether an address for which a token is asked (RFC 8707) is of this site."""
    return f"{resource}/".startswith(f"{settings.SITE_URL}/")


class DeskProvider(DefaultOIDCAdapter):
    """allauth's provider with the desk's scopes and address."""

    scope_display = SCOPES

    def get_issuer(self) -> str:
        """Return the site's address, whichever name a request came under."""
        return settings.SITE_URL

    def validate_resource_uris(self, *, uris: list[str], **kwargs: Any) -> None:
        """Refuse tokens for anything but this site (RFC 8707).

        Raises:
            InvalidTargetError: another site is named.
        """
        if not all(map(is_ours, uris)):
            raise InvalidTargetError
