"""Passages as an embedding model sees them."""

from django.db import models

from knowledge.models.documents import Passage


class VectorSet(models.Model):
    """What is known of one embedding model's vectors as a whole; vectors of two dimensions never mix in it.

    ``revision`` is raised with every batch. ``probes`` are the embeddings of everyday sentences that no
    company's documents answer, and ``nearest`` the best cosine of each to any passage: how near a question
    comes that has nothing to do with the library (see ``knowledge.search.vectors.nearness``).
    """

    model = models.CharField(max_length=120, unique=True)
    dimension = models.PositiveIntegerField()
    revision = models.PositiveBigIntegerField(default=0)
    probes = models.BinaryField(default=b"")
    nearest = models.JSONField(default=list)

    def __str__(self) -> str:
        """Return model and dimension."""
        return f"{self.model} ({self.dimension})"


class Vector(models.Model):
    """One passage's embedding by one model: unit length, little-endian 32-bit floats.

    A row never changes: a passage embedded anew gets a new row, so that an id stands for its content.
    On PostgreSQL with pgvector the table has one more column, ``embedding``, known only to
    ``knowledge.search.vectors.pgvector``.
    """

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
