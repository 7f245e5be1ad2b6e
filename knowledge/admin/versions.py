"""The pages of a document's versions: the list, one text, its passages, two compared, and the steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from knowledge.admin import comparison
from knowledge.admin.marks import mark_of
from knowledge.admin.steps import STEPS, Step
from knowledge.documents.publish import hold_library, page_of
from knowledge.documents.render import render_source, render_text
from knowledge.documents.split import Piece, split
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Passage, Version

VERSIONS_PER_PAGE = 50
PASSAGES_PER_PAGE = 50
_STEPS = {step.name: step for step in STEPS}


@dataclass(frozen=True, slots=True)
class Listed:
    """A passage in the list, and the address that opens it at its place."""

    position: int
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    url: str


class VersionPages(admin.ModelAdmin):
    """Adds the pages to the admin of documents, for who may see documents; steps need the right to change."""

    def get_urls(self) -> list[URLPattern]:
        """Put the pages before Django's own, whose last pattern takes everything."""
        pages = (
            ("versions/", self.versions_view, "versions"),
            ("versions/<int:number>/", self.version_view, "version"),
            ("versions/<int:number>/passages/", self.passages_view, "passages"),
            ("versions/<int:number>/<slug:name>/", self.step_view, "step"),
            ("compare/", self.compare_view, "compare"),
        )
        guard = self.admin_site.admin_view
        own = [
            path(f"<path:object_id>/{route}", guard(view), name=f"knowledge_document_{name}")
            for route, view, name in pages
        ]
        return own + super().get_urls()

    def versions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """List the versions, newest first, with what can be done with each."""
        document = self._document(request, object_id)
        page = Paginator(_light(document), VERSIONS_PER_PAGE).get_page(request.GET.get("p"))
        older, newer = _pair(document, request)
        context = {
            "page": page,
            "rows": [(version, _open_steps(self, request, version)) for version in page],
            "in_force": document.version_in_force(),
            "older": older,
            "newer": newer,
        }
        return self._page(request, "versions", document, "Versions", context)

    def version_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show a version's text as customers see it and as it is written; ``?passage=3`` marks that one."""
        document, version = self._version(request, object_id, number)
        cited = _piece(version, request.GET.get("passage", ""))
        place = (cited.start, cited.end) if cited else None
        context = {
            "version": version,
            "in_force": document.version_in_force(),
            "cited": cited,
            "text": render_text(version.text, document.title, place),
            "source": render_source(version.text, place),
            "steps": _open_steps(self, request, version),
        }
        return self._page(request, "version", document, f"Version {number}", context)

    def passages_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """List the passages of a version; those of a draft as publishing it now would cut them."""
        document, version = self._version(request, object_id, number)
        page = Paginator(_passages(version), PASSAGES_PER_PAGE).get_page(request.GET.get("p"))
        preview = reverse("admin:knowledge_document_version", args=[document.pk, number])
        context = {
            "version": version,
            "in_force": document.version_in_force(),
            "page": page,
            "listed": _listed(page.object_list, page.start_index(), version.page_starts, preview),
            "is_preview": version.status == Version.Status.DRAFT,
            "others": _light(document)[:VERSIONS_PER_PAGE],
        }
        return self._page(request, "passages", document, f"Passages of version {number}", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show how two versions differ: ``?from=1&to=3``; without, the one in force and the newest."""
        document = self._document(request, object_id)
        older, newer = _pair(document, request)
        if older is None or newer is None:
            raise Http404
        rows = comparison.rows(older.text, newer.text)
        context = {
            "older": older,
            "newer": newer,
            "before": f"Version {older.number}",
            "after": f"Version {newer.number}",
            "in_force": document.version_in_force(),
            "facts": comparison.facts(older, newer),
            "rows": rows if comparison.is_changed(rows) else [],
            "numbers": list(document.versions.values_list("number", flat=True)),
        }
        title = f"Version {older.number} and version {newer.number}"
        return self._page(request, "compare", document, title, context)

    def step_view(self, request: HttpRequest, object_id: str, number: int, name: str) -> HttpResponse:
        """Ask before a step, telling what it changes; take it when nothing has changed since."""
        step = _STEPS.get(name)
        if step is None:
            raise Http404
        if request.method != "POST":
            document, version = self._version(request, object_id, number, to_change=True)
            return self._ask(request, document, version, step)
        with transaction.atomic():
            hold_library()
            document, version = self._version(request, object_id, number, to_change=True)
            Document.objects.select_for_update().get(pk=document.pk)  # nor may a draft be rewritten now
            if request.POST.get("seen") != mark_of(document):
                words = "The document was changed meanwhile. Look again at what this step will do now."
                return self._ask(request, document, version, step, words)
            return self._take(request, version, step)

    def _take(self, request: HttpRequest, version: Version, step: Step) -> HttpResponse:
        document = version.document
        try:
            with transaction.atomic():
                outcome = step.take(version, request.user)
        except DocumentRefused as refusal:
            self.message_user(request, refusal.words, messages.WARNING)
        else:
            self.message_user(request, outcome, messages.SUCCESS)
            self.log_change(request, document, outcome)
            if step.opens_form:
                return HttpResponseRedirect(reverse("admin:knowledge_document_change", args=[document.pk]))
        return HttpResponseRedirect(reverse("admin:knowledge_document_versions", args=[document.pk]))

    def _ask(
        self, request: HttpRequest, document: Document, version: Version, step: Step, refusal: str = ""
    ) -> HttpResponse:
        if not step.is_open(version):
            words = (
                f"Version {version.number} is {version.get_status_display().lower()}: that step does not fit."
            )
            self.message_user(request, words, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:knowledge_document_versions", args=[document.pk]))
        context = {
            "version": version,
            "step": step,
            "foreseen": step.foresee(version),
            "seen": mark_of(document),
            "refusal": refusal,
        }
        return self._page(request, "step", document, step.question.format(version.number), context)

    def _document(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Document:
        """Return the document. Raises Http404, and PermissionDenied for who may not."""
        document = self.get_object(request, unquote(object_id))
        may = self.has_change_permission if to_change else self.has_view_permission
        if not may(request, document):
            raise PermissionDenied
        if document is None:
            raise Http404
        return document

    def _version(
        self, request: HttpRequest, object_id: str, number: int, *, to_change: bool = False
    ) -> tuple[Document, Version]:
        document = self._document(request, object_id, to_change=to_change)
        version = get_object_or_404(document.versions.select_related("author"), number=number)
        version.document = document
        return document, version

    def _page(
        self, request: HttpRequest, name: str, document: Document, title: str, context: dict[str, object]
    ) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "document": document,
            "title": title,
            "subtitle": document.title,
            "may_change": self.has_change_permission(request, document),
            **context,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"knowledge/admin/{name}.html", shown)


def _light(document: Document) -> QuerySet[Version]:
    """Return the versions, newest first, texts left in the database."""
    return document.versions.select_related("author").defer("text", "page_starts").order_by("-number")


def _open_steps(pages: VersionPages, request: HttpRequest, version: Version) -> list[Step]:
    if not pages.has_change_permission(request, version.document):
        return []
    return [step for step in STEPS if step.is_open(version)]


def _pair(document: Document, request: HttpRequest) -> tuple[Version | None, Version | None]:
    """Return the two to compare: as asked for, else the one in force, or the last but one, and the newest."""
    by_number = document.versions.select_related("author").order_by("-number")
    newest, *rest = [*by_number[:2], None, None][:2]
    newer = _asked(by_number, request.GET.get("to", "")) or newest
    older = _asked(by_number, request.GET.get("from", "")) or document.version_in_force()
    if older is None or (older == newer and not request.GET.get("from")):
        older = rest[0] or newest
    return older, newer


def _asked(versions: QuerySet[Version], number: str) -> Version | None:
    is_number = number.isascii() and number.isdigit() and len(number) < 9
    return versions.filter(number=int(number)).first() if is_number else None


def _passages(version: Version) -> QuerySet[Passage] | Sequence[Piece]:
    """Return the passages, or what publishing a draft would make them."""
    if version.status == Version.Status.DRAFT:
        return split(version.text, version.document.title)
    return version.passages.order_by("position")


def _piece(version: Version, position: str) -> Passage | Piece | None:
    is_number = position.isascii() and position.isdigit() and len(position) < 9
    if not is_number or position == "0":
        return None
    pieces = _passages(version)
    if isinstance(pieces, QuerySet):
        return pieces.filter(position=int(position)).first()
    return pieces[int(position) - 1] if int(position) <= len(pieces) else None


def _listed(
    pieces: Sequence[Passage | Piece], first: int, page_starts: Sequence[int], preview: str
) -> list[Listed]:
    return [
        Listed(
            position=position,
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
            page=page_of(page_starts, piece.start),
            url=piece.get_absolute_url() if isinstance(piece, Passage) else f"{preview}?passage={position}",
        )
        for position, piece in enumerate(pieces, start=first)
    ]
