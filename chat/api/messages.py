"""REST: what is said in a conversation, and the way to ask."""

from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.tokens.access import READ, WRITE
from chat import conversations
from chat.api import idempotency
from chat.api.pagination import InOrder
from chat.api.serializers import (
    AcceptedSerializer,
    MessageSerializer,
    NewMessageSerializer,
)
from chat.models import Message


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
