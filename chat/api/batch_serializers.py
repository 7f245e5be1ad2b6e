"""Batches as the API takes and gives them."""

from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from chat.api.serializers import CitationSerializer, NoticeSerializer, SourceSerializer
from chat.models import Batch, BatchItem, Turn
from chat.models.batches import REFERENCE_CHARACTERS
from chat.turn.outcome import citation_json, source_json

MOST_METADATA: Final = 16
KEY_CHARACTERS, VALUE_CHARACTERS = 64, 500
BATCH_STATES: Final = (("running", "Some items wait or run"), ("finished", "Nothing more happens"))
_UNFINISHED: Final = (BatchItem.Progress.WAITING, BatchItem.Progress.RUNNING)
_ID: Final = "7d0b2f52-6a0c-4a55-9f0e-0f7f6a3c1d20"
_SUMMARY: Final[dict[str, Any]] = {
    "id": _ID,
    "state": "running",
    "created_at": "2026-11-21T10:02:07Z",
    "cancelled_at": None,
    "total": 2,
    "progress": {
        "refused": 1,
        "waiting": 0,
        "running": 0,
        "completed": 1,
        "failed": 0,
        "stopped": 0,
        "cancelled": 0,
    },
}
_NEW: Final[dict[str, Any]] = {
    "items": [
        {
            "id": "ticket-118",
            "text": "How heavy may a checked bag be?",
            "language": "en",
            "metadata": {"queue": "baggage"},
        },
        {"id": "ticket-119", "text": ""},
    ]
}
_ITEMS: Final[list[dict[str, Any]]] = [
    {
        "id": "ticket-118",
        "position": 1,
        "state": "completed",
        "conversation": "0f5a2f5e-3a0e-4f0e-8f61-0b5b6f3d5c11",
        "turn": "b5a0c9a4-7a55-4d53-9a9c-6d5f1f1a2e33",
        "language": "en",
        "metadata": {"queue": "baggage"},
        "answer": {
            "text": "Every Standard fare includes one checked bag of up to 23 kg.[^1]",
            "citations": [
                {
                    "number": 1,
                    "kind": "passage",
                    "title": "Checked baggage",
                    "section": "Allowance",
                    "quote": "Every Standard fare includes one checked bag of up to 23 kg.",
                    "url": "/knowledge/passages/12/",
                    "version": 3,
                    "page": None,
                    "effective_from": None,
                }
            ],
            "notices": [],
            "source": {"kind": "model", "provider": "openai", "model": "gpt-4o-mini"},
        },
        "problem": None,
    },
    {
        "id": "ticket-119",
        "position": 2,
        "state": "refused",
        "conversation": None,
        "turn": None,
        "language": "",
        "metadata": {},
        "answer": None,
        "problem": {"code": "message_empty", "title": "The message is empty.", "retryable": False},
    },
]
_DETAIL: Final[dict[str, Any]] = {
    **_SUMMARY,
    "state": "finished",
    "items": {"next": None, "previous": None, "results": _ITEMS},
}


class MetadataField(serializers.DictField):
    """A few words of the sender's own."""

    def __init__(self, **options: Any) -> None:
        child = serializers.CharField(max_length=VALUE_CHARACTERS, allow_blank=True)
        super().__init__(child=child, **options)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Take at most so many, by names of at most so many characters."""
        taken = super().to_internal_value(data)
        if len(taken) > MOST_METADATA:
            raise serializers.ValidationError(f"{MOST_METADATA} entries are the most.")
        name_field = serializers.CharField(max_length=KEY_CHARACTERS)
        return {name_field.run_validation(name): value for name, value in taken.items()}


class NewBatchItemSerializer(serializers.Serializer):
    """One question of a batch."""

    id = serializers.CharField(
        max_length=REFERENCE_CHARACTERS, required=False, help_text="Your own id of it, once in a batch."
    )
    conversation = serializers.UUIDField(
        required=False, allow_null=True, help_text="One of your own to ask in; without it one is begun."
    )
    text = serializers.CharField(max_length=100_000, allow_blank=True)
    language = serializers.ChoiceField(
        settings.LANGUAGES,
        required=False,
        help_text="Language of the answer where neither your profile nor the words tell it; of a "
        "conversation begun for it.",
    )
    metadata = MetadataField(
        required=False,
        help_text=f"Your own words about it, given back with it: {MOST_METADATA} entries at most, names of "
        f"{KEY_CHARACTERS} and values of {VALUE_CHARACTERS} characters.",
    )


@extend_schema_serializer(examples=[OpenApiExample("Two tickets", request_only=True, value=_NEW)])
class NewBatchSerializer(serializers.Serializer):
    """Questions to be answered when there is time."""

    items = NewBatchItemSerializer(many=True)


class BatchProgressSerializer(serializers.Serializer):
    """How many items are how far."""

    refused = serializers.IntegerField(help_text="Not taken; each says why.")
    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    stopped = serializers.IntegerField()
    cancelled = serializers.IntegerField(help_text="Had not begun when the batch was cancelled.")


@extend_schema_serializer(examples=[OpenApiExample("Half done", response_only=True, value=_SUMMARY)])
class BatchSerializer(serializers.Serializer):
    """Questions sent together, and how far they are."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(
        BATCH_STATES,
    )
    created_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField()
    progress = BatchProgressSerializer()


class BatchAnswerSerializer(serializers.Serializer):
    """What was answered."""

    text = serializers.CharField()
    citations = CitationSerializer(many=True)
    notices = NoticeSerializer(many=True)
    source = SourceSerializer(allow_null=True)


class BatchProblemSerializer(serializers.Serializer):
    """Why an item was refused, or got no answer."""

    code = serializers.CharField(help_text="Stable name for programs.")
    title = serializers.CharField(help_text="Words for the person.")
    retryable = serializers.BooleanField(help_text="Whether the same may be taken later.")
    retry_after = serializers.IntegerField(required=False, help_text="Seconds, of `rate_limited`.")
    fields_ = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which field, of `invalid`.",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """Name the last one ``fields``, which as an attribute would hide the serializer's own."""
        return {name.rstrip("_"): one for name, one in super().get_fields().items()}


class BatchItemSerializer(serializers.Serializer):
    """One question of a batch, and what became of it."""

    id = serializers.CharField(allow_null=True, help_text="Your own id of it.")
    position = serializers.IntegerField(help_text="1 is the first.")
    state = serializers.ChoiceField(BatchItem.Progress.choices)
    conversation = serializers.UUIDField(allow_null=True)
    turn = serializers.UUIDField(allow_null=True)
    language = serializers.CharField(allow_blank=True)
    metadata = serializers.DictField(child=serializers.CharField())
    answer = BatchAnswerSerializer(allow_null=True)
    problem = BatchProblemSerializer(allow_null=True)


class BatchItemsPageSerializer(serializers.Serializer):
    """A page of items."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = BatchItemSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A finished batch", response_only=True, value=_DETAIL, status_codes=["200", "202"])
    ]
)
class BatchDetailSerializer(BatchSerializer):
    """Questions sent together, how far they are, and a page of the items."""

    items = BatchItemsPageSerializer()


def batch_json(batch: Batch, progress: dict[str, int]) -> dict[str, Any]:
    """Return a batch with how far it is (``batches.progress_of``)."""
    unfinished = any(progress[state] for state in _UNFINISHED)
    body = {
        "id": batch.pk,
        "state": "running" if unfinished else "finished",
        "created_at": batch.created_at,
        "cancelled_at": batch.cancelled_at,
        "total": sum(progress.values()),
        "progress": progress,
    }
    return BatchSerializer(body).data


def item_json(item: BatchItem) -> dict[str, Any]:
    """Return an item with its answer, loaded with turn, answer and citations."""
    turn = item.turn
    return {
        "id": item.reference or None,
        "position": item.position,
        "state": item.progress,
        "conversation": item.conversation_id,
        "turn": item.turn_id,
        "language": item.language,
        "metadata": item.metadata,
        "answer": _answer(turn) if turn is not None and turn.answer is not None else None,
        "problem": _failure(turn) if turn is not None else item.problem,
    }


def _answer(turn: Turn) -> dict[str, Any]:
    return {
        "text": turn.answer.text,
        "citations": [citation_json(citation) for citation in turn.citations.all()],
        "notices": turn.notices,
        "source": source_json(turn),
    }


def _failure(turn: Turn) -> dict[str, Any] | None:
    if turn.status != Turn.Status.FAILED:
        return None
    return {"code": turn.error_code, "title": turn.error_words, "retryable": turn.error_retryable}
