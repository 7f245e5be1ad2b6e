"""REST: the signed-in person's conversations."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.tokens.access import READ, WRITE
from chat import filing
from chat.api import conversation_schema as schema
from chat.api import idempotency
from chat.api.conversation_serializers import (
    ConversationChangeSerializer,
    ConversationSerializer,
    ListedConversationSerializer,
    NewConversationSerializer,
    WantedSerializer,
)
from chat.api.etags import ETAG, IF_MATCH, IF_NONE_MATCH, NOT_MODIFIED, check_match, tagged
from chat.api.pagination import LastActiveFirst
from chat.errors import NotFound
from chat.models import Conversation


class ConversationsView(generics.GenericAPIView):
    """The signed-in person's conversations."""

    scopes = {"GET": READ, "POST": WRITE}  # what third parties need; a view without is closed to them
    serializer_class = ListedConversationSerializer
    pagination_class = LastActiveFirst
    queryset = Conversation.objects.none()

    @extend_schema(
        operation_id="conversations_list",
        tags=[schema.TAG],
        parameters=[WantedSerializer, IF_NONE_MATCH, ETAG],
        responses={200: ListedConversationSerializer(many=True), **NOT_MODIFIED},
        examples=[schema.LISTED],
    )
    def get(self, request: Request) -> Response:
        """List the person's conversations, the most recently active first; with ``q``, search them.

        A conversation in which something is said meanwhile moves to the front and is not lost behind a
        cursor: it is on the first page when that is read again.
        """
        asked = WantedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.wanted()
        page = self.paginate_queryset(filing.find(request.user, wanted))
        context = {"matches": filing.matches_of(page, wanted.words)}
        listed = ListedConversationSerializer(page, many=True, context=context)
        return tagged(request, self.get_paginated_response(listed.data).data)

    @extend_schema(
        operation_id="conversations_create",
        tags=[schema.TAG],
        parameters=[idempotency.HEADER, ETAG],
        request=NewConversationSerializer,
        responses={201: ConversationSerializer},
        examples=[schema.NEW, schema.BEGUN],
    )
    def post(self, request: Request) -> Response:
        """Open a conversation. The same ``Idempotency-Key`` again gives the one that it has opened."""
        asked = NewConversationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        begun = filing.begin(
            request.user,
            idempotency.id_of(request, "conversation"),
            title=asked.validated_data.get("title", ""),
            accept_language=request.headers.get("Accept-Language", ""),
        )
        shown = ConversationSerializer(begun).data
        return tagged(request, shown, status.HTTP_201_CREATED, Location=shown["urls"]["self"])


class ConversationView(generics.GenericAPIView):
    """One conversation."""

    scopes = {"GET": READ, "PATCH": WRITE}
    serializer_class = ConversationSerializer
    queryset = Conversation.objects.none()

    @extend_schema(
        operation_id="conversations_retrieve",
        tags=[schema.TAG],
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: ConversationSerializer, **NOT_MODIFIED},
        examples=[schema.SHOWN],
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Return the conversation; its messages have an address of their own."""
        found = _own(request).filter(pk=conversation_id).first()
        if found is None:
            raise NotFound
        return tagged(request, ConversationSerializer(found).data)

    @extend_schema(
        operation_id="conversations_partial_update",
        tags=[schema.TAG],
        parameters=[IF_MATCH, ETAG],
        request=ConversationChangeSerializer,
        responses={200: ConversationSerializer},
        examples=[*schema.CHANGES, schema.RENAMED],
    )
    def patch(self, request: Request, conversation_id: UUID) -> Response:
        """Rename the conversation, put it away, or take it back out; whoever shows it is told."""
        asked = ConversationChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changed = filing.change(
            request.user,
            conversation_id,
            **asked.validated_data,
            check=lambda as_it_is: _check(request, as_it_is),
        )
        return tagged(request, ConversationSerializer(changed).data)

    @extend_schema(
        operation_id="conversations_destroy",
        tags=[schema.TAG],
        parameters=[IF_MATCH],
        responses={204: OpenApiResponse(description="Gone.")},
    )
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """Delete the conversation for good, everywhere; open sockets are told and closed."""
        has_seen = "If-Match" in request.headers
        check = (lambda as_it_is: _check(request, as_it_is)) if has_seen else None
        filing.delete(request.user, conversation_id, check=check)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: Request) -> QuerySet[Conversation]:
    return filing.listed(request.user)


def _check(request: Request, conversation: Conversation) -> None:
    check_match(request, ConversationSerializer(conversation).data)
