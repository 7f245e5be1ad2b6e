"""The search index: which passage holds which term, and how much it weighs there."""

from django.db import models

from knowledge.models.documents import Passage


class Library(models.Model):
    """The one row that every publication and withdrawal locks and raises by one."""

    revision = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        """Return the revision."""
        return f"revision {self.revision}"


class Shelf(models.Model):
    """The counts of one language: passages and distinct terms in the index."""

    language = models.CharField(max_length=8, primary_key=True)
    passages = models.PositiveIntegerField(default=0)
    terms = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Return the language with its passages."""
        return f"{self.language}: {self.passages} passages"


class Term(models.Model):
    """A stem, or two adjacent stems joined by a space, of one language, with the passages that hold it."""

    text = models.CharField(max_length=100)
    language = models.CharField(max_length=8)
    passages = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "language"], name="one_term_per_language")]

    def __str__(self) -> str:
        """Return the term."""
        return self.text


class Posting(models.Model):
    """One term in one passage. ``weight`` is thousandths of BM25's part made of frequency and length.

    Whole numbers, so that a score is the same to the last digit on every database. The table is made by the
    migration's own statement: clustered by term, which Django's table would not be.
    """

    pk = models.CompositePrimaryKey("term_id", "passage_id")
    # Postings go before their passage, through knowledge.search.index, which also lowers the terms' counts;
    # the database is not asked, as a million checks would cost more than they could find.
    term = models.ForeignKey(
        Term, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    passage = models.ForeignKey(
        Passage, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    weight = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["passage"], name="posting_by_passage")]

    def __str__(self) -> str:
        """Return both ends."""
        return f"term {self.term_id} in passage {self.passage_id}"
