"""REST: a conversation to be kept, as JSON or as a text."""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import negotiation, renderers, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import conversations
from chat.api import conversation_schema as schema
from chat.api.serializers import CitationSerializer, NoticeSerializer, SourceSerializer
from chat.models import Message, Turn
from chat.privacy import markdown

_FORMATS: Final = {"json": "json", "md": "md", "markdown": "md"}


class ExportedTurnSerializer(serializers.Serializer):
    """How a question was understood, and what became of it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Turn.Status.choices)
    intent = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    understood = serializers.DictField(help_text="Places, dates, references and the like in the question.")
    tone = serializers.CharField(allow_blank=True)
    urgent = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True)


class ExportedMessageSerializer(serializers.Serializer):
    """A message; questions have a turn, answers what they cite."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(Message.Role.choices)
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    turn = ExportedTurnSerializer(required=False)
    citations = CitationSerializer(many=True, required=False)
    notices = NoticeSerializer(many=True, required=False)
    source = SourceSerializer(required=False)
    prompt_tokens = serializers.IntegerField(required=False)
    completion_tokens = serializers.IntegerField(required=False)


class ExportedConversationSerializer(serializers.Serializer):
    """A conversation with everything that belongs to it."""

    id = serializers.UUIDField()
    title = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    last_message_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    messages = ExportedMessageSerializer(many=True)


class AsText(renderers.BaseRenderer):
    """Markdown, as it is."""

    media_type, format, charset = "text/markdown", "md", "utf-8"

    def render(self, data: Any, media_type: str | None = None, context: dict[str, Any] | None = None) -> str:
        """Return the text of a conversation; a problem is what its content type says, JSON."""
        return markdown(data) if "messages" in data else json.dumps(data)


class FormatFirst(negotiation.DefaultContentNegotiation):
    """The format that the address names, whatever a browser accepts; else what ``Accept`` says."""

    def select_renderer(
        self, request: Request, renderers: Sequence[renderers.BaseRenderer], format_suffix: str | None = None
    ) -> tuple[renderers.BaseRenderer, str]:
        """Return the renderer, and the media type that it makes."""
        named = _FORMATS.get(request.query_params.get("format", ""))
        for renderer in renderers:
            if renderer.format == named:
                return renderer, renderer.media_type
        if "format" in request.query_params:
            return renderers[0], renderers[0].media_type  # the view refuses it
        return super().select_renderer(request, renderers, format_suffix)


class ConversationExportView(APIView):
    """One conversation to be kept."""

    renderer_classes = (renderers.JSONRenderer, AsText)
    content_negotiation_class = FormatFirst

    @extend_schema(
        operation_id="conversations_export",
        tags=[schema.TAG],
        parameters=[
            OpenApiParameter(
                "format",
                OpenApiTypes.STR,
                enum=list(_FORMATS),
                description="Goes before `Accept`; without either it is JSON.",
            ),
            OpenApiParameter(
                "Content-Disposition", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200],
                description="A name for the file.",
            ),
        ],
        responses={
            (200, "application/json"): ExportedConversationSerializer,
            (200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR),
        },
        examples=[schema.EXPORTED, schema.EXPORTED_TEXT],
    )  # fmt: skip
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Return the conversation with everything that belongs to it: JSON, or Markdown to be read."""
        if request.query_params.get("format", "json") not in _FORMATS:
            raise ValidationError({"format": [f"One of: {', '.join(_FORMATS)}."]})
        exported = conversations.export(request.user, conversation_id)
        name = f"conversation-{conversation_id}.{request.accepted_renderer.format}"
        headers = {
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Cache-Control": "private, no-store",
        }
        return Response(exported, headers=headers)
