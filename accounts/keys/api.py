"""REST: the signed-in person's keys. A key can neither make nor list nor revoke keys."""

from typing import Any, Final

from allauth.headless.tokens.strategies.jwt.internal import lookup_session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import generics, serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.keys.fresh import is_fresh
from accounts.limits.throttles import Keys, Requests
from accounts.models import ApiKey
from accounts.tokens.access import of_request
from accounts.tokens.authentication import OwnSignIn

STATES: Final = tuple((state, state) for state in ("active", "expired", "revoked"))


class ReauthenticationNeeded(PermissionDenied):
    """The sign-in is too old to make a key with."""

    default_code = "reauthentication_needed"
    default_detail = _("Please sign in again first: making a key needs a sign-in of the last few minutes.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A key in use",
            response_only=True,
            value={
                "id": 7,
                "name": "nightly report",
                "prefix": "csk_Qm4x1a",
                "created_at": "2026-11-02T09:14:00Z",
                "expires_at": "2027-11-02T00:00:00Z",
                "last_used_at": "2026-11-21T04:00:12Z",
                "revoked_at": None,
                "state": "active",
            },
        ),
        OpenApiExample(
            "A key for a year",
            request_only=True,
            value={"name": "nightly report", "expires_at": "2027-11-02T00:00:00Z"},
        ),
    ]
)
class KeySerializer(serializers.ModelSerializer):
    """A key, without its value."""

    state = serializers.ChoiceField(STATES, read_only=True)

    class Meta:
        model = ApiKey
        fields = ("id", "name", "prefix", "created_at", "expires_at", "last_used_at", "revoked_at", "state")
        read_only_fields = ("id", "prefix", "created_at", "last_used_at", "revoked_at")

    def validate_expires_at(self, value: Any) -> Any:
        """Refuse a key that would never be good."""
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError(_("This time is over."))
        return value


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A new key",
            response_only=True,
            value={
                "key": "csk_Qm4x1a…",
                "id": 7,
                "name": "nightly report",
                "prefix": "csk_Qm4x1a",
                "created_at": "2026-11-02T09:14:00Z",
                "expires_at": "2027-11-02T00:00:00Z",
                "last_used_at": None,
                "revoked_at": None,
                "state": "active",
            },
        )
    ]
)
class NewKeySerializer(KeySerializer):
    """A key just made: ``key`` is told this once."""

    key = serializers.CharField(read_only=True)

    class Meta(KeySerializer.Meta):
        fields = ("key", *KeySerializer.Meta.fields)


@extend_schema_view(
    get=extend_schema(operation_id="me_keys_list", description="List your API keys, without their values.")
)
class KeysView(generics.ListCreateAPIView):
    """The person's API keys."""

    serializer_class = KeySerializer
    permission_classes = (OwnSignIn,)
    throttle_classes = (Requests, Keys)
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Return the person's own."""
        return ApiKey.objects.visible_to(self.request.user)

    @extend_schema(
        responses={201: NewKeySerializer, 403: OpenApiResponse(description="The sign-in is too old.")}
    )
    def post(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Make a key. Its value is in this answer and nowhere else."""
        session = lookup_session(of_request(request).source)
        if session is None or not is_fresh(session, request.user):
            raise ReauthenticationNeeded
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, value = ApiKey.objects.issue(request.user, **asked.validated_data)
        body = {"key": value, **KeySerializer(key).data}
        return Response(body, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


@extend_schema_view(
    get=extend_schema(
        operation_id="me_keys_retrieve", description="Return one of your keys, without its value."
    ),
    delete=extend_schema(
        operation_id="me_keys_revoke", description="Revoke a key at once. It stays in the list."
    ),
)
class KeyView(generics.RetrieveDestroyAPIView):
    """One of the person's keys."""

    serializer_class = KeySerializer
    permission_classes = (OwnSignIn,)
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Return the person's own; anybody else's is not there."""
        return ApiKey.objects.visible_to(self.request.user)

    def perform_destroy(self, key: ApiKey) -> None:
        """Revoke the key; it stays in the list, as somebody may ask what it was."""
        key.revoke()
