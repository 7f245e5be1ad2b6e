"""Bring a folder of files into the library, batch by batch; a file that cannot be taken stops no other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser

from knowledge.documents.parse import LARGEST, Parsed, parse
from knowledge.documents.publish import change_details, publish_versions, save_draft
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Version
from knowledge.search.index import refresh_statistics

BATCH_CHARACTERS = 400_000  # text published in one transaction
IMPORT_NOTE = "Imported"


@dataclass(slots=True)
class Report:
    """What an import did: the slugs published, unchanged and kept as edited, and why files were refused."""

    files: dict[str, str] = field(default_factory=dict)  # by slug
    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # by file

    def refuse(self, slug: str, refusal: DocumentRefused) -> None:
        """List the file of the document ``slug`` with the reason."""
        self.refused[self.files[slug]] = refusal.words


def import_folder(
    folder: Path,
    *,
    author: AbstractBaseUser | None = None,
    note: str = IMPORT_NOTE,
    keep_edited: bool = False,
) -> Report:
    """Publish every file under ``folder``; a document's slug comes from its path, or its ``slug`` detail.

    A text that equals the newest version makes no new one. With ``keep_edited`` a document whose newest
    version was not made by an import with the same ``note`` is left alone, and listed under ``kept``.
    Raises NotADirectoryError.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    report = Report()
    for batch in _batches(_read(folder, report)):
        drafts = [draft for parsed in batch if (draft := _draft(parsed, author, note, keep_edited, report))]
        _publish(drafts, report)
    if report.published:
        refresh_statistics()
    return report


def _read(folder: Path, report: Report) -> Iterator[Parsed]:
    """Yield the files that can be read; the others are listed with their reason."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(name).parts):
            continue
        try:
            parsed = _read_file(path, name)
            if other := report.files.get(parsed.slug):
                raise DocumentRefused("duplicate", f"“{other}” has the same name “{parsed.slug}”.")
        except DocumentRefused as refusal:
            report.refused[name] = refusal.words
            continue
        report.files[parsed.slug] = name
        yield parsed


def _read_file(path: Path, name: str) -> Parsed:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise DocumentRefused("unreadable", f"It cannot be read: {error.strerror}.") from error
    return parse(name, content)


def _batches(files: Iterable[Parsed]) -> Iterator[list[Parsed]]:
    batch: list[Parsed] = []
    for parsed in files:
        batch.append(parsed)
        if sum(len(one.text) for one in batch) >= BATCH_CHARACTERS:
            yield batch
            batch = []
    if batch:
        yield batch


def _draft(
    parsed: Parsed, author: AbstractBaseUser | None, note: str, keep_edited: bool, report: Report
) -> Version | None:
    """Return a draft to publish, or None when there is nothing new in the file."""
    document = Document.objects.filter(slug=parsed.slug).first()
    latest = document.latest_version() if document else None
    if latest and keep_edited and latest.note != note:
        report.kept.append(parsed.slug)
        return None
    if latest and latest.status == Version.Status.DRAFT and latest.note != note:
        report.refuse(
            parsed.slug, DocumentRefused("draft", "A draft of it is waiting; publish or delete that.")
        )
        return None
    document = _document(document, parsed)
    same = latest and (latest.text, latest.effective_from, latest.effective_until) == (
        parsed.text,
        parsed.effective_from,
        parsed.effective_until,
    )
    if same and latest.status != Version.Status.DRAFT:
        report.unchanged.append(parsed.slug)
        return None
    return save_draft(
        document,
        parsed.text,
        author=author,
        note=note,
        effective_from=parsed.effective_from,
        effective_until=parsed.effective_until,
    )


def _document(document: Document | None, parsed: Parsed) -> Document:
    """Return the document with the file's details."""
    details = {name: getattr(parsed, name) for name in ("title", "category", "audience", "language")}
    if document is None:
        return Document.objects.create(slug=parsed.slug, **details)
    if any(getattr(document, name) != value for name, value in details.items()):
        for name, value in details.items():
            setattr(document, name, value)
        change_details(document)
    return document


def _publish(drafts: list[Version], report: Report) -> None:
    """Publish a batch together; if one is refused, publish the others one by one and list it."""
    if not drafts:
        return
    try:
        publish_versions(drafts)
        report.published += [draft.document.slug for draft in drafts]
    except DocumentRefused as refusal:
        if len(drafts) == 1:
            report.refuse(drafts[0].document.slug, refusal)
            _discard(drafts[0])
            return
        for draft in drafts:
            _publish([draft], report)


def _discard(draft: Version) -> None:
    """Leave nothing of a refused file behind."""
    document = draft.document
    draft.delete()
    if not document.versions.exists():
        document.delete()
