"""Sentences of different documents that repeat or contradict each other, side by side."""

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from knowledge.models import Audience, Compared, Passage, Resemblance, Version
from knowledge.resemblance.differences import Segments, differences
from knowledge.resemblance.keeping import dismiss, restore

_SIDES = ("first", "second")


class SeenFilter(admin.SimpleListFilter):
    """What staff have not looked at comes first."""

    title = "what staff found"
    parameter_name = "seen"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer the two others; without a choice the open ones are shown."""
        return [("right", "Looks right"), ("all", "All")]

    def choices(self, changelist: object) -> list[dict[str, object]]:
        """Name the usual choice."""
        choices = list(super().choices(changelist))
        choices[0]["display"] = "Not looked at yet"
        return choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Resemblance]) -> QuerySet[Resemblance]:
        """Narrow the list."""
        if self.value() == "all":
            return queryset
        return queryset.filter(dismissed=self.value() == "right")


class AudienceFilter(admin.SimpleListFilter):
    """Pairs by who may read their documents."""

    title = "audience"
    parameter_name = "audience"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer what staff look for."""
        return [("mixed", "Staff against public"), ("public", "Both public"), ("staff", "Both for staff")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Resemblance]) -> QuerySet[Resemblance]:
        """Narrow the list."""
        first, second = (f"{side}__version__document__audience" for side in _SIDES)
        if self.value() == "mixed":
            return queryset.exclude(**{first: F(second)})
        if self.value() in Audience.values:
            return queryset.filter(Q(**{first: self.value()}) & Q(**{second: self.value()}))
        return queryset


@admin.register(Resemblance)
class ResemblanceAdmin(admin.ModelAdmin):
    """The list. Who may read documents sees it; who may change them may say that a pair looks right."""

    change_list_template = "knowledge/admin/resemblances.html"
    list_display = ("pair",)
    list_display_links = None
    list_filter = ("kind", SeenFilter, AudienceFilter, "first__version__document__language")
    search_fields = ("first_words", "second_words", "first__heading", "second__heading")
    list_per_page = 25
    actions = ("looks_right", "look_again")

    class Media:
        css = {"all": ("css/staff_tools.css",)}

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let everybody in who may read documents."""
        return request.user.has_perm("knowledge.view_document")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those."""
        return self.has_view_permission(request)

    def has_dismiss_permission(self, request: HttpRequest) -> bool:
        """Let those decide who may change documents."""
        return request.user.has_perm("knowledge.change_document")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: pairs are found."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: the documents are changed instead."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: pairs go with their texts."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the list alone."""
        name = "knowledge_resemblance_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Resemblance]:
        """Load the documents along, and leave the texts in the database."""
        pairs = super().get_queryset(request)
        pairs = pairs.select_related(*(f"{side}__version__document" for side in _SIDES))
        texts = (f"{side}__{text}" for side in _SIDES for text in ("text", "version__text"))
        return pairs.defer(*texts)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Say also whether everything has been compared."""
        waiting = Version.objects.in_force().exclude(pk__in=Compared.objects.values("version")).count()
        title = "Repeats and contradictions"
        return super().changelist_view(request, {"waiting": waiting, "title": title, **(extra_context or {})})

    @admin.display(description="Pairs")
    def pair(self, resemblance: Resemblance) -> SafeString:
        """Show both sentences side by side, what differs marked."""
        marked = differences(resemblance.first_words, resemblance.second_words)
        sides = format_html_join(
            "",
            "<div>{}<blockquote lang={}>{}</blockquote></div>",
            (
                (_place(passage), passage.version.document.language, _marked(segments))
                for passage, segments in zip((resemblance.first, resemblance.second), marked, strict=True)
            ),
        )
        return format_html(
            '<p class="mini"><b>{}</b> · {} % of the words in common{}</p><div class="sentences">{}</div>',
            resemblance.get_kind_display(),
            round(100 * resemblance.likeness),
            " · looks right" if resemblance.dismissed else "",
            sides,
        )

    @admin.action(description="Looks right", permissions=["dismiss"])
    def looks_right(self, request: HttpRequest, queryset: QuerySet[Resemblance]) -> None:
        """Take the pairs off the list for as long as their sentences stand."""
        count = dismiss(queryset, by=request.user)
        self.message_user(request, f"{_pairs(count)} will not be shown again while the sentences stand.")

    @admin.action(description="Look at it again", permissions=["dismiss"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[Resemblance]) -> None:
        """Put the pairs back on the list."""
        self.message_user(request, f"{_pairs(restore(queryset))} back on the list.", messages.SUCCESS)


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count} pairs"


def _place(passage: Passage) -> SafeString:
    """Return the title path, leading to the place in the text, and the way to the form."""
    document = passage.version.document
    return format_html(
        '<a href="{}#cited">{}</a> <span class="mini">v{}{} · <a href="{}">Edit</a></span>',
        passage.get_absolute_url(),
        passage.heading,
        passage.version.number,
        ", staff only" if document.audience == Audience.STAFF else "",
        reverse("admin:knowledge_document_change", args=[document.pk]),
    )


def _marked(segments: Segments) -> SafeString:
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", text) if differs else text,) for text, differs in segments)
    )
