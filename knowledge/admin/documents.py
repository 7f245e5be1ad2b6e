"""Staff write policies, publish them, and take them back."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from knowledge.admin.document_form import TEXT_FIELDS, DocumentForm
from knowledge.admin.steps import publish_and_tell, published_words, withdrawn_words
from knowledge.admin.versions import VersionPages
from knowledge.documents.publish import (
    change_details,
    delete_documents,
    hold_library,
    save_draft,
    withdraw_document,
)
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Passage, Version

NEW_DOCUMENT = "new-document"  # session key of what the form for a new document begins with
VERSIONS_SHOWN = 5  # on the form; the others have a page
CONSEQUENCES_SHOWN = 50  # documents whose changes are told before many are published or withdrawn


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
class DocumentAdmin(VersionPages):
    """Policies: edit the text, publish it, take it back."""

    form = DocumentForm
    change_form_template = "knowledge/admin/document_form.html"
    list_display = (
        *("title", "state_today", "category", "audience", "language"),
        *("passages_in_search", "last_published"),
    )
    list_filter = (StateFilter, "audience", "language", "category")
    search_fields = ("title", "slug", "versions__text")
    prepopulated_fields = {"slug": ("title",)}
    actions = ("publish", "withdraw")
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False  # the form's own link is there only when a text is in force

    def get_fieldsets(self, request: HttpRequest, obj: Document | None = None) -> list[tuple]:
        """Put the text below the details."""
        details = ("title", "slug", ("category", "audience", "language"), "seen")
        text = ("text", "note", ("effective_from", "effective_until"))
        return [(None, {"fields": details}), ("Text", {"fields": text})]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        """Begin a new document with what another page has left in the session for it."""
        return super().get_changeform_initial_data(request) | request.session.pop(NEW_DOCUMENT, {})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Load what the list shows in one query, counted for the rows of the page alone."""
        documents = super().get_queryset(request)
        return documents.with_state().with_draft().with_passage_count().with_last_published()

    @admin.display(description="state")
    def state_today(self, document: Document) -> str:
        """Return the state in one word, and whether a draft waits."""
        state = document.stands
        return f"{state}, draft waiting" if document.has_draft and state != "draft" else state

    @admin.display(description="in search", ordering="passages_in_search")
    def passages_in_search(self, document: Document) -> int:
        """Return the number of passages that search can find."""
        return document.passages_in_search

    @admin.display(description="last published", ordering="last_published")
    def last_published(self, document: Document) -> datetime | None:
        """Return when the newest published text came out."""
        return document.last_published

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show or save the form; what is saved is compared with what was seen while nobody else can write."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            hold_library()  # before the document: everybody takes the two in this order
            document = self.get_object(request, unquote(object_id)) if object_id else None
            if document is not None:
                Document.objects.select_for_update().get(pk=document.pk)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: object, **kwargs: object
    ) -> HttpResponse:
        """Add the newest versions, and what publishing would replace."""
        document = kwargs.get("obj")
        if document is not None:
            versions = (
                document.versions.select_related("author").defer("text", "page_starts").order_by("-number")
            )
            context |= {
                "newest_versions": versions[:VERSIONS_SHOWN],
                "version_count": versions.count(),
                "in_force": document.version_in_force(),
                "conflict": context["adminform"].form.conflict,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Document, form: DocumentForm, change: bool) -> None:
        """Save details; keep a changed text as draft; publish when that button was pressed."""
        if not change:
            obj.save()
        elif form.details_changed():
            change_details(obj)
        if form.has_new_text():
            values = {name: form.cleaned_data[name] for name in TEXT_FIELDS}
            form.latest = save_draft(obj, author=request.user, **values, **form.origin())
            if "_publish" not in request.POST:
                self.message_user(request, f"Version {form.latest.number} is kept as a draft.")
        if "_publish" in request.POST:
            self._attempt(request, obj, _publish_latest)

    def get_deleted_objects(
        self, objs: Iterable[Document], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Tell what would go, in numbers: a list of all passages could be a very long page."""
        documents = list(objs)
        ids = [document.pk for document in documents]
        versions = Version.objects.filter(document__in=ids).count()
        passages = Passage.objects.filter(version__document__in=ids).count()
        lines = [
            f"“{document}”: {_counted(document.versions.count(), 'version')}"
            for document in documents[:CONSEQUENCES_SHOWN]
        ]
        if len(documents) > CONSEQUENCES_SHOWN:
            lines.append(f"… and {len(documents) - CONSEQUENCES_SHOWN} more documents")
        lines.append("Search finds nothing of it at once. Answers given before keep the words they quoted.")
        counts = {"documents": len(documents), "versions": versions, "passages": passages}
        may = self.has_delete_permission(request)
        return lines, counts, set() if may else {str(self.opts.verbose_name)}, []

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        """Delete with the index."""
        delete_documents([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        """Delete all with their index, in one step."""
        delete_documents(list(queryset))

    @admin.action(description="Publish the newest version of the chosen documents…", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Document]) -> HttpResponse | None:
        """Publish drafts, and withdrawn texts again, after telling what each replaces."""
        if not request.POST.get("post"):
            return self._ask_for_many(request, queryset, "publish", "Publish", _foresee_publishing)
        for document in queryset:
            self._attempt(request, document, _publish_latest)
        return None

    @admin.action(description="Withdraw the chosen documents…", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Document]) -> HttpResponse | None:
        """Take every published version of the documents out of use, after asking."""
        if not request.POST.get("post"):
            return self._ask_for_many(request, queryset, "withdraw", "Withdraw", _foresee_withdrawing)
        for document in queryset:
            self._attempt(request, document, _withdraw)
        return None

    def _ask_for_many(
        self,
        request: HttpRequest,
        queryset: QuerySet[Document],
        action: str,
        verb: str,
        foresee: Callable[[Document], list[str]],
    ) -> HttpResponse:
        documents = list(queryset)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{verb} {_counted(len(documents), 'document')}?",
            "action": action,
            "verb": verb,
            "foreseen": [(document, foresee(document)) for document in documents[:CONSEQUENCES_SHOWN]],
            "more": max(len(documents) - CONSEQUENCES_SHOWN, 0),
            "chosen": [document.pk for document in documents],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "knowledge/admin/step_for_many.html", context)

    def _attempt(self, request: HttpRequest, document: Document, step: Callable[[Document], str]) -> None:
        """Take a step and say how it went."""
        try:
            with transaction.atomic():
                words = step(document)
        except DocumentRefused as refusal:
            self.message_user(request, refusal.words, messages.WARNING)
        else:
            self.message_user(request, words, messages.SUCCESS)


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _publish_latest(document: Document) -> str:
    latest = document.latest_version()
    if latest is None:
        raise DocumentRefused("empty", f"“{document}” has no text to publish.")
    latest.document = document
    return publish_and_tell(latest)


def _withdraw(document: Document) -> str:
    words = withdrawn_words(_published(document))
    withdraw_document(document)
    return " ".join([f"“{document}” is withdrawn.", *words])


def _foresee_publishing(document: Document) -> list[str]:
    latest = document.latest_version()
    if latest is None:
        return ["It has no text to publish."]
    if latest.status == Version.Status.PUBLISHED:
        return [f"Version {latest.number} is published already."]
    return [f"Version {latest.number} is published.", *published_words(latest)]


def _foresee_withdrawing(document: Document) -> list[str]:
    published = _published(document)
    return withdrawn_words(published) if published else ["It has no published version to withdraw."]


def _published(document: Document) -> list[Version]:
    return list(document.versions.published().defer("text", "page_starts").select_related("document"))
