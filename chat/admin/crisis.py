"""People in danger: conversations to look at, and the help lines and texts that staff keep true."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts import audit
from chat.admin.read_only import ReadOnly
from chat.models import CareText, ConversationFlag, HelpLine

_UNREVIEWED = (
    "Nobody has reviewed {what} yet. Before customers use the desk, a clinician and the company must review "
    "the texts, and somebody must try every line; then enter the day and the name."
)


class WaitingFilter(admin.SimpleListFilter):
    """Flags that nobody has handled; shown unless all are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Return the choices beside the usual one."""
        return [("handled", "Handled"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Yield the choices, the usual one first."""
        for value, title in ((None, "Waiting"), *self.lookup_choices):
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value} if value else {}, [
                    self.parameter_name
                ]),
                "display": title,
            }  # fmt: skip

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ConversationFlag]
    ) -> QuerySet[ConversationFlag]:
        """Return those asked for."""
        if self.value() == "all":
            return queryset
        return queryset.exclude(handled_at=None) if self.value() == "handled" else queryset.waiting()


@admin.register(ConversationFlag)
class ConversationFlagAdmin(ReadOnly, admin.ModelAdmin):
    """Conversations that a person should look at, the plainest danger first."""

    list_display = ("kind", "conversation_link", "owner", "cause", "at", "handled")
    list_select_related = ("conversation__owner", "handled_by")
    list_filter = (WaitingFilter, "kind", "at")
    ordering = ("kind", "-at")  # "protocol" before "support"
    fields = ("kind", "cause", "at", "conversation_link", "owner", "handled", "handle_button")
    readonly_fields = fields
    actions = ("mark_handled",)

    @admin.display(description="conversation")
    def conversation_link(self, flag: ConversationFlag) -> str:
        """Return the way to the conversation."""
        url = reverse("admin:chat_conversation_change", args=[flag.conversation_id])
        return format_html('<a href="{}">Read the conversation</a>', url)

    @admin.display(description="customer")
    def owner(self, flag: ConversationFlag) -> str:
        """Return whose it is."""
        return str(flag.conversation.owner)

    @admin.display(description="handled")
    def handled(self, flag: ConversationFlag) -> str:
        """Return who has seen to it, and when."""
        if flag.handled_at is None:
            return "waiting"
        return f"{flag.handled_by or 'a former colleague'}, {flag.handled_at:%Y-%m-%d %H:%M} UTC"

    @admin.display(description="")
    def handle_button(self, flag: ConversationFlag) -> str:
        """Return the button; the page's own form is the read-only one, so it names its address."""
        if flag.handled_at is not None:
            return ""
        url = reverse("admin:chat_conversationflag_handle", args=[flag.pk])
        return format_html('<button class="button" formaction="{}">Mark as handled</button>', url)

    @admin.action(description="Mark as handled", permissions=["handle"])
    def mark_handled(self, request: HttpRequest, queryset: QuerySet[ConversationFlag]) -> None:
        """Mark the chosen ones."""
        handled = sum(_handle(request, flag) for flag in queryset)
        self.message_user(request, f"{handled} marked as handled.")

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Tell whether a person may mark flags as handled."""
        return request.user.has_perm("chat.change_conversationflag")

    def get_urls(self) -> list[URLPattern]:
        """Return the pages, with the step for a single flag."""
        handle = path(
            "<int:pk>/handle/",
            self.admin_site.admin_view(self.handle_one),
            name="chat_conversationflag_handle",
        )
        return [handle, *super().get_urls()]

    @method_decorator(require_POST)
    def handle_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark one as handled and go back to those that wait."""
        if not self.has_handle_permission(request):
            raise PermissionDenied
        flag = get_object_or_404(ConversationFlag, pk=pk)
        words = "Marked as handled." if _handle(request, flag) else "Somebody was quicker: it is handled."
        self.message_user(request, words)
        return redirect("admin:chat_conversationflag_changelist")


def _handle(request: HttpRequest, flag: ConversationFlag) -> bool:
    is_first = flag.handle(request.user)
    if is_first:
        target = ("chat.conversation", flag.conversation_id)
        audit.record(audit.Act.CRISIS_HANDLED, actor=request.user, target=target, kind=flag.kind)
    return is_first


class ReviewedAdmin(admin.ModelAdmin):
    """Rows that are reviewed: a change undoes the review, and what is not reviewed is said on every page."""

    review_fields = ("reviewed_on", "reviewer")
    what = ""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Save; what was changed without a new review is unreviewed."""
        changed = set(form.changed_data)
        if change and changed and not changed & set(self.review_fields):
            obj.reviewed_on, obj.reviewer = None, ""
            messages.warning(request, "It was changed, so it has to be reviewed again.")
        super().save_model(request, obj, form, change)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with a warning while something is unreviewed."""
        if request.method == "GET" and self.get_queryset(request).filter(reviewed_on=None).exists():
            messages.warning(request, _UNREVIEWED.format(what=self.what))
        return super().changelist_view(request, extra_context)


@admin.register(HelpLine)
class HelpLineAdmin(ReviewedAdmin):
    """The help lines."""

    what = "some of these help lines"
    list_display = ("name", "country", "language", "phone", "text", "is_active", "position", "reviewed_on")
    list_filter = ("is_active", "country", "language", ("reviewed_on", admin.EmptyFieldListFilter))
    search_fields = ("name", "phone")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    ordering = ("country", "position")


@admin.register(CareText)
class CareTextAdmin(ReviewedAdmin):
    """The fixed texts."""

    what = "some of these texts"
    list_display = ("language", "heading", "reviewed_on", "reviewer")
