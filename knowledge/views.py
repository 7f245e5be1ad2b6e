"""Read a policy: the text in force, or the very text and place that an answer cited."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from knowledge.documents.render import render_text
from knowledge.models import Audience, Document, Passage, Version
from knowledge.models.documents import DocumentQuerySet


@login_required
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the text in force; what the person may not read is not there."""
    found = get_object_or_404(_readable(request), slug=slug)
    version = get_object_or_404(Version.objects.in_force(), document=found)
    return _page(request, version)


@login_required
def passage(request: HttpRequest, passage_id: int) -> HttpResponse:
    """Show a passage in its version, which may have been replaced or withdrawn since it was cited."""
    passages = Passage.objects.exclude(version__status=Version.Status.DRAFT).select_related(
        "version__document"
    )
    cited = get_object_or_404(passages, pk=passage_id, version__document__in=_readable(request))
    return _page(request, cited.version, cited)


def _readable(request: HttpRequest) -> DocumentQuerySet:
    return Document.objects.readable_by(Audience.STAFF if request.user.is_staff else Audience.PUBLIC)


def _page(request: HttpRequest, version: Version, cited: Passage | None = None) -> HttpResponse:
    today = timezone.localdate()
    in_force = version.document.version_in_force(today)
    context = {
        "document": version.document,
        "version": version,
        "cited": cited,
        "text": render_text(
            version.text, version.document.title, (cited.start, cited.end) if cited else None
        ),
        "in_force": in_force,
        "is_in_force": version == in_force,
        "is_withdrawn": version.status == Version.Status.WITHDRAWN,
        "is_coming": version.effective_from is not None and version.effective_from > today,
    }
    return render(request, "knowledge/document.html", context)
