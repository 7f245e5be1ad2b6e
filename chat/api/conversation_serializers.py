"""What the API takes and gives of conversations."""

from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chat.filing import Match, Wanted
from chat.models import Conversation, Message, Turn
from chat.models.conversations import TITLE_CHARACTERS

YES_OR_NO: Final = ("true", "false")
ARCHIVED: Final = ("true", "false", "all")
LONGEST_SEARCH: Final = 200  # characters


class LastTurnSerializer(serializers.Serializer):
    """The newest turn of a conversation."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Turn.Status.choices)


class ConversationUrlsSerializer(serializers.Serializer):
    """Where a conversation and what belongs to it is found."""

    self = serializers.CharField()
    messages = serializers.CharField()
    export = serializers.CharField()
    page = serializers.CharField(help_text="For people.")


class ConversationSerializer(serializers.ModelSerializer):
    """One conversation of the signed-in person, as ``filing.listed`` gives it."""

    closed = serializers.SerializerMethodField(help_text="It takes no more messages.")
    archived = serializers.BooleanField(source="is_archived", read_only=True)
    last_turn = serializers.SerializerMethodField()
    urls = serializers.SerializerMethodField()

    class Meta:
        model = Conversation
        fields: tuple[str, ...] = (
            "id", "title", "created_at", "last_message_at", "message_count", "closed", "archived",
            "last_turn", "urls",
        )  # fmt: skip
        read_only_fields = fields

    def get_closed(self, conversation: Conversation) -> bool:
        """Tell whether it takes no more messages."""
        return not conversation.is_open

    @extend_schema_field(LastTurnSerializer(allow_null=True))
    def get_last_turn(self, conversation: Any) -> dict[str, Any] | None:
        """Return the newest turn; None while nothing was asked."""
        if conversation.last_turn_id is None:
            return None
        return {"id": conversation.last_turn_id, "status": conversation.last_turn_status}

    @extend_schema_field(ConversationUrlsSerializer)
    def get_urls(self, conversation: Conversation) -> dict[str, str]:
        """Return where to go on from here."""
        return {
            "self": reverse("api:conversation", args=[conversation.pk]),
            "messages": reverse("api:messages", args=[conversation.pk]),
            "export": reverse("api:conversation-export", args=[conversation.pk]),
            "page": reverse("conversation", args=[conversation.pk]),
        }


class PartSerializer(serializers.Serializer):
    """A piece of a snippet."""

    text = serializers.CharField(trim_whitespace=False)
    marked = serializers.BooleanField(help_text="It is one of the words looked for.")


class MatchSerializer(serializers.Serializer):
    """Where a conversation has the words that were looked for."""

    message = serializers.UUIDField(
        allow_null=True, help_text="The newest one that has; null: the title has."
    )
    role = serializers.ChoiceField(Message.Role.choices, allow_null=True)
    snippet = serializers.CharField(help_text="The text around the first of them.")
    parts = PartSerializer(many=True, help_text="The snippet in pieces, for showing the words in it.")


class ListedConversationSerializer(ConversationSerializer):
    """A conversation in a list; in the answer to a search, with the place that was found."""

    match = serializers.SerializerMethodField()

    class Meta(ConversationSerializer.Meta):
        fields = (*ConversationSerializer.Meta.fields, "match")
        read_only_fields = fields

    @extend_schema_field(MatchSerializer(allow_null=True))
    def get_match(self, conversation: Conversation) -> dict[str, Any] | None:
        """Return where the words are; None where none were looked for."""
        matches: dict[UUID, Match] = self.context.get("matches", {})
        match = matches.get(conversation.pk)
        return _match_json(match) if match else None


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "message": match.message.pk if match.message else None,
        "role": match.message.role if match.message else None,
        "snippet": match.snippet,
        "parts": [{"text": text, "marked": marked} for text, marked in match.parts],
    }


class WantedSerializer(serializers.Serializer):
    """Which conversations are wanted."""

    q = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=LONGEST_SEARCH,
        help_text="Words, all of which stand in the title or in a message; case and accents do not matter. "
        "Of eight words at most, in the 1,000 most recently active conversations that fit otherwise.",
    )  # fmt: skip
    archived = serializers.ChoiceField(
        ARCHIVED, required=False, default="false", help_text="Archived ones: only them, none, or all alike."
    )
    closed = serializers.ChoiceField(YES_OR_NO, required=False, help_text="Takes no more messages.")
    created_after = serializers.DateTimeField(required=False, help_text="At this instant or later.")
    created_before = serializers.DateTimeField(required=False, help_text="Before this instant.")
    active_after = serializers.DateTimeField(
        required=False, help_text="Last message at this instant or later."
    )
    active_before = serializers.DateTimeField(required=False, help_text="Last message before this instant.")

    def wanted(self) -> Wanted:
        """Return what was asked for; it must be valid."""
        asked = dict(self.validated_data)
        archived, closed = asked.pop("archived"), asked.pop("closed", None)
        return Wanted(
            words=asked.pop("q"),
            archived=None if archived == "all" else archived == "true",
            closed=None if closed is None else closed == "true",
            **asked,
        )


class NewConversationSerializer(serializers.Serializer):
    """A conversation to be opened."""

    title = serializers.CharField(
        required=False, allow_blank=True, max_length=TITLE_CHARACTERS,
        help_text="Without one, the first question gives it.",
    )  # fmt: skip


class ConversationChangeSerializer(serializers.Serializer):
    """What is to be changed; what is left out stays."""

    title = serializers.CharField(
        required=False, allow_blank=True, max_length=TITLE_CHARACTERS,
        help_text="Empty: the one that the first question gives.",
    )  # fmt: skip
    archived = serializers.BooleanField(
        required=False, help_text="Put away or taken back out. Asking in it takes it back out, too."
    )
