"""Batches to be read: who sent how many questions together, and what became of each."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.audit.reading import ReadsAreAudited
from chat.admin.read_only import ReadOnly
from chat.models import Batch, BatchItem


class BatchItemInline(ReadOnly, admin.TabularInline):
    """The items, each with its way to its turn."""

    model = BatchItem
    fields = ("position", "reference", "progress", "turn_link", "why")
    readonly_fields = fields
    extra = 0

    @admin.display(description="state")
    def progress(self, item: BatchItem) -> str:
        """Return how far it is."""
        return BatchItem.Progress(item.progress).label

    @admin.display(description="turn")
    def turn_link(self, item: BatchItem) -> str:
        """Lead to the turn, where the question stands."""
        if item.turn_id is None:
            return ""
        return format_html('<a href="{}">Turn</a>', reverse("admin:chat_turn_change", args=[item.turn_id]))

    @admin.display(description="problem")
    def why(self, item: BatchItem) -> str:
        """Return why it was refused."""
        return (item.problem or {}).get("title", "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BatchItem]:
        """Return the items with how far they are."""
        return super().get_queryset(request).with_progress()


@admin.register(Batch)
class BatchAdmin(ReadsAreAudited, ReadOnly, admin.ModelAdmin):
    """Batches, the newest first."""

    list_display = ("id", "owner", "items_sent", "created_at", "cancelled_at")
    list_select_related = ("owner",)
    list_filter = ("created_at", ("cancelled_at", admin.EmptyFieldListFilter))
    search_fields = ("owner__username", "owner__email")
    ordering = ("-created_at",)
    fields = ("id", "owner", "created_at", "cancelled_at")
    readonly_fields = fields
    inlines = (BatchItemInline,)

    @admin.display(description="items", ordering="item_count")
    def items_sent(self, batch: Batch) -> int:
        """Return how many there are."""
        return batch.item_count

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        """Return the batches with the number of their items."""
        return super().get_queryset(request).annotate(item_count=Count("items"))
