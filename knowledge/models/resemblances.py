"""Pairs of passages that say nearly the same, or nearly the same with other numbers."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from knowledge.models.documents import Passage, Version


class Resemblance(models.Model):
    """Two passages of different documents; ``first`` has the lower id.

    A pair of passages repeats each other once, in all the sentences they share; it contradicts itself once
    for each pair of sentences that may.
    """

    class Kind(models.TextChoices):
        """What is the matter with the pair."""

        CONTRADICTS = "contradicts", "May contradict each other"
        REPEATS = "repeats", "Say the same"

    first = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    likeness = models.FloatField(help_text="Share of words in common, 0 to 1.")
    first_words = models.TextField(help_text="The sentence of the first passage.")
    second_words = models.TextField(help_text="The sentence of the second passage.")
    digest = models.CharField(max_length=64, help_text="Of the documents and the words.")
    dismissed = models.BooleanField(default=False, help_text="Staff have looked at it and find it right.")

    class Meta:
        ordering = ["dismissed", "kind", "-likeness", "pk"]
        default_permissions = ()  # who may read documents may see it, who may change them may dismiss it
        verbose_name = "repeat or contradiction"
        verbose_name_plural = "repeats and contradictions"
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "digest"], name="one_resemblance_per_pair")
        ]
        indexes = [models.Index(fields=["digest"], name="resemblance_by_digest")]

    def __str__(self) -> str:
        """Return the kind."""
        return self.get_kind_display()


class Dismissal(models.Model):
    """The memory that staff find a pair right; outlives the passages, for the day the sentences come back."""

    digest = models.CharField(max_length=64, primary_key=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        """Return the digest."""
        return self.digest


class Compared(models.Model):
    """The mark that a version in force has been compared with all others in force."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        """Return which version."""
        return f"version {self.version_id}"


class Sketch(models.Model):
    """A fingerprint of a sentence of a passage in force; like sentences have some in common."""

    pk = models.CompositePrimaryKey("fingerprint", "passage_id")
    fingerprint = models.BigIntegerField()
    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        """Return both parts."""
        return f"{self.fingerprint} in passage {self.passage_id}"
