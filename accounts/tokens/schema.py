"""How programs sign in, as the OpenAPI description has it."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from accounts.tokens.authentication import scope_of
from accounts.tokens.provider import SCOPES


def _scopes() -> dict[str, str]:
    return {scope: str(words) for scope, words in SCOPES.items()}


class BearerSchemes(OpenApiAuthenticationExtension):
    """Three ways to the same header; a third party's is only shown where third parties are let in."""

    target_class = "accounts.tokens.authentication.BearerAuthentication"
    name = ["apiKey", "token", "oauth2"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return the schemes, in the order of the names."""
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "csk_…",
                "description": "A personal API key, made on the account page.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "An access token from `POST /api/v1/tokens/`; good for 15 minutes.",
            },
            {
                "type": "oauth2",
                "description": "For applications of others. PKCE (S256) is required.",
                "flows": {
                    "authorizationCode": {
                        "authorizationUrl": "/oauth/authorize",
                        "tokenUrl": "/oauth/token",
                        "refreshUrl": "/oauth/token",
                        "scopes": _scopes(),
                    },
                    "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": _scopes()},
                },
            },
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """Return which schemes open the view at hand."""
        requirements: list[dict[str, list[str]]] = [{"apiKey": []}, {"token": []}]
        scope = scope_of(auto_schema.view, auto_schema.method)
        return [*requirements, {"oauth2": [scope]}] if scope else requirements
