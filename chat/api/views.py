"""REST views: conversations, messages, turns."""

import json
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, renderers, status
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ, WRITE
from chat import conversations
from chat.api import idempotency
from chat.api.pagination import InOrder
from chat.api.serializers import (
    AcceptedSerializer,
    ConversationSerializer,
    MessageSerializer,
    NewMessageSerializer,
    StreamedEventSerializer,
    TurnSerializer,
)
from chat.api.sse import stream_turn
from chat.events import EventId
from chat.models import Conversation, Message
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


class MessagesView(generics.ListAPIView):
    """The messages of a conversation, in order; and the way to ask."""

    scopes = {"GET": READ, "POST": WRITE}
    serializer_class = MessageSerializer
    pagination_class = InOrder
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        """Return the messages with what belongs to them."""
        conversation = conversations.get_conversation(self.request.user, self.kwargs["conversation_id"])
        return conversation.messages.select_related("asked_in", "answered_in").prefetch_related(
            "answered_in__citations"
        )

    @extend_schema(
        request=NewMessageSerializer, responses={202: AcceptedSerializer}, parameters=[idempotency.HEADER]
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Ask a question. It is saved when this answers; follow the turn for the answer."""
        asked = NewMessageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        text = asked.validated_data["text"]
        client_id = asked.validated_data.get("client_id") or idempotency.id_of(request, conversation_id)
        submitted = async_to_sync(conversations.submit)(
            request.user, conversation_id, text, client_id, over_http=True
        )
        turn = submitted.turn
        body = {
            "message": MessageSerializer(submitted.message).data,
            "turn": turn.pk,
            "events": reverse("api:turn-events", args=[turn.pk]),
        }
        headers = {"Location": reverse("api:turn", args=[turn.pk]), **submitted.limit_headers}
        return Response(body, status.HTTP_202_ACCEPTED, headers=headers)


class TurnView(generics.RetrieveAPIView):
    """The state of one turn."""

    scopes = {"GET": READ}
    serializer_class = TurnSerializer

    def get_object(self):
        """Return the turn, if it is the person's own."""
        return conversations.get_turn(self.request.user, self.kwargs["turn_id"])


class TurnStopView(APIView):
    """Stop a turn."""

    scopes = {"POST": WRITE}

    @extend_schema(
        request=None, responses={202: OpenApiResponse(description="It will end; what was written is kept.")}
    )
    def post(self, request: Request, turn_id: UUID) -> Response:
        """End the answer; what was written so far is kept."""
        turn = conversations.get_turn(request.user, turn_id)
        async_to_sync(conversations.stop)(turn)
        return Response(status=status.HTTP_202_ACCEPTED)


class _OneFormat(DefaultContentNegotiation):
    """Answer in the one format there is: a client that follows events asks for ``text/event-stream``."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class TurnEventsView(APIView):
    """A turn's events as server-sent events."""

    scopes = {"GET": READ}
    content_negotiation_class = _OneFormat

    @extend_schema(
        parameters=[
            OpenApiParameter("after", OpenApiTypes.STR, description="Cursor: the last event id you have."),
            OpenApiParameter("Last-Event-ID", OpenApiTypes.STR, OpenApiParameter.HEADER),
        ],
        responses={(200, "text/event-stream"): StreamedEventSerializer},
    )
    def get(self, request: Request, turn_id: UUID) -> StreamingHttpResponse:
        """Follow the turn after the cursor, to its final event."""
        turn = conversations.get_turn(request.user, turn_id)
        return stream_turn(turn, _cursor(request))


def _cursor(request: Request) -> EventId | None:
    text = request.headers.get("Last-Event-ID") or request.query_params.get("after")
    if not text:
        return None
    try:
        return EventId.parse(text)
    except ValueError:
        raise ValidationError({"after": ['An event id such as "1-7".']}) from None
