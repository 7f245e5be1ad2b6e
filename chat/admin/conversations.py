"""Conversations and their turns, to be read; every look is audited. Nothing here can be written by hand."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from accounts import audit
from accounts.audit.reading import ReadsAreAudited
from chat.admin.ratings import RatedFilter, rating_words
from chat.admin.read_only import ReadOnly
from chat.erasure import erase
from chat.models import Citation, Conversation, Message, ToolCall, Turn


class TurnInline(ReadOnly, admin.TabularInline):
    """The turns of a conversation, each with its way to its own page."""

    model = Turn
    fk_name = "conversation"
    fields = (
        "turn_link",
        "status",
        "intent",
        "tone",
        "source",
        "provider",
        "rated",
        "total_ms",
        "created_at",
    )
    readonly_fields = fields
    extra = 0

    @admin.display(description="question")
    def turn_link(self, turn: Turn) -> str:
        """Return the question, leading to the turn."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:chat_turn_change", args=[turn.pk]), turn.question.text[:120]
        )

    @admin.display(description="rating")
    def rated(self, turn: Turn) -> str:
        """Return what the customer thinks of the answer."""
        return rating_words(turn)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Turn]:
        """Return the turns with their questions and ratings."""
        return super().get_queryset(request).select_related("question", "rating")


@admin.register(Conversation)
class ConversationAdmin(ReadsAreAudited, ReadOnly, admin.ModelAdmin):
    """Conversations as staff read them."""

    list_display = ("title_or_id", "owner", "turn_count", "last_message_at", "is_open")
    list_select_related = ("owner",)
    list_filter = (
        "last_message_at",
        ("closed_at", admin.EmptyFieldListFilter),
        "turns__intent",
        "turns__tone",
        "turns__is_urgent",
        ("turns__rating__value", RatedFilter),
    )
    search_fields = ("title", "owner__username", "owner__email", "messages__text")
    date_hierarchy = "last_message_at"
    ordering = ("-last_message_at",)
    fields = ("id", "owner", "created_at", "last_message_at", "closed_at", "transcript")
    readonly_fields = fields
    inlines = (TurnInline,)

    @admin.display(description="conversation")
    def title_or_id(self, conversation: Conversation) -> str:
        """Return what names the conversation."""
        return str(conversation)

    @admin.display(description="turns", ordering="turn_count")
    def turn_count(self, conversation: Conversation) -> int:
        """Return how many questions were asked."""
        return conversation.turn_count

    @admin.display(boolean=True, description="open")
    def is_open(self, conversation: Conversation) -> bool:
        """Tell whether it takes messages."""
        return conversation.is_open

    @admin.display
    def transcript(self, conversation: Conversation) -> str:
        """Return everything said, as plain text."""
        rows = ((m.role, m.role, m.text) for m in Message.objects.filter(conversation=conversation))
        said = format_html_join("", '<div class="said said-{}"><b>{}</b><p>{}</p></div>', rows)
        return format_html('<div class="transcript">{}</div>', said)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Return the conversations with the number of their turns."""
        return super().get_queryset(request).annotate(turn_count=Count("turns", distinct=True))

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let those delete who have the permission."""
        return request.user.has_perm("chat.delete_conversation")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say how much goes. The permission for the conversation is the one for all that is in it."""
        ids = [conversation.pk for conversation in objs]
        counts = {
            "conversations": len(ids),
            "messages": Message.objects.filter(conversation__in=ids).count(),
            "turns": Turn.objects.filter(conversation__in=ids).count(),
        }
        missing = set() if self.has_delete_permission(request) else {"conversation"}
        return [f"Conversation {pk}" for pk in ids], counts, missing, []

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        """Delete one for good, everywhere."""
        self._erase([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        """Delete many likewise."""
        self._erase(list(queryset.values_list("pk", flat=True)))

    @transaction.atomic
    def _erase(self, ids: list[UUID]) -> None:
        erase(ids)
        for pk in ids:
            audit.record(audit.Act.CONVERSATION_DELETED, target=("chat.conversation", pk))


class ToolCallInline(ReadOnly, admin.TabularInline):
    """What the model looked up by itself."""

    model = ToolCall
    verbose_name_plural = "look-ups of the model"
    fields = ("round", "number", "name", "arguments", "outcome", "ms")
    readonly_fields = fields
    extra = 0


class CitationInline(ReadOnly, admin.TabularInline):
    """What an answer cites."""

    model = Citation
    fields = ("number", "kind", "source_link", "section", "quote", "version_number", "page")
    readonly_fields = fields
    extra = 0

    @admin.display(description="source")
    def source_link(self, citation: Citation) -> str:
        """Return the title, leading to the passage."""
        if citation.passage_id is None:
            return citation.title
        url = reverse("passage", args=[citation.passage_id])
        return format_html('<a href="{}">{}</a>', url, citation.title)


@admin.register(Turn)
class TurnAdmin(ReadsAreAudited, ReadOnly, admin.ModelAdmin):
    """Turns: how each answer came about."""

    list_display = (
        "question_text", "status", "intent", "language", "grounding", "source", "provider", "rated",
        "first_token_ms", "total_ms", "created_at",
    )  # fmt: skip
    list_select_related = ("question", "rating")
    list_filter = (
        "status",
        "intent",
        "tone",
        "is_urgent",
        "grounding",
        "source",
        "provider",
        "language",
        "error_code",
        ("rating__value", RatedFilter),
        "created_at",
    )
    search_fields = ("question__text", "answer__text")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("conversation", "question_text", "answer_text", "status", "attempt")}),
        ("Understood as", {"fields": (
            "intent", "language", "slots", "tone", "is_urgent", "grounding", "confidence")}),
        ("Written by", {"fields": ("source", "provider", "model", "prompt_version")}),
        (
            "Took",
            {
                "fields": (
                    "prompt_tokens", "completion_tokens", "first_token_ms", "total_ms", "stage_ms",
                    "created_at", "started_at", "finished_at",
                )
            },
        ),
        ("Beside the answer", {"fields": ("notices", "quick_replies")}),
        ("Failure", {"fields": ("error_code", "error_words", "error_retryable")}),
        ("The customer's rating", {"fields": ("rated", "rated_because", "rated_comment")}),
    )  # fmt: skip
    readonly_fields = ("question_text", "answer_text", "rated", "rated_because", "rated_comment")
    inlines = (CitationInline, ToolCallInline)

    @admin.display(description="question")
    def question_text(self, turn: Turn) -> str:
        """Return what was asked."""
        return turn.question.text

    @admin.display(description="answer")
    def answer_text(self, turn: Turn) -> str:
        """Return what was answered."""
        return turn.answer.text if turn.answer else ""

    @admin.display(description="rating", ordering="rating__value")
    def rated(self, turn: Turn) -> str:
        """Return what the customer thinks of the answer."""
        return rating_words(turn)

    @admin.display(description="because")
    def rated_because(self, turn: Turn) -> str:
        """Return the reasons the customer gave."""
        rating = getattr(turn, "rating", None)
        return rating.reasons_words if rating else ""

    @admin.display(description="comment")
    def rated_comment(self, turn: Turn) -> str:
        """Return the customer's own words."""
        rating = getattr(turn, "rating", None)
        return rating.comment if rating else ""
