"""Pairs of passages that say nearly the same, or nearly the same with other numbers."""

from django.db import models

from knowledge.models.documents import Passage


class Resemblance(models.Model):
    """Two passages of different documents; ``first`` has the lower id."""

    class Kind(models.TextChoices):
        """What is the matter with the pair."""

        REPEATS = "repeats", "Say the same"
        CONTRADICTS = "contradicts", "May contradict each other"

    first = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    likeness = models.FloatField(help_text="Share of words in common, 0 to 1.")
    first_words = models.TextField(help_text="The sentence of the first passage.")
    second_words = models.TextField(help_text="The sentence of the second passage.")
    dismissed = models.BooleanField(default=False, help_text="Staff have looked at it and find it right.")

    class Meta:
        ordering = ["dismissed", "kind", "-likeness"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "kind"], name="one_resemblance_per_pair")
        ]

    def __str__(self) -> str:
        """Return the kind."""
        return self.get_kind_display()
