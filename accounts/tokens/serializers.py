"""What the routes about signing in take and give."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A user name and a password",
            request_only=True,
            value={"username": "alice", "password": "correct-horse-42"},
        )
    ]
)
class SignInSerializer(serializers.Serializer):
    """A user name or an e-mail address, and the password."""

    username = serializers.CharField(required=False, max_length=254)
    email = serializers.EmailField(required=False)
    password = serializers.CharField(max_length=1_000, trim_whitespace=False)


@extend_schema_serializer(
    examples=[OpenApiExample("A code of an authenticator app", request_only=True, value={"code": "204117"})]
)
class SecondStepSerializer(serializers.Serializer):
    """A code from an authenticator app, or a recovery code."""

    code = serializers.CharField(max_length=32)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A refresh token",
            request_only=True,
            value={"refresh_token": "eyJhbGciOiJFUzI1NiJ9.eyJ0eXBlIjoicmVmcmVzaCJ9.q2Lw"},
        )
    ]
)
class RefreshSerializer(serializers.Serializer):
    """A refresh token; it is used up by this."""

    refresh_token = serializers.CharField(max_length=4_096)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Either token", request_only=True, value={"token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MSJ9.x7Rk"}
        )
    ]
)
class RevokeSerializer(serializers.Serializer):
    """An access token or a refresh token of the sign-in that ends."""

    token = serializers.CharField(max_length=4_096)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A pair of tokens",
            response_only=True,
            value={
                "access_token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MSJ9.x7Rk",
                "refresh_token": "eyJhbGciOiJFUzI1NiJ9.eyJ0eXBlIjoicmVmcmVzaCJ9.q2Lw",
                "token_type": "Bearer",
                "expires_in": 900,
            },
        )
    ]
)
class TokensSerializer(serializers.Serializer):
    """A pair of tokens."""

    access_token = serializers.CharField(help_text="For `Authorization: Bearer …`.")
    refresh_token = serializers.CharField(help_text="Good once, for the next pair.")
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token is good for.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A second step is needed",
            response_only=True,
            status_codes=["401"],
            media_type="application/problem+json",
            value={
                "type": "urn:chatsite:problem:mfa_required",
                "title": "A code of the second step is needed.",
                "status": 401,
                "code": "mfa_required",
                "session_token": "k3x0v8q1l2m4",
                "methods": ["totp", "recovery_codes"],
            },
        )
    ]
)
class UnfinishedSerializer(serializers.Serializer):
    """A problem: the sign-in is not finished (`mfa_required`) or cannot be finished here."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="`invalid_login`, `mfa_required`, `email_not_verified` …")
    session_token = serializers.CharField(
        required=False, help_text="With `mfa_required`: for the header `X-Session-Token` of the second step."
    )
    methods = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="With `mfa_required`: what the person has, such as `totp`.",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "For one conversation",
            request_only=True,
            value={"conversation": "9b2f8f0e-6a34-4c5b-9a52-0e0c0a6f7c11"},
        )
    ]
)
class TicketRequestSerializer(serializers.Serializer):
    """What a ticket is for."""

    conversation = serializers.UUIDField(required=False, help_text="Good for this conversation only.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A ticket",
            response_only=True,
            value={"ticket": "t4Q9cV0n", "protocols": ["chatsite.v1", "ticket.t4Q9cV0n"], "expires_in": 30},
        )
    ]
)
class TicketSerializer(serializers.Serializer):
    """A ticket for one socket."""

    ticket = serializers.CharField()
    protocols = serializers.ListField(
        child=serializers.CharField(), help_text="What to offer as `Sec-WebSocket-Protocol`."
    )
    expires_in = serializers.IntegerField(help_text="Seconds.")
