"""Uploaded batches of files: keep one, read it, and take it up again where a process died.

The outcome of a file and the change of its document are one transaction, which also renews the batch's lease:
a process whose batch was given to another in the meantime finds that out there, and nothing of it is kept.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from knowledge.documents.archives import is_archive
from knowledge.documents.importing import members, size_refusal
from knowledge.documents.parse import in_megabytes
from knowledge.documents.taking import (
    FileOutcome,
    Importer,
    Kind,
    Options,
    ReadFile,
    is_full,
    refused,
)
from knowledge.errors import DocumentRefused
from knowledge.models import Import, ImportedFile
from knowledge.models.imports import LEASE
from knowledge.search.index import refresh_statistics

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3  # a file over which so many processes died is the reason
WAITING_FOR = timedelta(seconds=5)  # a batch that waits longer was lost on its way to whoever reads it
LONGEST_NAME = 400


class Upload(Protocol):
    """A file as a form or a request brings it."""

    name: str
    size: int

    def read(self) -> bytes:
        """Return the whole content."""
        ...


class LeaseLostError(Exception):
    """The batch was given to another process, or deleted."""


@transaction.atomic
def receive(batch: Import, uploads: Sequence[Upload]) -> Import:
    """Save ``batch`` with its files, of which one at a time is held in memory.

    A file that is too large is listed as refused, and its bytes are left. Raises DocumentRefused, and keeps
    nothing, for no file at all, too many, or more than UPLOAD_MAX_BYTES together.
    """
    check_upload(len(uploads), sum(upload.size for upload in uploads))
    batch.save()
    for upload in uploads:
        row = ImportedFile(batch=batch, name=upload.name[-LONGEST_NAME:], size=upload.size)
        if refusal := size_refusal(upload.name, upload.size):
            _note(row, refused(row.name, refusal))
        else:
            row.content = upload.read()
        row.save()
    return batch


def check_upload(number: int, size: int) -> None:
    """Raise DocumentRefused for an upload of ``number`` files and ``size`` bytes that cannot be received."""
    if not number:
        raise DocumentRefused("nothing", "Choose at least one file.")
    if number > settings.UNPACKED_MAX_FILES:
        words = f"These are more than {settings.UNPACKED_MAX_FILES:,} files; bring them in several uploads."
        raise DocumentRefused("files", words)
    if size > settings.UPLOAD_MAX_BYTES:
        most = in_megabytes(settings.UPLOAD_MAX_BYTES)
        raise DocumentRefused(
            "upload_size", f"The files are larger than {most} together; bring them in parts."
        )


def unattended() -> list[UUID]:
    """Return the batches that nobody reads though somebody should, the oldest first."""
    now = timezone.now()
    batches = Import.objects.waiting_for_a_worker(now).exclude(
        status=Import.Status.WAITING, created_at__gt=now - WAITING_FOR
    )
    return list(batches.order_by("created_at").values_list("pk", flat=True))


def read_batch(pk: UUID) -> bool:
    """Read a batch to its end; False when another process has it, it is done, or it was deleted.

    Raises DatabaseError when the database is away; the batch is taken up again when the lease has run out.
    """
    batch = Import.objects.claim(pk, timezone.now())
    if batch is None:
        return False
    try:
        with _renewed(batch):
            _Reading(batch).to_the_end()
    except LeaseLostError:
        logger.warning("import_lost", batch=str(pk), attempt=batch.attempt)
        return False
    return True


class _Reading:
    """One attempt at a batch. Texts are collected into groups, since one transaction for many is faster."""

    def __init__(self, batch: Import) -> None:
        self._batch = batch
        options = Options(
            author=batch.author,
            note=batch.note,
            publish=batch.publish,
            category=batch.category,
            audience=batch.audience,
            language=batch.language,
        )
        self._importer = Importer(options, dict(batch.files.exclude(slug="").values_list("slug", "name")))
        self._group: list[tuple[ImportedFile, ReadFile]] = []
        self._began = 0.0

    def to_the_end(self) -> None:
        """Give every file its outcome."""
        for row in self._waiting():
            if row.attempts:
                self._take_group()  # it may be the one over which a process died: nobody else is to suffer
            self._read(row)
            if row.attempts > 1 or is_full([file for _, file in self._group], self._began):
                self._take_group()
        self._take_group()
        if self._batch.files.filter(outcome=Kind.PUBLISHED).exists():
            refresh_statistics()
        self._hold(status=Import.Status.DONE, finished_at=timezone.now(), lease_until=None)

    def _waiting(self) -> Iterator[ImportedFile]:
        """Yield the files that wait, one in memory at a time; also those that are added on the way."""
        last = 0
        while row := self._batch.files.filter(outcome=Kind.WAITING, pk__gt=last).order_by("pk").first():
            last = row.pk
            yield row

    def _read(self, row: ImportedFile) -> None:
        self._began = self._began if self._group else time.monotonic()
        try:
            if row.attempts >= MOST_ATTEMPTS:
                words = f"Reading it has ended the program {row.attempts} times, so it is left out."
                raise DocumentRefused("crashed", words)
            self._begin(row)
            if is_archive(row.name):
                self._unpack(row)
                return
            file = self._importer.read(row.name, bytes(row.content or b""))
        except DocumentRefused as refusal:
            with transaction.atomic():
                self._hold()
                self._settle(row, refused(row.name, refusal))
            return
        row.content = None
        self._group.append((row, file))

    def _begin(self, row: ImportedFile) -> None:
        """Note, before a file is read, that it is: if this process dies over it, that will be known."""
        row.attempts += 1
        with transaction.atomic():
            self._hold()
            ImportedFile.objects.filter(pk=row.pk).update(attempts=row.attempts)

    def _take_group(self) -> None:
        group, self._group = self._group, []
        if not group:
            return
        with transaction.atomic():
            self._hold()
            outcomes = self._importer.take([file for _, file in group])
            for (row, _), outcome in zip(group, outcomes, strict=True):
                self._settle(row, outcome)

    def _unpack(self, row: ImportedFile) -> None:
        """List the members of an archive as files that wait. Raises DocumentRefused, and lists none."""
        row.members.all().delete()  # of an attempt that died in mid-way
        try:
            if row.archive_id is not None:
                raise DocumentRefused("kind", "Archives inside archives are not unpacked.")
            for member in members(row.name, bytes(row.content or b"")):
                name = member.name[-LONGEST_NAME:]
                found = ImportedFile(batch=self._batch, archive=row, name=name, size=len(member.content))
                if member.refusal:
                    _note(found, refused(name, member.refusal))
                else:
                    found.content = member.content
                with transaction.atomic():
                    self._hold()
                    found.save()
        except DocumentRefused:
            row.members.all().delete()
            raise
        with transaction.atomic():
            self._hold()
            self._settle(row, FileOutcome(row.name, Kind.UNPACKED))

    def _settle(self, row: ImportedFile, outcome: FileOutcome) -> None:
        _note(row, outcome)
        row.content = None
        row.save(update_fields=["outcome", "slug", "code", "reason", "document", "passages", "content"])

    def _hold(self, **changes: object) -> None:
        """Renew the lease in the transaction. Raises LeaseLostError when the batch is not ours any more."""
        changes = {"lease_until": timezone.now() + LEASE, **changes}
        if not Import.objects.held(self._batch).update(**changes):
            raise LeaseLostError(str(self._batch.pk))


def _note(row: ImportedFile, outcome: FileOutcome) -> None:
    row.outcome, row.code, row.reason = outcome.kind, outcome.code, outcome.reason
    row.slug, row.document, row.passages = outcome.slug, outcome.document, outcome.passages


@contextmanager
def _renewed(batch: Import) -> Iterator[None]:
    """Renew the lease in a thread while a single large file keeps the process busy."""
    ended = threading.Event()
    thread = threading.Thread(target=_keep_renewing, args=(batch, ended), name="import-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _keep_renewing(batch: Import, ended: threading.Event) -> None:
    try:
        while not ended.wait(LEASE.total_seconds() / 3):
            try:
                Import.objects.held(batch).update(lease_until=timezone.now() + LEASE)
            except DatabaseError as error:
                logger.warning("lease_not_renewed", batch=str(batch.pk), reason=str(error))
    finally:
        connections.close_all()
