"""The log of deliveries in the admin: every try, and the button that sends one again."""

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts import audit
from chat.admin.read_only import ReadOnly
from webhooks.models import TEST_EVENT, Attempt, Delivery, EventType
from webhooks.outbox import send_again
from webhooks.outcomes import ERRORS


class AttemptInline(ReadOnly, admin.TabularInline):
    """The tries of a delivery."""

    model = Attempt
    verbose_name_plural = "tries"
    fields = ("number", "at", "status", "what", "ms", "answer")
    readonly_fields = fields
    extra = 0

    @admin.display(description="outcome")
    def what(self, attempt: Attempt) -> str:
        """Return what came of it, in words."""
        return ERRORS.get(attempt.error, attempt.error) if attempt.error else "Delivered"

    @admin.display(description="beginning of the answer")
    def answer(self, attempt: Attempt) -> str:
        """Return what the receiver said, as plain text."""
        return format_html("<pre>{}</pre>", attempt.response) if attempt.response else ""


class ByEvent(admin.SimpleListFilter):
    """Filter by the event."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return all events there can be."""
        return [*((event.value, event.value) for event in EventType), (TEST_EVENT, TEST_EVENT)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Return those of the chosen one."""
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    """Deliveries, newest first."""

    change_form_template = "webhooks/admin/delivery_form.html"
    list_display = ("created_at", "event", "endpoint", "state", "attempts", "next_at", "message_id")
    list_select_related = ("endpoint",)
    list_filter = ("state", ByEvent, "endpoint", "created_at")
    search_fields = ("event",)
    search_help_text = "The id of a message (evt_…) or of a conversation."
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = (
        "message_id",
        "event",
        "endpoint",
        "state",
        "created_at",
        "attempts",
        "next_at",
        "finished_at",
        "payload",
    )
    readonly_fields = fields
    inlines = (AttemptInline,)
    actions = ("redeliver",)

    @admin.display(description="message")
    def message_id(self, delivery: Delivery) -> str:
        """Return the id that receivers see."""
        return delivery.message_id

    @admin.display
    def payload(self, delivery: Delivery) -> str:
        """Return what is sent. A customer's words are for those who may read conversations."""
        if not delivery.body:
            return "Erased with the conversation."
        if delivery.has_text and not getattr(delivery, "may_be_read", False):
            return "It holds a customer's words, which you may not read."
        return format_html(
            "<pre>{}</pre>", json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)
        )

    @admin.action(description="Send the selected deliveries again", permissions=["redeliver"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send the finished ones of the chosen again."""
        count = sum(send_again(delivery) for delivery in queryset)
        self.message_user(request, f"{count} will be sent again.")

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        """Tell whether a person may have deliveries sent again."""
        return request.user.has_perm("webhooks.change_delivery")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Return those that still have an endpoint."""
        return super().get_queryset(request).filter(endpoint__isnull=False).select_related("endpoint")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Delivery | None:
        """Return one, with whether this person may read what customers wrote."""
        delivery = super().get_object(request, object_id, from_field)
        if delivery is not None:
            delivery.may_be_read = request.user.has_perm("chat.view_conversation")
        return delivery

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        """Find by the id of a message or a conversation; nothing else can be searched for."""
        if not search_term:
            return queryset, False
        with suppress(ValueError):
            wanted = UUID(search_term.strip().removeprefix("evt_"))
            return queryset.filter(Q(pk=wanted) | Q(conversation_id=wanted)), False
        return queryset.none(), False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one; that somebody was shown a customer's words is audited."""
        may = {"may_redeliver": self.has_redeliver_permission(request)}
        response = super().changeform_view(request, object_id, form_url, may | (extra_context or {}))
        shown = response.context_data.get("original") if isinstance(response, TemplateResponse) else None
        if shown is not None and shown.has_text and shown.may_be_read:
            target = ("chat.conversation", shown.conversation_id)
            audit.record(audit.Act.CONVERSATION_READ, target=target, request=request, page="webhook")
        return response

    def get_urls(self) -> list[URLPattern]:
        """Add the step of one delivery."""
        view = self.admin_site.admin_view(self.redeliver_one)
        return [path("<uuid:pk>/redeliver/", view, name="webhooks_delivery_redeliver"), *super().get_urls()]

    @method_decorator(require_POST)
    def redeliver_one(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send one again and show it."""
        if not self.has_redeliver_permission(request):
            raise PermissionDenied
        if send_again(get_object_or_404(Delivery, pk=pk)):
            self.message_user(request, "It will be sent again. Reload this page to see what came of it.")
        else:
            words = "It cannot be sent again: it is on its way, or there is nothing left to send."
            self.message_user(request, words, messages.WARNING)
        return redirect("admin:webhooks_delivery_change", pk)
