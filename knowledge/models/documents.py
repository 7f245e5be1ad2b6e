"""Policies, their dated texts, and the pieces of those texts that can be cited."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone


class Audience(models.TextChoices):
    """Who may read a document."""

    PUBLIC = "public", "Everyone"
    STAFF = "staff", "Staff only"


def readable_audiences(audience: str) -> tuple[str, ...]:
    """Return the audiences whose documents a reader may see; an unknown reader sees what is public."""
    return (Audience.PUBLIC, Audience.STAFF) if audience == Audience.STAFF else (Audience.PUBLIC,)


class DocumentState(models.TextChoices):
    """How a document stands on a day."""

    PUBLISHED = "published", "Published"
    SCHEDULED = "scheduled", "Scheduled"  # only later texts
    EXPIRED = "expired", "Expired"  # only earlier ones
    WITHDRAWN = "withdrawn", "Withdrawn"
    DRAFT = "draft", "Draft"
    EMPTY = "empty", "Empty"  # no text at all


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, and who may see them."""

    def readable_by(self, audience: str) -> "DocumentQuerySet":
        """Return the documents that a reader of ``audience`` (``public`` or ``staff``) may see."""
        return self.filter(audience__in=readable_audiences(audience))

    def published(self, on: date | None = None) -> "DocumentQuerySet":
        """Return the documents that have a version in force on the day ``on`` (today when None)."""
        return self.filter(Exists(Version.objects.in_force(on).filter(document=OuterRef("pk"))))

    def with_state(self, on: date | None = None) -> "DocumentQuerySet":
        """Add ``stands``: the word that ``Document.state`` gives for the day ``on`` (today when None)."""
        on = on or timezone.localdate()
        own = {"document": OuterRef("pk")}
        published = Version.objects.published().filter(**own)
        states = (
            (DocumentState.PUBLISHED, Version.objects.covering(on).filter(**own)),
            (DocumentState.SCHEDULED, published.filter(effective_from__gt=on)),
            (DocumentState.EXPIRED, published),
            (DocumentState.WITHDRAWN, Version.objects.filter(**own, status=Version.Status.WITHDRAWN)),
            (DocumentState.DRAFT, Version.objects.filter(**own)),
        )
        cases = [When(Exists(versions), then=Value(state.value)) for state, versions in states]
        empty = Value(DocumentState.EMPTY.value)
        return self.annotate(stands=Case(*cases, default=empty, output_field=CharField()))

    def with_passage_count(self) -> "DocumentQuerySet":
        """Add ``passages_in_search``: the passages of the document that search can find on some day."""
        held = Passage.objects.filter(version__document=OuterRef("pk"), version__indexed=True).order_by()
        counted = held.values("version__document").annotate(held=Count("pk")).values("held")
        return self.annotate(passages_in_search=Coalesce(Subquery(counted), 0))

    def with_last_published(self) -> "DocumentQuerySet":
        """Add ``last_published``: when the newest published text came out; None for none."""
        out = Version.objects.filter(document=OuterRef("pk"), published_at__isnull=False)
        newest = out.exclude(status=Version.Status.DRAFT).order_by("-published_at").values("published_at")
        return self.annotate(last_published=Subquery(newest[:1]))

    def with_draft(self) -> "DocumentQuerySet":
        """Add ``has_draft``: whether a text waits to be published."""
        drafts = Version.objects.filter(document=OuterRef("pk"), status=Version.Status.DRAFT)
        return self.annotate(has_draft=Exists(drafts))


class Document(models.Model):
    """One policy. Its texts are versions; at most one of them is in force on any day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(
        max_length=120, unique=True, help_text="Names the document in addresses and imports."
    )
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=40, blank=True, db_index=True)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.PUBLIC)
    language = models.CharField(
        max_length=8, default="en", help_text="Language code of the text, such as en or es."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title", "slug"]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the text in force."""
        return reverse("document", args=[self.slug])

    def version_in_force(self, on: date | None = None) -> "Version | None":
        """Return the version that holds on the day ``on`` (today when None)."""
        return Version.objects.in_force(on).filter(document=self).first()

    def latest_version(self) -> "Version | None":
        """Return the version with the highest number, whatever its status."""
        return self.versions.order_by("-number").first()

    def state(self, on: date | None = None) -> str:
        """Say in one word how the document stands on the day ``on``.

        ``published``, ``scheduled`` (only later texts), ``expired`` (only earlier ones), ``withdrawn``,
        ``draft`` or ``empty`` (no text at all).
        """
        on = on or timezone.localdate()
        versions = list(self.versions.all())
        published = [version for version in versions if version.status == Version.Status.PUBLISHED]
        if any(version.covers(on) for version in published):
            return "published"
        if any(version.effective_from and version.effective_from > on for version in published):
            return "scheduled"
        if published:
            return "expired"
        if any(version.status == Version.Status.WITHDRAWN for version in versions):
            return "withdrawn"
        return "draft" if versions else "empty"


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions by the day they hold."""

    def published(self) -> "VersionQuerySet":
        """Return the versions that are published, whatever their dates."""
        return self.filter(status=Version.Status.PUBLISHED)

    def covering(self, on: date) -> "VersionQuerySet":
        """Return the published versions whose dates include the day ``on``; a document may have several."""
        return self.published().filter(
            Q(effective_from__isnull=True) | Q(effective_from__lte=on),
            Q(effective_until__isnull=True) | Q(effective_until__gte=on),
        )

    def in_force(self, on: date | None = None) -> "VersionQuerySet":
        """Return the one version of each document that holds on the day ``on`` (today when None).

        Of several published versions whose dates cover the day, the newest holds; so a text for one month
        gives way to the former one when the month ends.
        """
        on = on or timezone.localdate()
        newer = Version.objects.covering(on).filter(
            document=OuterRef("document"), number__gt=OuterRef("number")
        )
        return self.covering(on).exclude(Exists(newer))


class Version(models.Model):
    """One text of a document. A published text never changes; a change is a new version."""

    class Status(models.TextChoices):
        """Where a version stands."""

        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="Markdown.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    effective_from = models.DateField(
        null=True, blank=True, help_text="First day; empty: from the beginning."
    )
    effective_until = models.DateField(null=True, blank=True, help_text="Last day; empty: until replaced.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True, help_text="What changed and why.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    file_name = models.CharField(max_length=255, blank=True, help_text="The file this text was read from.")
    page_starts = models.JSONField(
        default=list, blank=True, editable=False, help_text="Offset at which each page of the file begins."
    )
    # Kept by knowledge.search.index alone: whether the passages' terms are in the postings.
    indexed = models.BooleanField(default=False, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["document", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_number_per_document"),
            models.CheckConstraint(
                condition=Q(effective_from__isnull=True)
                | Q(effective_until__isnull=True)
                | Q(effective_until__gte=models.F("effective_from")),
                name="version_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["status", "document", "number"], name="version_by_status")]

    def __str__(self) -> str:
        """Return the title with the number."""
        return f"{self.document} v{self.number}"

    def covers(self, on: date) -> bool:
        """Say whether the version's dates include the day ``on``."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_until is None or on <= self.effective_until
        )

    def shadows(self, other: "Version") -> bool:
        """Say whether this version, newer and published, leaves no day on which ``other`` could hold."""
        begins = self.effective_from is None or (
            other.effective_from is not None and self.effective_from <= other.effective_from
        )
        ends = self.effective_until is None or (
            other.effective_until is not None and self.effective_until >= other.effective_until
        )
        return self.number > other.number and begins and ends


class Passage(models.Model):
    """A piece of about 900 characters of one version's text: what search finds and answers cite.

    ``start`` and ``end`` are character offsets in the version's text. ``text`` is that slice, except that a
    later piece of a long table or list repeats the table's head, or the line that introduces the list.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True, help_text="Title path, parts joined by › .")
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="one_passage_per_position")
        ]

    def __str__(self) -> str:
        """Return the title path."""
        return self.heading

    def get_absolute_url(self) -> str:
        """Return the address that opens the cited version at this passage."""
        return reverse("passage", args=[self.pk])


class RemovedText(models.Model):
    """What is left of a deleted version that had been published: that its passages were there once.

    Answers keep the words they cited. Their links lead to a page that says what became of the text; it says
    so only to those who could have read it.
    """

    first_passage = models.BigIntegerField()
    last_passage = models.BigIntegerField(db_index=True)
    title = models.CharField(max_length=200)
    audience = models.CharField(max_length=8, choices=Audience)
    removed_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Return the title the document had."""
        return self.title
