"""Take files into the library, group by group; a file that cannot be taken stops no other.

Details (category, audience, language, title) are taken for new documents. Those of a document that is there
already are changed only by a file that names them, so that an import does not undo what staff have edited.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count

from knowledge.documents.parse import Parsed, parse
from knowledge.documents.publish import change_details, publish_versions, save_draft
from knowledge.documents.split import split
from knowledge.errors import DocumentRefused
from knowledge.models import Document, ImportedFile, Passage, Version
from knowledge.search import index

logger = structlog.get_logger(__name__)

# Text taken in one transaction: enough that its lists are long and go to their final place at once. The
# library is locked for about two seconds meanwhile; readers never wait.
GROUP_CHARACTERS = 1_000_000
GROUP_SECONDS = 1.0  # or what was read in this time, so that progress shows
IMPORT_NOTE = "Imported"
DETAILS = ("category", "audience", "language")
_LONGEST_FILE_NAME = 255
_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)

Kind = ImportedFile.Outcome


@dataclass(frozen=True, slots=True)
class Options:
    """How files are taken.

    Args:
        author: who is named as author of the versions.
        note: kept with every version.
        publish: publish at once; otherwise the texts are kept as drafts.
        category: of new documents whose file names none; ``audience`` and ``language`` likewise.
        keep_edited: leave a document alone when its newest version was not made by an import with the same
            ``note``, or was withdrawn; and never change the details of a document that is there.
    """

    author: AbstractBaseUser | None = None
    note: str = IMPORT_NOTE
    publish: bool = True
    category: str = ""
    audience: str = ""
    language: str = ""
    keep_edited: bool = False


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file; ``reason`` says why it was refused, or what else to know."""

    name: str
    kind: Kind
    slug: str = ""
    document: Document | None = None
    passages: int = 0
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that could be read."""

    name: str
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done with a file: its ``outcome`` when the text is not to be taken, and new details."""

    file: ReadFile
    document: Document | None = None
    outcome: FileOutcome | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes_nothing(self) -> bool:
        return self.outcome is not None and not self.details


class Importer:
    """Reads and takes the files of one import.

    Args:
        options: how they are taken.
        names: file by slug, of files that an earlier run of the same import has read.
    """

    def __init__(self, options: Options, names: Mapping[str, str] | None = None) -> None:
        self.options = options
        self._names = dict(names or {})

    def read(self, name: str, content: bytes) -> ReadFile:
        """Return what is in a file. Raises DocumentRefused, also for a second file with the same slug."""
        parsed = _parse(name, content)
        if other := self._names.get(parsed.slug):
            words = f"“{other}” of the same import has the same name “{parsed.slug}”; rename one of the two."
            raise DocumentRefused("duplicate", words)
        self._names[parsed.slug] = name
        return ReadFile(name, parsed)

    @transaction.atomic
    def take(self, files: Sequence[ReadFile]) -> list[FileOutcome]:
        """Save and publish the texts in one transaction and return an outcome for each file, in order."""
        plans = self._plans(files)
        if not all(plan.changes_nothing for plan in plans):
            # Every change of the library locks it first; to lock a document before that would be a deadlock.
            index.lock_library()
            plans = self._plans(files)
        return self._write(plans)

    def _write(self, plans: Sequence[_Plan]) -> list[FileOutcome]:
        """Carry out the plans together; where that fails, halve them until only what must be refused is."""
        try:
            with transaction.atomic():
                return self._carry_out(plans)
        except (OperationalError, InterfaceError):
            raise  # the database is away: no fault of a file
        except DocumentRefused as refusal:
            if len(plans) == 1:
                return [refused(plans[0].file.name, refusal, plans[0].file.parsed.slug)]
        except Exception:  # whatever a text breaks must not stop the other files
            if len(plans) == 1:
                logger.exception("file_not_taken", file=plans[0].file.name)
                return [refused(plans[0].file.name, program_error(), plans[0].file.parsed.slug)]
        half = len(plans) // 2
        return self._write(plans[:half]) + self._write(plans[half:])

    def _carry_out(self, plans: Sequence[_Plan]) -> list[FileOutcome]:
        documents = [self._document(plan) for plan in plans]
        drafts = {
            plan.file.parsed.slug: self._draft(document, plan.file)
            for plan, document in zip(plans, documents, strict=True)
            if plan.outcome is None
        }
        if self.options.publish and drafts:
            publish_versions(list(drafts.values()))
        passages = _passages(drafts.values())
        outcomes = []
        for plan, document in zip(plans, documents, strict=True):
            outcome = plan.outcome or self._taken(plan, drafts[plan.file.parsed.slug], passages)
            outcomes.append(replace(outcome, slug=plan.file.parsed.slug, document=document))
        return outcomes

    def _plans(self, files: Sequence[ReadFile]) -> list[_Plan]:
        documents = Document.objects.in_bulk([file.parsed.slug for file in files], field_name="slug")
        return [self._plan(file, documents.get(file.parsed.slug)) for file in files]

    def _plan(self, file: ReadFile, document: Document | None) -> _Plan:
        if document is None:
            return _Plan(file)
        latest = document.latest_version()
        if outcome := self._left_alone(file, latest):
            return _Plan(file, document, outcome)
        details = self._new_details(document, latest, file.parsed)
        if latest and _is_same(latest, file.parsed) and not self._publishes(latest):
            return _Plan(file, document, self._unchanged(file, latest), details)
        return _Plan(file, document, None, details)

    def _left_alone(self, file: ReadFile, latest: Version | None) -> FileOutcome | None:
        """Return the outcome when staff have the document in hand."""
        if latest is None:
            return None
        other_hand = latest.note != self.options.note
        if self.options.keep_edited and (other_hand or latest.status == Version.Status.WITHDRAWN):
            return FileOutcome(
                file.name, Kind.UNCHANGED, code="kept", reason="Edited by the staff; left alone."
            )
        if latest.status == Version.Status.DRAFT and (other_hand or not latest.file_name):
            words = "A draft of it is waiting; publish or delete that."
            return refused(file.name, DocumentRefused("draft", words))
        return None

    def _publishes(self, latest: Version) -> bool:
        """Say whether the newest version is a draft that is to be published now."""
        return self.options.publish and latest.status == Version.Status.DRAFT

    def _unchanged(self, file: ReadFile, latest: Version) -> FileOutcome:
        return FileOutcome(file.name, Kind.UNCHANGED, passages=latest.passages.count())

    def _new_details(self, document: Document, latest: Version | None, parsed: Parsed) -> dict[str, str]:
        """Return the details that the file gives a document which is there already."""
        if self.options.keep_edited or self._must_not_show(document):
            return {}
        named = {name: getattr(parsed, name) for name in DETAILS if name in parsed.named}
        named["title"] = _title(document, latest, parsed)
        return {name: value for name, value in named.items() if getattr(document, name) != value}

    def _must_not_show(self, document: Document) -> bool:
        """Say whether new details would show to readers, who are not to notice a draft."""
        return not self.options.publish and document.versions.exclude(status=Version.Status.DRAFT).exists()

    def _document(self, plan: _Plan) -> Document | None:
        """Return the document with its details, made where it is missing."""
        parsed = plan.file.parsed
        if plan.document is None:
            details = {name: self._first_detail(parsed, name) for name in DETAILS}
            return Document.objects.create(slug=parsed.slug, title=parsed.title, **details)
        if not plan.details:
            return plan.document
        document = Document.objects.get(pk=plan.document.pk)
        for name, value in plan.details.items():
            setattr(document, name, value)
        change_details(document)
        return document

    def _first_detail(self, parsed: Parsed, name: str) -> str:
        return (
            getattr(parsed, name)
            if name in parsed.named
            else getattr(self.options, name) or getattr(parsed, name)
        )

    def _draft(self, document: Document, file: ReadFile) -> Version:
        parsed = file.parsed
        if not self.options.publish and not split(parsed.text, document.title):
            raise DocumentRefused("empty", "It has headings but no text.")
        return save_draft(
            document,
            parsed.text,
            author=self.options.author,
            note=self.options.note,
            effective_from=parsed.effective_from,
            effective_until=parsed.effective_until,
            file_name=file.name[-_LONGEST_FILE_NAME:],
            page_starts=parsed.page_starts,
        )

    def _taken(self, plan: _Plan, version: Version, passages: Mapping[int, int]) -> FileOutcome:
        if self.options.publish:
            return FileOutcome(plan.file.name, Kind.PUBLISHED, passages=passages[version.pk])
        pieces = split(version.text, version.document.title)
        reason = ""
        if plan.document and plan.file.parsed.named and self._must_not_show(plan.document):
            reason = "The document's details stay as they are; readers are not to notice a draft."
        return FileOutcome(plan.file.name, Kind.DRAFT, passages=len(pieces), reason=reason)


def refused(name: str, refusal: DocumentRefused, slug: str = "") -> FileOutcome:
    """Return the outcome of a file that cannot be taken."""
    return FileOutcome(name, Kind.REFUSED, slug=slug, code=refusal.code, reason=refusal.words)


def program_error() -> DocumentRefused:
    """Return the refusal of a file over which the program itself failed."""
    return DocumentRefused(
        "failed", "It could not be taken because of an error in the program; the log has details."
    )


def in_groups(files: Iterable[ReadFile]) -> Iterator[list[ReadFile]]:
    """Yield the files in groups as large as is taken in one transaction."""
    group: list[ReadFile] = []
    began = time.monotonic()
    for file in files:
        group.append(file)
        if is_full(group, began):
            yield group
            group, began = [], time.monotonic()
    if group:
        yield group


def is_full(group: Sequence[ReadFile], began: float) -> bool:
    """Say whether a group that was begun at ``began`` (``time.monotonic``) should be taken now."""
    characters = sum(len(file.parsed.text) for file in group)
    return characters >= GROUP_CHARACTERS or time.monotonic() - began >= GROUP_SECONDS


def _parse(name: str, content: bytes) -> Parsed:
    try:
        return parse(name, content)
    except DocumentRefused:
        raise
    except Exception as error:  # a fault in a reader is one file's misfortune, not that of the others
        logger.exception("file_not_read", file=name)
        raise program_error() from error


def _is_same(latest: Version, parsed: Parsed) -> bool:
    now = (parsed.text, parsed.effective_from, parsed.effective_until)
    return (latest.text, latest.effective_from, latest.effective_until) == now


def _title(document: Document, latest: Version | None, parsed: Parsed) -> str:
    """Return the title: as the file names it, or as its heading changed, unless staff chose another."""
    if "title" in parsed.named:
        return parsed.title
    follows = latest is not None and document.title == _heading(latest.text)
    return parsed.title if follows and parsed.title == _heading(parsed.text) else document.title


def _heading(text: str) -> str:
    found = _HEADING.search(text)
    return found.group(1)[:200] if found else ""


def _passages(versions: Iterable[Version]) -> dict[int, int]:
    counted = Passage.objects.filter(version__in=[version.pk for version in versions]).order_by()
    return dict(counted.values_list("version").annotate(Count("pk")))
