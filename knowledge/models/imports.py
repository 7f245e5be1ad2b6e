"""Batches of uploaded files, and what became of each file.

A batch is read by one process at a time: it claims the batch with the next ``attempt`` and a lease that it
renews. Whatever it writes is tied to that attempt, so a process that was thought dead can change nothing.
"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from knowledge.models.documents import Audience, Document

LEASE = timedelta(seconds=30)  # how long a process that stopped renewing is waited for


class ImportQuerySet(models.QuerySet["Import"]):
    """The conditional changes of a batch's state."""

    def waiting_for_a_worker(self, now: datetime) -> "ImportQuerySet":
        """Return the batches that nobody works on: waiting, or running with a lease that ran out."""
        return self.filter(
            Q(status=Import.Status.WAITING) | Q(status=Import.Status.RUNNING, lease_until__lt=now)
        )

    def claim(self, pk: uuid.UUID, now: datetime) -> "Import | None":
        """Take a batch that nobody works on; None when somebody does, or when it is done or gone."""
        claimed = self.waiting_for_a_worker(now).filter(pk=pk)
        taken = claimed.update(
            status=Import.Status.RUNNING, lease_until=now + LEASE, attempt=F("attempt") + 1
        )
        return self.select_related("author").get(pk=pk) if taken else None

    def held(self, batch: "Import") -> "ImportQuerySet":
        """Return the batch as long as the attempt that ``batch`` was claimed with is the one that counts."""
        return self.filter(pk=batch.pk, attempt=batch.attempt, status=Import.Status.RUNNING)

    def with_counts(self) -> "ImportQuerySet":
        """Add the numbers of files: ``file_count`` (archives not among them), and one for each outcome:

        ``published_count``, ``draft_count``, ``unchanged_count``, ``refused_count``, ``waiting_count``.
        """
        kinds = ImportedFile.Outcome
        counted = (kinds.PUBLISHED, kinds.DRAFT, kinds.UNCHANGED, kinds.REFUSED, kinds.WAITING)
        counts = {f"{kind}_count": Count("files", filter=Q(files__outcome=kind)) for kind in counted}
        return self.annotate(file_count=Count("files", filter=~Q(files__outcome=kinds.UNPACKED)), **counts)


class Import(models.Model):
    """One upload of files. ``lease_until`` is how long the process that reads it has said it will need."""

    class Status(models.TextChoices):
        """Where the batch stands."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True, help_text="Kept with every version made.")
    publish = models.BooleanField(default=True, help_text="Publish at once; otherwise keep as drafts.")
    category = models.CharField(
        max_length=40, blank=True, help_text="For new documents whose file names none."
    )
    audience = models.CharField(
        max_length=8, blank=True, choices=Audience, help_text="For new documents whose file names none."
    )
    language = models.CharField(
        max_length=8, blank=True, help_text="For new documents whose file names none."
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempt = models.PositiveIntegerField(default=0, help_text="How often a process has taken it up.")
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["status", "lease_until"], name="import_by_status")]

    def __str__(self) -> str:
        """Return the day and time it was uploaded."""
        return f"Import of {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"

    @property
    def is_done(self) -> bool:
        """Tell whether every file has its outcome."""
        return self.status == self.Status.DONE


class ImportedFile(models.Model):
    """One file of a batch. Its bytes wait in the database, since a worker may run on another machine."""

    class Outcome(models.TextChoices):
        """What became of the file."""

        WAITING = "waiting", "Waiting"
        PUBLISHED = "published", "Published"
        DRAFT = "draft", "Kept as draft"
        UNCHANGED = "unchanged", "Unchanged"
        REFUSED = "refused", "Refused"
        UNPACKED = "unpacked", "Unpacked"

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=400, help_text="Path inside the upload or archive.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    content = models.BinaryField(null=True, blank=True, help_text="Dropped once the file is read.")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True, help_text="Why it was refused, for programs.")
    reason = models.TextField(blank=True, help_text="Why it was refused, or what else to know, in words.")
    slug = models.CharField(max_length=120, blank=True, help_text="The document that the file is a text of.")
    archive = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="members"
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often reading it was begun.")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    passages = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["batch", "pk"]
        indexes = [models.Index(fields=["batch", "outcome"], name="file_by_outcome")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
