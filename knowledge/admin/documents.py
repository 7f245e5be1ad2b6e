"""Staff write policies, publish them, and take them back."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from knowledge.documents.clean import clean
from knowledge.documents.publish import (
    change_details,
    delete_document,
    publish_version,
    save_draft,
    withdraw_document,
)
from knowledge.documents.split import split
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Version

_TEXT_FIELDS = ("text", "note", "effective_from", "effective_until")


class DocumentForm(forms.ModelForm):
    """A document with the text of its newest version; a changed text becomes a draft."""

    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 30, "class": "vLargeTextField"}), help_text="Markdown."
    )
    note = forms.CharField(
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="What changed and why; kept with the version.",
    )
    effective_from = forms.DateField(
        required=False, widget=AdminDateWidget, help_text="First day; empty: from the beginning."
    )
    effective_until = forms.DateField(
        required=False, widget=AdminDateWidget, help_text="Last day; empty: until replaced."
    )

    class Meta:
        model = Document
        fields = ("title", "slug", "category", "audience", "language")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.latest = self.instance.latest_version() if not self.instance._state.adding else None
        if self.latest:
            for name in ("text", "effective_from", "effective_until"):
                self.initial.setdefault(name, getattr(self.latest, name))
            if self.latest.status == Version.Status.DRAFT:
                self.initial.setdefault("note", self.latest.note)

    def clean(self) -> dict[str, object]:
        """Refuse what could not be published."""
        cleaned = super().clean()
        if "text" in cleaned:
            cleaned["text"] = clean(cleaned["text"])
            if not split(cleaned["text"], cleaned.get("title", "")):
                self.add_error("text", "There is no text in it.")
        first, last = cleaned.get("effective_from"), cleaned.get("effective_until")
        if first and last and last < first:
            self.add_error("effective_until", "It would end before it begins.")
        return cleaned

    def has_new_text(self) -> bool:
        """Say whether text or dates differ from the newest version, or a draft's note from its own."""
        if self.latest is None:
            return True
        same = all(
            self.cleaned_data[name] == getattr(self.latest, name) for name in _TEXT_FIELDS if name != "note"
        )
        is_draft = self.latest.status == Version.Status.DRAFT
        return not same or (is_draft and self.cleaned_data["note"] != self.latest.note)


class VersionInline(admin.TabularInline):
    """Every version of a document, to be read."""

    model = Version
    fields = ("number", "status", "effective_from", "effective_until", "author", "note", "published_at")
    readonly_fields = fields
    extra = 0
    can_delete = False
    ordering = ("-number",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        """Leave the texts in the database."""
        return super().get_queryset(request).select_related("author").defer("text")

    def has_add_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        """Versions are made by saving the document."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        """A version is not changed after the fact."""
        return False


class StateFilter(admin.SimpleListFilter):
    """Documents by how they stand today."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer what staff look for."""
        return [("published", "Published"), ("waiting", "With a draft"), ("out", "Not published")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Narrow the list."""
        published = Document.objects.published()
        if self.value() == "published":
            return queryset.filter(pk__in=published)
        if self.value() == "waiting":
            drafts = Version.objects.filter(status=Version.Status.DRAFT)
            return queryset.filter(pk__in=drafts.values("document"))
        if self.value() == "out":
            return queryset.exclude(pk__in=published)
        return queryset


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    """Policies: edit the text, publish it, take it back."""

    form = DocumentForm
    change_form_template = "knowledge/admin/document_form.html"
    inlines = (VersionInline,)
    list_display = (
        *("title", "state_today", "category", "audience", "language"),
        *("passages_in_search", "last_published"),
    )
    list_filter = (StateFilter, "audience", "language", "category")
    search_fields = ("title", "slug", "versions__text")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("passages",)
    actions = ("publish", "withdraw")
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: Document | None = None) -> list[tuple]:
        """Show passages only where there can be some."""
        details = ("title", "slug", ("category", "audience", "language"))
        text = ("text", "note", ("effective_from", "effective_until"))
        shown = [("Passages", {"fields": ("passages",), "classes": ("collapse",)})] if obj else []
        return [(None, {"fields": details}), ("Text", {"fields": text}), *shown]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Load what the list shows in a fixed number of queries."""
        versions = Prefetch("versions", Version.objects.defer("text"))
        documents = super().get_queryset(request).prefetch_related(versions)
        return documents.with_passage_count().with_last_published()

    @admin.display(description="state")
    def state_today(self, document: Document) -> str:
        """Return the state in one word, and whether a draft waits."""
        waiting = any(version.status == Version.Status.DRAFT for version in document.versions.all())
        state = document.state()
        return f"{state}, draft waiting" if waiting and state != "draft" else state

    @admin.display(description="in search", ordering="passages_in_search")
    def passages_in_search(self, document: Document) -> int:
        """Return the number of passages that search can find."""
        return document.passages_in_search

    @admin.display(description="last published", ordering="last_published")
    def last_published(self, document: Document) -> datetime | None:
        """Return when the newest published text came out."""
        return document.last_published

    @admin.display(description="as answers cite them")
    def passages(self, document: Document) -> SafeString:
        """Show the passages of the text in force, or those a draft would give."""
        in_force = document.version_in_force()
        version = in_force or document.latest_version()
        if version is None:
            return format_html("<p>{}</p>", "There is no text yet.")
        saved = list(version.passages.all())
        rows = [(passage.heading, passage.text) for passage in saved or split(version.text, document.title)]
        listed = format_html_join(
            "",
            "<details><summary>{} ({} characters)</summary><pre>{}</pre></details>",
            ((heading, len(text), text) for heading, text in rows),
        )
        link = format_html('<a href="{}">{}</a>', document.get_absolute_url(), "Read it as customers do")
        return format_html("<p>Version {}. {}</p>{}", version.number, link if in_force else "", listed)

    def save_model(self, request: HttpRequest, obj: Document, form: DocumentForm, change: bool) -> None:
        """Save details; keep a changed text as draft; publish when that button was pressed."""
        if change:
            change_details(obj)
        else:
            obj.save()
        if form.has_new_text():
            values = {name: form.cleaned_data[name] for name in _TEXT_FIELDS}
            form.latest = save_draft(obj, author=request.user, **values)
            if "_publish" not in request.POST:
                self.message_user(request, f"Version {form.latest.number} is kept as a draft.")
        if "_publish" in request.POST:
            self._attempt(request, obj, _publish_latest, "is published")

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        """Delete with the index."""
        delete_document(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        """Delete each with its index."""
        for document in queryset:
            delete_document(document)

    @admin.action(description="Publish the newest version of the chosen documents", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        """Publish drafts, and withdrawn texts again."""
        for document in queryset:
            self._attempt(request, document, _publish_latest, "is published")

    @admin.action(description="Withdraw the chosen documents", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        """Take every published version of the documents out of use."""
        for document in queryset:
            self._attempt(request, document, withdraw_document, "is withdrawn")

    def _attempt(
        self, request: HttpRequest, document: Document, step: Callable[[Document], None], outcome: str
    ) -> None:
        """Take a step and say how it went."""
        try:
            step(document)
        except DocumentRefused as refusal:
            self.message_user(request, refusal.words, messages.WARNING)
        else:
            self.message_user(request, f"“{document}” {outcome}.", messages.SUCCESS)


def _publish_latest(document: Document) -> None:
    latest = document.latest_version()
    if latest is None:
        raise DocumentRefused("empty", f"“{document}” has no text to publish.")
    publish_version(latest)
