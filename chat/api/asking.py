"""What the ways to ask over REST have in common: the question is taken, then answered or told of."""

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.tokens.access import READ, of_request
from accounts.tokens.authentication import InsufficientScope
from chat import conversations
from chat.api import idempotency
from chat.api.serializers import (
    AcceptedSerializer,
    MessageSerializer,
    NewMessageSerializer,
    TurnErrorSerializer,
)
from chat.api.waiting import LONGEST_SECONDS, seconds_of, wait_here
from chat.conversations import Submitted
from chat.models import Turn
from chat.turn.outcome import usage_json

WAIT = OpenApiParameter(
    "wait",
    OpenApiTypes.INT,
    description=f"Wait so many seconds for the whole answer, 0 to {LONGEST_SECONDS}; then 201 has it (200 "
    "where the question had been sent before). What takes longer is answered by 202 and goes on.",
)
PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`wait=30`: the same as `?wait=30` (RFC 7240).",
)


class AnswerUsageSerializer(serializers.Serializer):
    """What an answer took."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    first_token_ms = serializers.IntegerField(allow_null=True)
    total_ms = serializers.IntegerField(allow_null=True)


class WholeAnswerSerializer(AcceptedSerializer):
    """A question and what became of it: as a question that is saved, and the outcome."""

    state = serializers.ChoiceField(Turn.Status.choices, help_text="completed, failed or stopped.")
    answer = MessageSerializer(allow_null=True, help_text="With citations; null where nothing was written.")
    usage = AnswerUsageSerializer()
    error = TurnErrorSerializer(allow_null=True, help_text="Of a failed turn.")


def ask(request: Request, conversation_id: UUID) -> Submitted:
    """Take the question in a request's body.

    Raises:
        ValidationError: the body is not one of a question.
        ChatError: as ``conversations.submit``.
    """
    asked = NewMessageSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    client_id = asked.validated_data.get("client_id") or idempotency.id_of(request, conversation_id)
    return async_to_sync(conversations.submit)(
        request.user, conversation_id, asked.validated_data["text"], client_id, over_http=True
    )


def answered(request: Request, submitted: Submitted, seconds: float | None) -> Response:
    """Return the whole answer if it ends in time; else where to follow it.

    Args:
        request: of the one who asked.
        submitted: the question.
        seconds: how long to wait; None not at all.
    """
    headers = {"Location": reverse("api:turn", args=[submitted.turn.pk]), **submitted.limit_headers}
    if seconds is not None:
        if "Prefer" in request.headers and "wait" not in request.query_params:
            headers["Preference-Applied"] = f"wait={seconds:.0f}"
        if (turn := wait_here(submitted.turn, seconds)) is not None:
            code = status.HTTP_201_CREATED if submitted.is_new else status.HTTP_200_OK
            return Response(whole_json(turn), code, headers=headers)
    return Response(_accepted_json(submitted), status.HTTP_202_ACCEPTED, headers=headers)


def wait_of(request: Request) -> float | None:
    """Return how long the client wants to wait for the answer, which it must then be allowed to read.

    Raises:
        ValidationError: see ``seconds_of``.
        InsufficientScope: an application of others that may not read.
    """
    seconds = seconds_of(request)
    if seconds is not None:
        must_read(request)
    return seconds


def must_read(request: Request) -> None:
    """Refuse applications of others that may ask, and not read answers.

    Raises:
        InsufficientScope: it is one.
    """
    if not of_request(request).allows(READ):
        raise InsufficientScope


def whole_json(turn: Turn) -> dict[str, Any]:
    """Return a finished turn as clients that waited have it (see ``WholeAnswerSerializer``).

    Args:
        turn: as ``whole_answer`` returns it.
    """
    failed = turn.status == Turn.Status.FAILED
    error = {"code": turn.error_code, "words": turn.error_words, "retryable": turn.error_retryable}
    return {
        "message": MessageSerializer(turn.question).data,
        "turn": turn.pk,
        "events": reverse("api:turn-events", args=[turn.pk]),
        "state": turn.status,
        "answer": MessageSerializer(turn.answer).data if turn.answer else None,
        "usage": usage_json(turn),
        "error": error if failed else None,
    }


def _accepted_json(submitted: Submitted) -> dict[str, Any]:
    return {
        "message": MessageSerializer(submitted.message).data,
        "turn": submitted.turn.pk,
        "events": reverse("api:turn-events", args=[submitted.turn.pk]),
    }
