"""REST: a turn, its end, and its events as they happen."""

from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ, WRITE
from chat import conversations
from chat.api.negotiation import OneFormat
from chat.api.serializers import (
    StreamedEventSerializer,
    TurnSerializer,
)
from chat.api.sse import stream_turn
from chat.events import EventId


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


class TurnEventsView(APIView):
    """A turn's events as server-sent events."""

    scopes = {"GET": READ}
    content_negotiation_class = OneFormat

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
