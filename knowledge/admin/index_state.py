"""How search stands: what is in the index, what should be and is not, the marks, and who writes answers."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from knowledge.background import in_background
from knowledge.models import Compared, Document, Import, IndexState, Resemblance, Shelf, Version
from knowledge.models.documents import DocumentState
from knowledge.search.state import index_state, problems
from knowledge.search.vectors import configured
from knowledge.search.vectors.state import VectorState, vector_state
from knowledge.tasks import reindex_documents

MOST_NAMED = 20  # versions listed by name
LAST_IMPORTS = 5
_REINDEX = {
    "missing": "What is wrong with the index is being set right.",
    "all": "The index is being made anew. Questions are answered meanwhile.",
}


@admin.register(IndexState)
class IndexStateAdmin(admin.ModelAdmin):
    """The page."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let everybody in who may read documents."""
        return request.user.has_perm("knowledge.view_document")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is nothing to write by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_reindex_permission(self, request: HttpRequest) -> bool:
        """Let those have it made anew who may change documents."""
        return request.user.has_perm("knowledge.change_document")

    def get_urls(self) -> list[URLPattern]:
        """Return the page, and what its buttons send."""
        reindex = self.admin_site.admin_view(require_POST(self.reindex))
        return [
            path("", self.admin_site.admin_view(self.page), name="knowledge_indexstate_changelist"),
            path("reindex/", reindex, name="knowledge_indexstate_reindex"),
        ]

    def reindex(self, request: HttpRequest) -> HttpResponse:
        """Have the index set right, or made anew, in the background."""
        if not self.has_reindex_permission(request):
            raise PermissionDenied
        how = "missing" if request.POST.get("how") == "missing" else "all"
        in_background(reindex_documents, how)
        messages.success(request, _REINDEX[how])
        return redirect("admin:knowledge_indexstate_changelist")

    def page(self, request: HttpRequest) -> HttpResponse:
        """Show everything; a fixed number of counts, whatever the size of the library."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Search index",
            "opts": self.model._meta,
            "state": index_state(),
            "shelves": Shelf.objects.filter(passages__gt=0).order_by("language"),
            "documents": _documents_by_state(),
            "problems": problems(),
            "most_named": MOST_NAMED,
            "may_reindex": self.has_reindex_permission(request),
            "vectors": _vectors(),
            "imports": Import.objects.with_counts()
            .select_related("author")
            .order_by("-created_at")[:LAST_IMPORTS],
            "may_read_imports": request.user.has_perm("knowledge.view_import"),
            "resemblances": _resemblances(),
            "chain": [(kind, _model_of(kind)) for kind in settings.LLM_CHAIN],
            "settings": settings,
        }
        return TemplateResponse(request, "knowledge/admin/index_state.html", context)


def _documents_by_state() -> list[tuple[str, int]]:
    counts = dict(
        Document.objects.with_state().order_by().values_list("stands").annotate(documents=Count("pk"))
    )
    return [(state.label, counts[state.value]) for state in DocumentState if counts.get(state.value)]


def _vectors() -> VectorState | None:
    return vector_state() if configured() else None


def _resemblances() -> dict[str, Any]:
    kinds = Resemblance.Kind
    return Resemblance.objects.filter(dismissed=False).aggregate(
        contradicts=Count("pk", filter=Q(kind=kinds.CONTRADICTS)),
        repeats=Count("pk", filter=Q(kind=kinds.REPEATS)),
    ) | {"waiting": Version.objects.in_force().exclude(pk__in=Compared.objects.values("version")).count()}


def _model_of(kind: str) -> str:
    """Return the name of the model that a link of the chain asks."""
    names = {"azure": "AZURE_OPENAI_DEPLOYMENT", "extractive": ""}
    setting = names.get(kind, f"{kind.upper()}_MODEL")
    return getattr(settings, setting) if setting else "quotes the documents"
