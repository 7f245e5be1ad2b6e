"""Endpoints in the admin: set up, tried, their secrets shown once."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from webhooks import staff
from webhooks.addresses import checked_url, destination_of
from webhooks.errors import AddressRefused
from webhooks.models import Delivery, Endpoint, EventType
from webhooks.outbox import send_test


class EndpointForm(forms.ModelForm):
    """An endpoint; its address is looked at as it will be at each sending."""

    events = forms.MultipleChoiceField(
        choices=[(event.value, f"{event.value}: {event.label}") for event in EventType],
        widget=forms.CheckboxSelectMultiple,
        help_text="What it is told of.",
    )

    class Meta:
        model = Endpoint
        fields = ("name", "url", "events", "include_text", "is_active")

    def clean(self) -> dict[str, Any]:
        """Refuse an address that webhooks may not go to, in words."""
        data = super().clean() or {}
        if "url" in data:
            # A name that is not found for the moment must not keep anybody from switching the endpoint off.
            look = destination_of if data.get("is_active") or "url" in self.changed_data else checked_url
            try:
                look(data["url"])
            except AddressRefused as refused:
                self.add_error("url", refused.words)
        return data


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):
    """Endpoints."""

    form = EndpointForm
    change_form_template = "webhooks/admin/endpoint_form.html"
    list_display = ("name", "host", "wants", "is_active", "how_it_goes")
    list_filter = ("is_active",)
    search_fields = ("name",)
    fields = ("name", "url", "events", "include_text", "is_active", "how_it_goes", "secret", "created_at")
    readonly_fields = ("how_it_goes", "secret", "created_at")

    @admin.display(description="host")
    def host(self, endpoint: Endpoint) -> str:
        """Return the host: what follows it in an address may be a secret."""
        try:
            return checked_url(endpoint.url).host or ""
        except AddressRefused:
            return "refused"

    @admin.display(description="events")
    def wants(self, endpoint: Endpoint) -> str:
        """Return what it is told of."""
        return ", ".join(endpoint.events)

    @admin.display(description="state")
    def how_it_goes(self, endpoint: Endpoint) -> str:
        """Return how deliveries go, in words."""
        if endpoint.switched_off_at and not endpoint.is_active:
            at = f"{endpoint.switched_off_at:%Y-%m-%d %H:%M} UTC"
            return f"Switched off by the desk, {at}. {endpoint.switched_off_why}"
        if endpoint._state.adding:
            return "Not saved yet"
        if not endpoint.is_active:
            return "Off"
        if endpoint.failing_since:
            return f"Failing since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC"
        return "Working"

    @admin.display(description="secret")
    def secret(self, endpoint: Endpoint) -> str:
        """Return how many secrets sign; none can be seen again."""
        if endpoint.has_former:
            return f"Two secrets sign: the former one until {endpoint.former_until:%Y-%m-%d %H:%M} UTC."
        return (
            "Shown once, when it is made." if endpoint.sealed_secret else "Made when the endpoint is saved."
        )

    def save_model(self, request: HttpRequest, obj: Endpoint, form: forms.ModelForm, change: bool) -> None:
        """Save; a new one is given its secret, and one that is switched on again begins anew."""
        if not change:
            request.new_webhook_secret = obj.give_secret()
        elif obj.is_active and "is_active" in form.changed_data:
            obj.failing_since, obj.switched_off_at, obj.switched_off_why = None, None, ""
        super().save_model(request, obj, form, change)
        staff.note_change(obj, "changed" if change else "made", form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        """Delete one with its log."""
        with transaction.atomic():
            staff.note_change(obj, "deleted", [])
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        """Delete many likewise."""
        for endpoint in queryset:
            self.delete_model(request, endpoint)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say how much goes: the log belongs to the endpoint."""
        ids = [endpoint.pk for endpoint in objs]
        counts = {"endpoints": len(ids), "deliveries": Delivery.objects.filter(endpoint__in=ids).count()}
        missing = set() if self.has_delete_permission(request) else {"endpoint"}
        return [str(endpoint) for endpoint in objs], counts, missing, []

    def response_add(
        self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret, this once: it is on this page alone, in no message and no session."""
        return self._show_secret(request, obj, request.new_webhook_secret)

    def get_urls(self) -> list[URLPattern]:
        """Add the steps of one endpoint."""
        steps = {"test": self.test, "rotate": self.rotate, "end-former": self.end_former}
        own = [
            path(f"<uuid:pk>/{step}/", self.admin_site.admin_view(view), name=f"webhooks_endpoint_{step}")
            for step, view in steps.items()
        ]
        return [*own, *super().get_urls()]

    @method_decorator(require_POST)
    def test(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send a test event and lead to what comes of it."""
        endpoint = self._changeable(request, pk)
        if not endpoint.is_active:
            self.message_user(request, "It is off. Switch it on first.", messages.WARNING)
            return redirect("admin:webhooks_endpoint_change", pk)
        delivery = send_test(endpoint)
        self.message_user(request, "A test event is on its way. Reload this page to see what came of it.")
        return redirect("admin:webhooks_delivery_change", delivery.pk)

    @method_decorator(require_POST)
    def rotate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make a new secret and show it once; the former one signs beside it for a day."""
        with transaction.atomic():
            endpoint = self._changeable(request, pk, lock=True)
            if endpoint.has_former:
                words = "Two secrets sign already. End the former one before you make another."
                self.message_user(request, words, messages.WARNING)
                return redirect("admin:webhooks_endpoint_change", pk)
            secret = endpoint.give_secret()
            endpoint.save(update_fields=["sealed_secret", "sealed_former", "former_until"])
            staff.note_secret(endpoint, "rotated")
        return self._show_secret(request, endpoint, secret)

    @method_decorator(require_POST)
    def end_former(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let the former secret sign no more."""
        with transaction.atomic():
            endpoint = self._changeable(request, pk, lock=True)
            endpoint.end_former()
            endpoint.save(update_fields=["sealed_former", "former_until"])
            staff.note_secret(endpoint, "former ended")
        self.message_user(request, "Only the newest secret signs now.")
        return redirect("admin:webhooks_endpoint_change", pk)

    def _changeable(self, request: HttpRequest, pk: UUID, *, lock: bool = False) -> Endpoint:
        if not self.has_change_permission(request):
            raise PermissionDenied
        endpoints = Endpoint.objects.select_for_update() if lock else Endpoint.objects.all()
        return get_object_or_404(endpoints, pk=pk)

    def _show_secret(self, request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"The secret of {endpoint}",
            "opts": self.opts,
            "endpoint": endpoint,
            "secret": secret,
        }
        return TemplateResponse(request, "webhooks/admin/secret.html", context)
