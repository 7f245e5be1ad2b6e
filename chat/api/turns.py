"""REST: a turn, its end, its events as they happen, and what the customer makes of it."""

from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ, WRITE
from chat import conversations, rating
from chat.api import idempotency, sse
from chat.api import turn_examples as examples
from chat.api.asking import PREFER, WAIT, answered, wait_of
from chat.api.messages import ANSWERS
from chat.api.negotiation import OneFormat
from chat.api.serializers import RatingSerializer, TurnSerializer
from chat.retrying import retry


class TurnView(generics.RetrieveAPIView):
    """The state of one turn."""

    scopes = {"GET": READ}
    serializer_class = TurnSerializer

    def get_object(self):
        """Return the turn, if it is the person's own."""
        return conversations.get_turn(self.request.user, self.kwargs["turn_id"])

    @extend_schema(examples=[examples.STATE])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Tell how a turn stands, and how its answer came about."""
        return super().get(request, *args, **kwargs)


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


class TurnRetryView(APIView):
    """Ask again what failed or was stopped."""

    scopes = {"POST": WRITE}

    @extend_schema(
        request=None,
        responses=ANSWERS,
        parameters=[WAIT, PREFER, idempotency.HEADER],
        examples=examples.RETRYING,
    )
    def post(self, request: Request, turn_id: UUID) -> Response:
        """Ask the question of a failed or stopped turn once more, as a new message with a turn of its own.

        The same turn again gives the same new one and begins nothing; with another `Idempotency-Key` the
        question is asked anew. 409 `turn_not_finished` while the answer is written, 409 `turn_completed`
        where there is one.
        """
        seconds = wait_of(request)
        client_id = idempotency.id_of(request, "retry", turn_id)
        return answered(request, async_to_sync(retry)(request.user, turn_id, client_id), seconds)


class TurnRatingView(APIView):
    """What the customer thinks of an answer."""

    scopes = {"PUT": WRITE, "DELETE": WRITE}

    @extend_schema(request=RatingSerializer, responses=RatingSerializer, examples=[examples.RATING])
    def put(self, request: Request, turn_id: UUID) -> Response:
        """Rate the answer, in the place of an earlier rating. What is answered is what is kept.

        Personal values in the comment (addresses, numbers, names) are taken out before it is saved. 409
        `turn_not_finished` while the answer is written, 409 `nothing_to_rate` where there is none.
        """
        given = RatingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        kept = rating.rate(request.user, turn_id, **given.validated_data)
        return Response(RatingSerializer(kept).data)

    @extend_schema(responses={204: OpenApiResponse(description="There is no rating any more.")})
    def delete(self, request: Request, turn_id: UUID) -> Response:
        """Take the rating back."""
        rating.take_back(request.user, turn_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TurnEventsView(APIView):
    """A turn's events as server-sent events."""

    scopes = {"GET": READ}
    content_negotiation_class = OneFormat

    @extend_schema(
        parameters=[sse.AFTER, sse.LAST_EVENT_ID], responses=sse.ANSWERS, examples=[examples.STREAM]
    )
    def get(self, request: Request, turn_id: UUID) -> HttpResponseBase:
        """Follow the turn after the cursor, to its final event."""
        cursor = sse.cursor_of(request)
        return sse.stream_turn(conversations.get_turn(request.user, turn_id), cursor)
