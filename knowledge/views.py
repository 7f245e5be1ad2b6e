"""Read a policy: the text in force, or the very text and place that an answer cited."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from knowledge.documents.render import render_text
from knowledge.models import Audience, Document, Passage, RemovedText, Version
from knowledge.models.documents import readable_audiences
from knowledge.search.snapshot import snapshot

_DRAFT = Version.Status.DRAFT


@login_required
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the text in force today, or with ``?on=2026-12-01`` on that day.

    What the person may not read is not there.
    """
    on = _day(request.GET.get("on", ""))
    with snapshot():
        readable = Document.objects.readable_by(_audience(request))
        found = get_object_or_404(readable, slug=slug)
        version = get_object_or_404(Version.objects.in_force(on), document=found)
        context = _context(version)
    return render(request, "knowledge/document.html", {**context, "on": on})


@login_required
def passage(request: HttpRequest, passage_id: int) -> HttpResponse:
    """Show a passage in its version, which may have been replaced or withdrawn since it was cited.

    410 with a page that says so when the text was deleted. Drafts are there for staff alone.
    """
    audience = _audience(request)
    with snapshot():
        passages = Passage.objects.select_related("version__document")
        cited = passages.filter(
            pk=passage_id, version__document__in=Document.objects.readable_by(audience)
        ).first()
        if cited is None:
            return _removed(request, passage_id, audience)
        if cited.version.status == _DRAFT and not _sees_drafts(request):
            raise Http404
        context = _context(cited.version, cited)
    return render(request, "knowledge/document.html", context)


def _removed(request: HttpRequest, passage_id: int, audience: str) -> HttpResponse:
    """Say that the text is gone, to those who could have read it; to others it was never there."""
    readable = RemovedText.objects.filter(audience__in=readable_audiences(audience))
    removed = readable.filter(first_passage__lte=passage_id, last_passage__gte=passage_id).first()
    if removed is None or Passage.objects.filter(pk=passage_id).exists():
        raise Http404
    return render(request, "knowledge/removed.html", {"removed": removed}, status=410)


def _audience(request: HttpRequest) -> str:
    return Audience.STAFF if request.user.is_staff else Audience.PUBLIC


def _sees_drafts(request: HttpRequest) -> bool:
    return request.user.is_staff and request.user.has_perm("knowledge.view_document")


def _day(words: str) -> date | None:
    """Return the day that the address names; None for none, or for one that cannot be read."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def _context(version: Version, cited: Passage | None = None) -> dict[str, object]:
    today = timezone.localdate()
    in_force = version.document.version_in_force(today)
    place = (cited.start, cited.end) if cited else None
    return {
        "document": version.document,
        "version": version,
        "cited": cited,
        "text": render_text(version.text, version.document.title, place),
        "in_force": in_force,
        "is_in_force": version == in_force,
        "is_draft": version.status == _DRAFT,
        "is_withdrawn": version.status == Version.Status.WITHDRAWN,
        "is_coming": version.effective_from is not None and version.effective_from > today,
    }
