"""How programs get in: allauth's tokens and its OAuth provider, as ``settings`` takes them in.

allauth reads most of these at the moment of use, so tests may change them.
"""

import hashlib
import hmac

# --- Tokens from a sign-in (JSON Web Tokens) ----------------------------------------------------------------

HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.strategy.DeskTokens"
HEADLESS_JWT_ALGORITHM = "HS256"  # only the desk itself reads them, so nobody needs a public key
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 15 * 60
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 14 * 24 * 3_600
HEADLESS_JWT_ROTATE_REFRESH_TOKEN = True
# A token is good only while its session is: that is what ends it at once.
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True

# --- Third parties (OAuth 2, OpenID Connect) ----------------------------------------------------------------

IDP_OIDC_ADAPTER = "accounts.tokens.provider.DeskProvider"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3_600
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3_600
IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN = 60


def token_key(secret_key: str) -> str:
    """Return the key that signs tokens: made from the site's, and of no use in its place."""
    return hmac.new(secret_key.encode(), b"chatsite.tokens", hashlib.sha256).hexdigest()
