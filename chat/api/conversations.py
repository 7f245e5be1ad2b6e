"""REST: the signed-in person's conversations."""

import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, renderers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ, WRITE
from chat import conversations
from chat.api import idempotency
from chat.api.serializers import (
    ConversationSerializer,
)
from chat.models import Conversation
from chat.privacy import markdown


class ConversationsView(generics.ListCreateAPIView):
    """The signed-in person's conversations."""

    scopes = {"GET": READ, "POST": WRITE}  # what third parties need; a view without is closed to them
    serializer_class = ConversationSerializer
    queryset = Conversation.objects.none()

    def get_queryset(self) -> QuerySet[Conversation]:
        """Return the person's own."""
        return Conversation.objects.visible_to(self.request.user)

    @extend_schema(parameters=[idempotency.HEADER])
    def post(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Open a conversation."""
        return super().post(request, *args, **kwargs)

    def perform_create(self, serializer: ConversationSerializer) -> None:
        """Open a conversation, or find the one that the same key has opened."""
        key = idempotency.id_of(self.request, "conversation")
        serializer.instance = conversations.open_conversation(
            self.request.user, key, accept_language=self.request.headers.get("Accept-Language", "")
        )


class ConversationView(generics.RetrieveDestroyAPIView):
    """One conversation."""

    scopes = {"GET": READ}
    serializer_class = ConversationSerializer
    queryset = Conversation.objects.none()

    def get_object(self) -> Conversation:
        """Return the person's own; anybody else's is not there."""
        return conversations.get_conversation(self.request.user, self.kwargs["conversation_id"])

    def perform_destroy(self, instance: Conversation) -> None:
        """Delete it for good, everywhere; open sockets are told and closed."""
        conversations.delete(self.request.user, instance.pk)


class _AsText(renderers.BaseRenderer):
    """Markdown, as it is."""

    media_type, format, charset = "text/markdown", "md", "utf-8"

    def render(self, data: Any, media_type: str | None = None, context: dict[str, Any] | None = None) -> str:
        """Return the text of a conversation; a problem is what its content type says, JSON."""
        return markdown(data) if "messages" in data else json.dumps(data)


class ConversationExportView(APIView):
    """One conversation to be kept: JSON with everything, or Markdown (``Accept: text/markdown``)."""

    renderer_classes = (renderers.JSONRenderer, _AsText)

    @extend_schema(
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "text/markdown"): OpenApiTypes.STR,
        }
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Return the conversation with everything that belongs to it."""
        return Response(conversations.export(request.user, conversation_id))
