"""What customers think of answers, to be read; every look is audited."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.audit.reading import ReadsAreAudited
from chat.admin.read_only import ReadOnly
from chat.models import Rating, Turn
from chat.safety.personal import scrub

_SHOWN_CHARACTERS = 120


def rating_words(turn: Turn) -> str:
    """Return what the customer thinks of a turn's answer; empty where they have not said."""
    rating: Rating | None = getattr(turn, "rating", None)
    return rating.get_value_display() if rating else ""


class RatedFilter(admin.ChoicesFieldListFilter):
    """By thumb, under a name that says so."""

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self.title = "rating"


@admin.register(Rating)
class RatingAdmin(ReadsAreAudited, ReadOnly, admin.ModelAdmin):
    """Ratings, the newest first, each with its way to the turn."""

    list_display = ("value", "reasons_words", "comment", "question", "source", "changed_at")
    list_filter = ("value", "changed_at", "turn__source", "turn__grounding", "turn__provider")
    list_select_related = ("turn__question",)
    search_fields = ("comment",)
    date_hierarchy = "changed_at"
    ordering = ("-changed_at",)
    fields = ("value", "reasons_words", "comment", "question", "answer", "created_at", "changed_at")
    readonly_fields = fields

    @admin.display(description="because")
    def reasons_words(self, rating: Rating) -> str:
        """Return the reasons in words."""
        return rating.reasons_words

    @admin.display
    def question(self, rating: Rating) -> str:
        """Return the question without personal values, leading to the turn."""
        url = reverse("admin:chat_turn_change", args=[rating.turn_id])
        return format_html('<a href="{}">{}</a>', url, scrub(rating.turn.question.text)[:_SHOWN_CHARACTERS])

    @admin.display(ordering="turn__source")
    def source(self, rating: Rating) -> str:
        """Return where the answer's words came from."""
        return rating.turn.get_source_display()

    @admin.display
    def answer(self, rating: Rating) -> str:
        """Return what was answered."""
        return rating.turn.answer.text if rating.turn.answer else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rating]:
        """Return the ratings with what they are about."""
        return super().get_queryset(request).select_related("turn__question", "turn__answer")
