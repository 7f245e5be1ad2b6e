"""What the API takes and gives."""

from typing import Any

from rest_framework import serializers

from chat.models import Citation, Message, Rating, Turn
from chat.rating import LONGEST_COMMENT
from chat.turn.outcome import citation_json, rating_json, source_json
from chat.turn.present import NOTICE_KINDS


class CitationSerializer(serializers.ModelSerializer):
    """What a footnote of an answer points to."""

    url = serializers.CharField(allow_null=True, help_text="A path of the desk, at the cited passage.")
    version = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Citation
        fields = ("number", "kind", "title", "section", "quote", "url", "version", "page", "effective_from")

    def to_representation(self, citation: Citation) -> dict[str, Any]:
        """Return the citation as the events have it."""
        return citation_json(citation)


class HelpLineSerializer(serializers.Serializer):
    """A help line; what is not known is empty. Links are ``tel:``, ``sms:`` and ``https:``."""

    name = serializers.CharField()
    place = serializers.CharField()
    language = serializers.CharField()
    hours = serializers.CharField()
    phone = serializers.CharField()
    phone_url = serializers.CharField()
    text = serializers.CharField()
    text_url = serializers.CharField()
    url = serializers.CharField()


class NoticeSerializer(serializers.Serializer):
    """A heads-up beside an answer."""

    kind = serializers.ChoiceField(NOTICE_KINDS)
    text = serializers.CharField()
    title = serializers.CharField(required=False, help_text="Of help lines: their heading.")
    language = serializers.CharField(required=False, help_text="Of help lines: the texts' language.")
    lines = HelpLineSerializer(many=True, required=False, help_text="Of crisis and support.")


class StreamedEventSerializer(serializers.Serializer):
    """One server-sent event."""

    id = serializers.CharField(help_text="For `Last-Event-ID`, to go on after it.")
    event = serializers.CharField(help_text="Its type, as on the socket.")
    data = serializers.CharField(help_text="The event as JSON, as on the socket.")


class SourceSerializer(serializers.Serializer):
    """Where an answer's words come from."""

    kind = serializers.ChoiceField(Turn.Source.choices)
    provider = serializers.CharField()
    model = serializers.CharField()


class TurnErrorSerializer(serializers.Serializer):
    """Why there is no answer."""

    code = serializers.CharField(help_text="Stable name for programs.")
    words = serializers.CharField(help_text="For the person.")
    retryable = serializers.BooleanField(help_text="Whether `POST …/retry` may help.")


class RatingSerializer(serializers.Serializer):
    """What the customer thinks of an answer."""

    value = serializers.ChoiceField(Rating.Value.choices)
    reasons = serializers.ListField(
        child=serializers.ChoiceField(Rating.Reason.choices),
        required=False,
        max_length=20,
        help_text="Of `up`: correct, clear, complete, good_sources; the others of `down`.",
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_COMMENT)


class MessageSerializer(serializers.ModelSerializer):
    """One message; answers carry what they cite, questions the state of their turn."""

    turn = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(Turn.Status.choices, allow_null=True)
    citations = CitationSerializer(many=True)
    notices = NoticeSerializer(many=True)
    quick_replies = serializers.ListField(child=serializers.CharField())
    source = SourceSerializer(allow_null=True)
    error = TurnErrorSerializer(allow_null=True, help_text="Of a failed turn.")
    rating = RatingSerializer(allow_null=True, help_text="Of an answer: what you think of it.")

    class Meta:
        model = Message
        fields = (
            "id", "role", "text", "created_at", "client_id", "turn", "state",
            "citations", "notices", "quick_replies", "source", "error", "rating",
        )  # fmt: skip

    def to_representation(self, message: Message) -> dict[str, Any]:
        """Return the message with its turn's state."""
        turn = turn_of(message)
        is_answer = turn is not None and turn.answer_id == message.pk
        failed = turn is not None and turn.status == Turn.Status.FAILED
        return {
            "id": message.id,
            "role": message.role,
            "text": message.text,
            "created_at": serializers.DateTimeField().to_representation(message.created_at),
            "client_id": message.client_id,
            "turn": turn.pk if turn else None,
            "state": turn.status if turn else None,
            "citations": [citation_json(item) for item in turn.citations.all()] if is_answer else [],
            "notices": turn.notices if is_answer else [],
            "quick_replies": turn.quick_replies if is_answer else [],
            "source": source_json(turn) if is_answer else None,
            "error": _error(turn) if failed else None,
            "rating": rating_json(turn) if is_answer else None,
        }


def turn_of(message: Message) -> Turn | None:
    """Return the turn that a message asked or answered."""
    return getattr(message, "answered_in", None) or getattr(message, "asked_in", None)


def _error(turn: Turn) -> dict[str, Any]:
    return {"code": turn.error_code, "words": turn.error_words, "retryable": turn.error_retryable}


class NewMessageSerializer(serializers.Serializer):
    """A question. The client may make its id, so that sending again makes nothing new."""

    text = serializers.CharField(max_length=100_000, trim_whitespace=True)
    client_id = serializers.UUIDField(required=False)


class AcceptedSerializer(serializers.Serializer):
    """A question that is saved, and the turn that answers it."""

    message = MessageSerializer()
    turn = serializers.UUIDField()
    events = serializers.CharField(help_text="Where to follow the answer.")


class TurnSerializer(serializers.ModelSerializer):
    """The state of one turn."""

    source = serializers.ChoiceField(Turn.Source.choices, read_only=True, allow_blank=True)

    class Meta:
        model = Turn
        fields = (
            "id", "conversation", "status", "attempt", "intent", "language", "source", "provider", "model",
            "prompt_tokens", "completion_tokens", "first_token_ms", "total_ms", "created_at", "finished_at",
            "error_code", "error_words", "error_retryable",
        )  # fmt: skip
        read_only_fields = fields
