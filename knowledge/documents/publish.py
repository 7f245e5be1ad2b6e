"""Every change of the library: save a draft, publish, withdraw, delete. One transaction each, index included.

A reader sees a document before the change or after it, never without a text and never with two.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Left, Substr
from django.utils import timezone

from accounts import audit
from knowledge.documents.clean import clean
from knowledge.documents.split import JOINT, LONGEST_HEADING, split
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Library, Passage, Vector, Version
from knowledge.resemblance import compare_again, compare_soon
from knowledge.search import index
from knowledge.search.vectors import embed_soon
from knowledge.signals import version_changed

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
    file_name: str = "",
    page_starts: Sequence[int] = (),
) -> Version:
    """Keep ``text`` as the document's draft: the waiting one is rewritten, else a new version begins.

    ``file_name`` is the file it was read from, ``page_starts`` the offsets in ``text`` (from ``parse``)
    at which the file's pages begin; a waiting draft whose text stays keeps its own.
    Raises DocumentRefused for an empty text or dates the wrong way round.
    """
    text = clean(text)
    _check(text, effective_from, effective_until)
    Document.objects.select_for_update().get(pk=document.pk)  # numbers are given one at a time
    latest = document.latest_version()
    if latest is None or latest.status != Status.DRAFT:
        latest = Version(document=document, number=latest.number + 1 if latest else 1)
    if file_name or text != latest.text:
        latest.file_name, latest.page_starts = file_name, list(page_starts)
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
    _lock_documents(versions)
    fresh = _fresh(versions)
    _check_publishable(fresh)
    Version.objects.filter(pk__in=[version.pk for version in fresh]).update(
        status=Status.PUBLISHED, published_at=timezone.now()
    )
    _cut(fresh)
    settle_index([version.document for version in fresh])
    _read_back(versions)
    for version in fresh:
        _note(audit.Act.DOCUMENT_PUBLISHED, version)


@transaction.atomic
def withdraw_version(version: Version) -> None:
    """Take one version back; the text it had replaced, if any, holds again. Its passages stay readable.

    Raises DocumentRefused for a version that is not published.
    """
    index.lock_library()
    version.status = _fresh([version])[0].status
    if version.status != Status.PUBLISHED:
        raise DocumentRefused("not_published", f"{version} is not published, so it cannot be withdrawn.")
    _withdraw([version])
    _read_back([version])
    _note(audit.Act.DOCUMENT_WITHDRAWN, version)


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
    for version in published:
        _note(audit.Act.DOCUMENT_WITHDRAWN, version)


def hold_library() -> None:
    """Let no publication begin until the caller's transaction ends; the revision stays as it is."""
    list(Library.objects.select_for_update().values_list("pk"))


@transaction.atomic
def delete_document(document: Document) -> None:
    """Delete the document with all its versions and passages, out of search at once."""
    delete_documents([document])


@transaction.atomic
def delete_documents(documents: Sequence[Document]) -> None:
    """Delete documents in one step; answers keep the words they cited (``knowledge.documents.deletion``)."""
    index.lock_library()
    versions = Version.objects.filter(document__in=[document.pk for document in documents], indexed=True)
    index.remove(list(versions.select_related("document").defer("text")))
    for document in documents:
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
    _rename_headings(document, before.title)
    # They stand for the former headings, or for a text in the former language.
    Vector.objects.filter(passage__version__in=indexed).delete()
    for version in indexed:
        version.document = document
    index.add(indexed)
    if indexed:
        embed_soon()
        compare_again(indexed)


def _note(act: audit.Act, version: Version) -> None:
    audit.record(act, target=("knowledge.document", version.document_id), version=version.number)
    if not audit.is_apart():
        is_published = act == audit.Act.DOCUMENT_PUBLISHED
        version_changed.send(sender=Version, version=version, is_published=is_published)


def _check(text: str, effective_from: date | None, effective_until: date | None) -> None:
    if not text.strip():
        raise DocumentRefused("empty", "There is no text in it.")
    if "\0" in text:
        raise DocumentRefused("binary", "It holds zero bytes, so it is not a text.")
    if effective_from and effective_until and effective_until < effective_from:
        raise DocumentRefused("dates", "It would end before it begins.")


def _lock_documents(versions: Sequence[Version]) -> None:
    """Let nobody rewrite a draft while it is published; always after the library, in one order."""
    ids = [version.document_id for version in versions]
    list(Document.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def _fresh(versions: Sequence[Version]) -> list[Version]:
    """Return the versions as they are now, each with its document; refuse when one is there no longer."""
    found = Version.objects.select_related("document").in_bulk([version.pk for version in versions])
    if gone := [version for version in versions if version.pk not in found]:
        raise DocumentRefused("gone", f"{gone[0]} has been deleted meanwhile.")
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
                page=page_of(version.page_starts, piece.start),
            )
            for position, piece in enumerate(pieces, start=1)
        ]
    Passage.objects.bulk_create(passages, batch_size=500)


def page_of(page_starts: Sequence[int], offset: int) -> int | None:
    """Return the number of the page that holds the offset, from 1; None for a text without pages."""
    return bisect_right(page_starts, offset) or None


def _withdraw(versions: Sequence[Version]) -> None:
    Version.objects.filter(pk__in=[version.pk for version in versions]).update(status=Status.WITHDRAWN)
    settle_index([version.document for version in versions])


def settle_index(documents: Sequence[Document]) -> None:
    """Index exactly the published versions that hold on some day: not those a newer one covers altogether.

    Runs inside the caller's transaction, after ``index.lock_library``.
    """
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
    if missing:
        embed_soon()
    compare_soon()


def _rename_headings(document: Document, former: str) -> None:
    """Let the title paths of all passages, in search or not, begin with the document's new title."""
    passages = Passage.objects.filter(version__document=document)
    rest = Substr("heading", len(former) + 1)
    renamed = Left(Concat(Value(document.title), rest), LONGEST_HEADING)
    passages.filter(heading__startswith=former + JOINT).update(heading=renamed)
    passages.filter(heading=former).update(heading=document.title)
