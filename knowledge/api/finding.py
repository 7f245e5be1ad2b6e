"""Load documents for the API, and change one without running over somebody else's change."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.request import Request

from knowledge.api.problems import Refused
from knowledge.models import Document, Passage, Version
from knowledge.search import index

_DETAILS = ("slug", "title", "category", "audience", "language")


def documents() -> QuerySet[Document]:
    """Return the documents with all that their representation tells, in one query."""
    own = Version.objects.filter(document=OuterRef("pk")).order_by("-number")
    passages = Passage.objects.filter(version__document=OuterRef("pk"), version__indexed=True)
    counted = passages.order_by().values("version__document").annotate(passages=Count("pk"))
    out = own.exclude(published_at=None).order_by("-published_at")
    return Document.objects.with_state().annotate(
        latest_number=Subquery(own.values("number")[:1]),
        draft_number=Subquery(own.filter(status=Version.Status.DRAFT).values("number")[:1]),
        number_in_force=_number_in_force("pk"),
        published_last=Subquery(out.values("published_at")[:1]),
        in_search=Coalesce(Subquery(counted.values("passages")), 0),
    )


def versions(document: Document) -> QuerySet[Version]:
    """Return the document's versions, texts left in the database, with what their representation tells."""
    counted = Passage.objects.filter(version=OuterRef("pk")).order_by().values("version")
    return (
        document.versions.select_related("author", "document")
        .defer("text", "page_starts")
        .annotate(
            number_in_force=_number_in_force("document"),
            held=Coalesce(Subquery(counted.annotate(passages=Count("pk")).values("passages")), 0),
        )
    )


def _number_in_force(document: str, on: date | None = None) -> Subquery:
    holding = Version.objects.in_force(on or timezone.localdate()).filter(document=OuterRef(document))
    return Subquery(holding.values("number")[:1])


def named(found: QuerySet[Document], name: str) -> Document:
    """Return the document with that id or slug; raises Http404."""
    try:
        return get_object_or_404(found, pk=UUID(name))
    except ValueError:
        return get_object_or_404(found, slug=name)


def etag_of(document: Document) -> str:
    """Return the tag that changes with the document's details, and with any of its versions."""
    draft = When(status=Version.Status.DRAFT, then=F("text"))  # published texts never change
    rows = document.versions.order_by("number").values_list(
        *("number", "status", "effective_from", "effective_until", "note"),
        Case(draft, default=Value(""), output_field=TextField()),
    )
    stand = [[getattr(document, name) for name in _DETAILS], [list(row) for row in rows]]
    written = json.dumps(stand, cls=DjangoJSONEncoder)
    return f'"{hashlib.sha256(written.encode()).hexdigest()[:32]}"'


@contextmanager
def changing(request: Request, name: str, *, index_too: bool = True) -> Iterator[Document]:
    """Hold a document in one transaction while it is changed, if it still is what the client has seen.

    ``index_too`` False is for steps that leave the search index alone. Raises Http404, and Refused with 412
    ``changed`` when the request's ``If-Match`` names another state.
    """
    with transaction.atomic():
        if index_too:
            index.lock_library()  # before the document: everybody takes the two in this order
        document = named(Document.objects.select_for_update(), name)
        _check_match(request, document)
        yield document


def has_condition(request: Request) -> bool:
    """Tell whether the client says which state it has seen."""
    return bool(request.headers.get("If-Match", "").strip())


@contextmanager
def slug_free() -> Iterator[None]:
    """Refuse with 409 ``taken`` when what is saved within has the slug of another document."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused("taken", "Another document has this slug already.") from error


def _check_match(request: Request, document: Document) -> None:
    if not has_condition(request):
        return
    wanted = parse_etags(request.headers["If-Match"])
    if "*" not in wanted and etag_of(document) not in wanted:
        words = "The document was changed meanwhile. Fetch it again, and send the ETag you then get."
        raise Refused("changed", words, status.HTTP_412_PRECONDITION_FAILED)
