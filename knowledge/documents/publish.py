"""Every change of the library: save a draft, publish, withdraw, delete. One transaction each, index included.

A reader sees a document before the change or after it, never without a text and never with two.
"""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from knowledge.documents.clean import clean
from knowledge.documents.split import JOINT, LONGEST_HEADING, split
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Passage, Version
from knowledge.search import index

Status = Version.Status


@transaction.atomic
def save_draft(
    document: Document,
    text: str,
    *,
    author: AbstractBaseUser | None = None,
    note: str = "",
    effective_from: date | None = None,
    effective_until: date | None = None,
) -> Version:
    """Keep ``text`` as the document's draft: the waiting one is rewritten, else a new version begins.

    Raises DocumentRefused for an empty text or dates the wrong way round.
    """
    text = clean(text)
    _check(text, effective_from, effective_until)
    Document.objects.select_for_update().get(pk=document.pk)  # numbers are given one at a time
    latest = document.latest_version()
    if latest is None or latest.status != Status.DRAFT:
        latest = Version(document=document, number=latest.number + 1 if latest else 1)
    latest.text, latest.note, latest.author = text, note, author
    latest.effective_from, latest.effective_until = effective_from, effective_until
    latest.save()
    return latest


def publish_version(version: Version) -> Version:
    """Publish a draft, or a withdrawn version again. See ``publish_versions``."""
    publish_versions([version])
    return version


@transaction.atomic
def publish_versions(versions: Sequence[Version]) -> None:
    """Publish versions of different documents in one transaction: passages, postings and switch together.

    Raises DocumentRefused, and changes nothing, for a version that is published already, has no text, or
    could never hold because a newer one covers all its days.
    """
    index.lock_library()
    fresh = _fresh(versions)
    _check_publishable(fresh)
    Version.objects.filter(pk__in=[version.pk for version in fresh]).update(
        status=Status.PUBLISHED, published_at=timezone.now()
    )
    _cut(fresh)
    _settle_index([version.document for version in fresh])
    _read_back(versions)


@transaction.atomic
def withdraw_version(version: Version) -> None:
    """Take one version back; the text it had replaced, if any, holds again. Its passages stay readable.

    Raises DocumentRefused for a version that is not published.
    """
    index.lock_library()
    version.refresh_from_db()
    if version.status != Status.PUBLISHED:
        raise DocumentRefused("not_published", f"{version} is not published, so it cannot be withdrawn.")
    _withdraw([version])
    _read_back([version])


@transaction.atomic
def withdraw_document(document: Document) -> None:
    """Take the document out of use: every published version of it is withdrawn. Its passages stay readable.

    Raises DocumentRefused for a document without a published version.
    """
    index.lock_library()
    published = list(document.versions.published().select_related("document"))
    if not published:
        raise DocumentRefused("not_published", f"“{document}” has no published version to withdraw.")
    _withdraw(published)


@transaction.atomic
def delete_document(document: Document) -> None:
    """Delete the document with all its versions and passages, out of search at once."""
    index.lock_library()
    index.remove(list(document.versions.filter(indexed=True).select_related("document")))
    document.delete()


@transaction.atomic
def change_details(document: Document) -> None:
    """Save a document whose title, category, audience, language or slug was changed, its index included."""
    index.lock_library()
    before = Document.objects.get(pk=document.pk)
    indexed = list(document.versions.filter(indexed=True))
    for version in indexed:
        version.document = before
    if (before.title, before.language) == (document.title, document.language):
        document.save()
        return
    index.remove(indexed)
    document.save()
    _rename_headings(indexed, before.title, document.title)
    for version in indexed:
        version.document = document
    index.add(indexed)


def _check(text: str, effective_from: date | None, effective_until: date | None) -> None:
    if not text.strip():
        raise DocumentRefused("empty", "There is no text in it.")
    if "\0" in text:
        raise DocumentRefused("binary", "It holds zero bytes, so it is not a text.")
    if effective_from and effective_until and effective_until < effective_from:
        raise DocumentRefused("dates", "It would end before it begins.")


def _fresh(versions: Sequence[Version]) -> list[Version]:
    """Return the versions as they are now, each with its document."""
    found = Version.objects.select_related("document").in_bulk([version.pk for version in versions])
    return [found[version.pk] for version in versions]


def _read_back(versions: Sequence[Version]) -> None:
    """Give the caller's objects the state that the transaction left."""
    now = _fresh(versions)
    for version, saved in zip(versions, now, strict=True):
        version.status, version.published_at = saved.status, saved.published_at
        version.indexed = saved.indexed


def _check_publishable(versions: Sequence[Version]) -> None:
    published = Version.objects.published().filter(document__in=[version.document_id for version in versions])
    by_document: dict[object, list[Version]] = {}
    for other in published.defer("text"):
        by_document.setdefault(other.document_id, []).append(other)
    for version in versions:
        if version.status == Status.PUBLISHED:
            raise DocumentRefused("already_published", f"{version} is published already.")
        if any(newer.shadows(version) for newer in by_document.get(version.document_id, ())):
            reason = f"{version} could never hold: a newer version covers all its days."
            raise DocumentRefused("superseded", reason)


def _cut(versions: Sequence[Version]) -> None:
    """Make the passages of the versions that have none yet, and refuse a text that gives none."""
    have = set(Passage.objects.filter(version__in=versions).values_list("version_id", flat=True))
    passages = []
    for version in versions:
        if version.pk in have:
            continue
        pieces = split(version.text, version.document.title)
        if not pieces:
            raise DocumentRefused("empty", f"{version} has headings but no text.")
        passages += [
            Passage(
                version=version,
                position=position,
                heading=piece.heading,
                text=piece.text,
                start=piece.start,
                end=piece.end,
            )
            for position, piece in enumerate(pieces, start=1)
        ]
    Passage.objects.bulk_create(passages, batch_size=500)


def _withdraw(versions: Sequence[Version]) -> None:
    Version.objects.filter(pk__in=[version.pk for version in versions]).update(status=Status.WITHDRAWN)
    _settle_index([version.document for version in versions])


def _settle_index(documents: Sequence[Document]) -> None:
    """Index exactly the published versions that hold on some day: not those a newer one covers altogether."""
    surplus, missing = [], []
    by_document = {document.pk: document for document in documents}
    versions = Version.objects.filter(document__in=by_document).defer("text").order_by("document", "number")
    of_document: dict[object, list[Version]] = {pk: [] for pk in by_document}
    for version in versions:
        version.document = by_document[version.document_id]
        of_document[version.document_id].append(version)
    for group in of_document.values():
        published = [version for version in group if version.status == Status.PUBLISHED]
        holding = {v.pk for v in published if not any(newer.shadows(v) for newer in published)}
        surplus += [version for version in group if version.indexed and version.pk not in holding]
        missing += [version for version in group if not version.indexed and version.pk in holding]
    # First in, then out: terms that both hold keep their ids.
    index.add(missing)
    index.remove(surplus)


def _rename_headings(versions: Sequence[Version], former: str, title: str) -> None:
    """Let the title paths of the passages begin with the document's new title."""
    passages = list(Passage.objects.filter(version__in=versions))
    for passage in passages:
        if passage.heading == former or passage.heading.startswith(former + JOINT):
            passage.heading = (title + passage.heading.removeprefix(former))[:LONGEST_HEADING]
    Passage.objects.bulk_update(passages, ["heading"], batch_size=500)
