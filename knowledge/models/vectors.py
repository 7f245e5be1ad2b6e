"""Passages as an embedding model sees them."""

from django.db import models

from knowledge.models.documents import Passage


class Vector(models.Model):
    """One passage's embedding by one model: unit length, little-endian 32-bit floats."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="vectors")
    model = models.CharField(max_length=120)
    dimension = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["passage", "model"], name="one_vector_per_passage_and_model")
        ]
        indexes = [models.Index(fields=["model", "passage"], name="vector_by_model")]

    def __str__(self) -> str:
        """Return what it stands for."""
        return f"passage {self.passage_id} by {self.model}"
