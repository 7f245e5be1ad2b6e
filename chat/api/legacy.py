"""REST under the names of the services that this desk replaces: thin aliases, for clients that know those.

They do what ``/api/v1/conversations/`` does, by the same functions, under the same limits; a session is a
conversation and its id is the conversation's. New clients should use those.
"""

from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ, WRITE
from chat import conversations, filing
from chat.api import idempotency
from chat.api.asking import must_read
from chat.api.conversation_schema import CONVERSATION
from chat.api.serializers import (
    CitationSerializer,
    MessageSerializer,
    NoticeSerializer,
    SourceSerializer,
    TurnErrorSerializer,
)
from chat.api.waiting import wait_here
from chat.conversations import Submitted
from chat.models import Conversation, Turn
from chat.turn.outcome import citation_json, source_json

TAG: Final = "aliases"
WAIT_SECONDS: Final = 30
SHOWN_MESSAGES: Final = 200
_ID: Final = CONVERSATION["id"]
_TURN: Final = CONVERSATION["last_turn"]["id"]
_QUESTION: Final = "2b8a3a4c-7f0e-4b62-8f38-0a8f5ab1c7d4"
_CITED: Final = {
    "number": 1, "kind": "passage", "title": "Checked baggage", "section": "Allowance",
    "quote": "Every Standard fare includes one checked bag of up to 23 kg.",
    "url": "/knowledge/passages/12/", "version": 3, "page": None, "effective_from": "2026-01-01",
}  # fmt: skip


class SessionSerializer(serializers.Serializer):
    """A session: a conversation under its former name."""

    session_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    conversation = serializers.CharField(help_text="The same under its present name.")


class SessionMessageSerializer(serializers.Serializer):
    """A question in a session."""

    session_id = serializers.UUIDField()
    message = serializers.CharField(max_length=100_000, trim_whitespace=True)
    client_id = serializers.UUIDField(required=False, help_text="The same again asks nothing new.")


class SessionAcceptedSerializer(serializers.Serializer):
    """A question whose answer takes longer."""

    session_id = serializers.UUIDField()
    message_id = serializers.UUIDField()
    turn = serializers.UUIDField()
    state = serializers.ChoiceField(Turn.Status.choices)
    events = serializers.CharField(help_text="Where to follow the answer.")


class SessionAnswerSerializer(SessionAcceptedSerializer):
    """A whole answer."""

    answer = serializers.CharField(allow_blank=True, help_text="Empty where nothing was written.")
    intent = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    citations = CitationSerializer(many=True)
    notices = NoticeSerializer(many=True)
    quick_replies = serializers.ListField(child=serializers.CharField())
    source = SourceSerializer(allow_null=True)
    error = TurnErrorSerializer(allow_null=True, help_text="Of a failed turn.")


class SessionHistorySerializer(SessionSerializer):
    """What was said in a session."""

    title = serializers.CharField(allow_blank=True)
    message_count = serializers.IntegerField()
    messages = MessageSerializer(many=True, help_text=f"The newest {SHOWN_MESSAGES}, in order.")
    all_messages = serializers.CharField(help_text="Where all of them are, in pages.")


_SESSION: Final = {
    "session_id": _ID,
    "created_at": CONVERSATION["created_at"],
    "conversation": CONVERSATION["urls"]["self"],
}
_ACCEPTED: Final = {
    "session_id": _ID, "message_id": _QUESTION, "turn": _TURN, "state": "running",
    "events": f"/api/v1/turns/{_TURN}/events",
}  # fmt: skip
_OPENED_EXAMPLE: Final = OpenApiExample("A session", value=_SESSION, response_only=True, status_codes=["201"])
_QUESTION_EXAMPLE: Final = OpenApiExample(
    "A question", value={"session_id": _ID, "message": "How heavy may a checked bag be?"}, request_only=True
)
_ACCEPTED_EXAMPLE: Final = OpenApiExample(
    "It takes longer", value=_ACCEPTED, response_only=True, status_codes=["202"]
)
_ANSWER_EXAMPLE: Final = OpenApiExample(
    "The answer",
    value=_ACCEPTED
    | {
        "state": "completed",
        "answer": "Every Standard fare includes one checked bag of up to 23 kg [1].",
        "intent": "policy",
        "language": "en",
        "citations": [_CITED],
        "notices": [],
        "quick_replies": ["And an overweight bag?"],
        "source": {"kind": "model", "provider": "openai", "model": "small"},
        "error": None,
    },
    response_only=True,
    status_codes=["200"],
)
_HISTORY_EXAMPLE: Final = OpenApiExample(
    "A question that is being answered",
    value=_SESSION
    | {
        "title": "How heavy may a checked bag be?",
        "message_count": 1,
        "messages": [
            {
                "id": _QUESTION, "role": "user", "text": "How heavy may a checked bag be?",
                "created_at": CONVERSATION["created_at"], "client_id": None, "turn": _TURN,
                "state": "running", "citations": [], "notices": [], "quick_replies": [], "source": None,
                "error": None, "rating": None,
            }
        ],
        "all_messages": CONVERSATION["urls"]["messages"],
    },
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
_LOCATION: Final = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[200, 201, 202], description="Of the session or turn."
)


class SessionsView(APIView):
    """Open a session."""

    scopes = {"POST": WRITE}

    @extend_schema(
        operation_id="session_create",
        tags=[TAG],
        parameters=[idempotency.HEADER, _LOCATION],
        request=None,
        responses={201: SessionSerializer},
        examples=[_OPENED_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Open a conversation. Alias of `POST /api/v1/conversations/`."""
        key = idempotency.id_of(request, "conversation")
        language = request.headers.get("Accept-Language", "")
        opened = filing.begin(request.user, key, accept_language=language)
        headers = {"Location": reverse("session", args=[opened.pk])}
        return Response(_session_json(opened), status.HTTP_201_CREATED, headers=headers)


class SessionMessagesView(APIView):
    """Ask in a session."""

    scopes = {"POST": WRITE}

    @extend_schema(
        operation_id="session_ask",
        tags=[TAG],
        parameters=[idempotency.HEADER, _LOCATION],
        request=SessionMessageSerializer,
        responses={
            200: OpenApiResponse(SessionAnswerSerializer, "The whole answer; `state` tells if there is one."),
            202: OpenApiResponse(SessionAcceptedSerializer, "It takes longer; follow `events`."),
        },
        examples=[_QUESTION_EXAMPLE, _ANSWER_EXAMPLE, _ACCEPTED_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Ask, and wait up to 30 seconds for the whole answer.

        Alias of `POST /api/v1/conversations/{id}/messages/?wait=30`.
        """
        must_read(request)
        sent = SessionMessageSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        session, text = sent.validated_data["session_id"], sent.validated_data["message"]
        client_id = sent.validated_data.get("client_id") or idempotency.id_of(request, session)
        submitted = async_to_sync(conversations.submit)(
            request.user, session, text, client_id, over_http=True
        )
        headers = {"Location": reverse("api:turn", args=[submitted.turn.pk]), **submitted.limit_headers}
        turn = wait_here(submitted.turn, WAIT_SECONDS)
        if turn is None:
            return Response(_accepted_json(submitted), status.HTTP_202_ACCEPTED, headers=headers)
        return Response({**_accepted_json(submitted), **_answer_json(turn)}, headers=headers)


class SessionView(APIView):
    """One session."""

    scopes = {"GET": READ}

    @extend_schema(
        operation_id="session_retrieve",
        tags=[TAG],
        responses={200: SessionHistorySerializer},
        examples=[_HISTORY_EXAMPLE],
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Return what was said. Alias of `GET /api/v1/conversations/{id}/messages/`, without its pages."""
        session = conversations.get_conversation(request.user, conversation_id)
        said = session.messages.select_related("asked_in", "answered_in__rating")
        newest = said.prefetch_related("answered_in__citations").order_by("-position")[:SHOWN_MESSAGES]
        body = {
            **_session_json(session),
            "title": session.title,
            "message_count": session.message_count,
            "messages": MessageSerializer(reversed(newest), many=True).data,
            "all_messages": reverse("api:messages", args=[session.pk]),
        }
        return Response(body)


def _session_json(session: Conversation) -> dict[str, Any]:
    return {
        "session_id": session.pk,
        "created_at": session.created_at,
        "conversation": reverse("api:conversation", args=[session.pk]),
    }


def _accepted_json(submitted: Submitted) -> dict[str, Any]:
    return {
        "session_id": submitted.message.conversation_id,
        "message_id": submitted.message.pk,
        "turn": submitted.turn.pk,
        "state": submitted.turn.status,
        "events": reverse("api:turn-events", args=[submitted.turn.pk]),
    }


def _answer_json(turn: Turn) -> dict[str, Any]:
    failed = turn.status == Turn.Status.FAILED
    error = {"code": turn.error_code, "words": turn.error_words, "retryable": turn.error_retryable}
    return {
        "state": turn.status,
        "answer": turn.answer.text if turn.answer else "",
        "intent": turn.intent,
        "language": turn.language,
        "citations": [citation_json(citation) for citation in turn.citations.all()],
        "notices": turn.notices,
        "quick_replies": turn.quick_replies,
        "source": source_json(turn) if turn.answer else None,
        "error": error if failed else None,
    }
