"""REST: what is said in a conversation, and the ways to ask."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ, WRITE
from chat import conversations
from chat.api import idempotency, sse
from chat.api import turn_examples as examples
from chat.api.asking import PREFER, WAIT, WholeAnswerSerializer, answered, ask, must_read, wait_of
from chat.api.etags import ETAG, IF_NONE_MATCH, NOT_MODIFIED, tagged
from chat.api.negotiation import OneFormat
from chat.api.pagination import InOrder
from chat.api.serializers import (
    AcceptedSerializer,
    MessageSerializer,
    NewMessageSerializer,
)
from chat.models import Message

ANSWERS = {
    200: OpenApiResponse(
        WholeAnswerSerializer, "The whole answer to what had been sent before, with `wait`."
    ),
    201: OpenApiResponse(WholeAnswerSerializer, "The whole answer, with `wait`."),
    202: OpenApiResponse(AcceptedSerializer, "The question is saved; follow its turn."),
}


class MessagesView(generics.ListAPIView):
    """The messages of a conversation, in order; and the way to ask."""

    scopes = {"GET": READ, "POST": WRITE}
    serializer_class = MessageSerializer
    pagination_class = InOrder
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        """Return the messages with what belongs to them."""
        conversation = conversations.get_conversation(self.request.user, self.kwargs["conversation_id"])
        return conversation.messages.select_related("asked_in", "answered_in__rating").prefetch_related(
            "answered_in__citations"
        )

    @extend_schema(
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: MessageSerializer(many=True), **NOT_MODIFIED},
        examples=examples.MESSAGES,
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """List the messages in the order they were said, answers with what they cite."""
        return tagged(request, super().get(request, *args, **kwargs).data)

    @extend_schema(
        request=NewMessageSerializer,
        responses=ANSWERS,
        parameters=[WAIT, PREFER, idempotency.HEADER],
        examples=examples.ASKING,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Ask a question. It is saved when this answers.

        Without `wait` that is at once, and the turn is followed for the answer. With it, the whole answer
        comes in one piece if it is there in time. A turn that failed is told by `state` and `error`.
        """
        seconds = wait_of(request)
        return answered(request, ask(request, conversation_id), seconds)


class MessageStreamView(APIView):
    """Ask and follow in one request."""

    scopes = {"POST": WRITE}
    content_negotiation_class = OneFormat

    @extend_schema(
        operation_id="conversations_messages_stream",
        request=NewMessageSerializer,
        responses=sse.ANSWERS,
        parameters=[idempotency.HEADER, sse.LAST_EVENT_ID, sse.AFTER],
        examples=[examples.NEW_MESSAGE, examples.STREAM],
    )
    def post(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """Ask a question, and get the events of its turn as server-sent events; the first says it is saved.

        What cannot be taken is refused before the stream begins. A client that goes away does not stop the
        answer: the same request again (with the same `client_id` or `Idempotency-Key`, and `Last-Event-ID`)
        goes on where it was, and so does the turn's own stream.
        """
        must_read(request)
        cursor = sse.cursor_of(request)
        submitted = ask(request, conversation_id)
        return sse.stream_turn(submitted.turn, cursor, headers=submitted.limit_headers)
