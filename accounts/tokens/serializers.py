"""What the routes about signing in take and give."""

from rest_framework import serializers


class SignInSerializer(serializers.Serializer):
    """A user name or an e-mail address, and the password."""

    username = serializers.CharField(required=False, max_length=254)
    email = serializers.EmailField(required=False)
    password = serializers.CharField(max_length=1_000, trim_whitespace=False)


class SecondStepSerializer(serializers.Serializer):
    """A code from an authenticator app, or a recovery code."""

    code = serializers.CharField(max_length=32)


class RefreshSerializer(serializers.Serializer):
    """A refresh token; it is used up by this."""

    refresh_token = serializers.CharField(max_length=4_096)


class RevokeSerializer(serializers.Serializer):
    """An access token or a refresh token of the sign-in that ends."""

    token = serializers.CharField(max_length=4_096)


class TokensSerializer(serializers.Serializer):
    """A pair of tokens."""

    access_token = serializers.CharField(help_text="For `Authorization: Bearer …`.")
    refresh_token = serializers.CharField(help_text="Good once, for the next pair.")
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token is good for.")


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


class TicketRequestSerializer(serializers.Serializer):
    """What a ticket is for."""

    conversation = serializers.UUIDField(required=False, help_text="Good for this conversation only.")


class TicketSerializer(serializers.Serializer):
    """A ticket for one socket."""

    ticket = serializers.CharField()
    protocols = serializers.ListField(
        child=serializers.CharField(), help_text="What to offer as `Sec-WebSocket-Protocol`."
    )
    expires_in = serializers.IntegerField(help_text="Seconds.")
