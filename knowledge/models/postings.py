"""The search index: which passage holds which term, and how much it weighs there.

Postings are packed, many to a row: a row is read and unpacked as one stretch of memory, which is what lets a
question be scored in milliseconds, the same on every database. ``knowledge.search.postings`` packs them.
"""

from django.db import models

from knowledge.models.documents import Passage


class Library(models.Model):
    """The one row that every publication and withdrawal locks and raises by one."""

    revision = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        """Return the revision."""
        return f"revision {self.revision}"


class Shelf(models.Model):
    """The counts of one language: passages in the index, and distinct words in the vocabulary."""

    language = models.CharField(max_length=8, primary_key=True)
    passages = models.PositiveIntegerField(default=0)
    words = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Return the language with its passages."""
        return f"{self.language}: {self.passages} passages"


class Block(models.Model):
    """A stretch of passage ids of one language: those whose id without its last bits is ``number``.

    There are two of each: new passages go to the open one, which is small and so quickly written; when it is
    full, all it has goes to the closed one, which is large and so quickly read.
    """

    language = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    is_open = models.BooleanField()
    passages = models.PositiveIntegerField(default=0, help_text="Put in since it was last empty.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "number", "is_open"], name="one_block_per_number")
        ]

    def __str__(self) -> str:
        """Return the language with the number."""
        return f"{self.language} {self.number}"


class Posting(models.Model):
    """The passages of one block that hold one term, each with the term's weight there.

    ``term`` is a digest of the term's text. The table is made by the migration's own statement: clustered by
    block and term, which Django's table would not be.
    """

    pk = models.CompositePrimaryKey("block_id", "term")
    # Nothing here is checked by the database: a million checks would cost more than they could find.
    block = models.ForeignKey(
        Block, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    term = models.BigIntegerField()
    data = models.BinaryField()

    def __str__(self) -> str:
        """Return both parts of the key."""
        return f"term {self.term} in block {self.block_id}"


class PassageTerms(models.Model):
    """All terms of one indexed passage with their weights: what has to go when the passage goes."""

    # Postings go before their passage, through knowledge.search.index.
    passage = models.OneToOneField(
        Passage, on_delete=models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    data = models.BinaryField()

    class Meta:
        verbose_name_plural = "passage terms"

    def __str__(self) -> str:
        """Return the passage."""
        return f"terms of passage {self.passage_id}"


class Word(models.Model):
    """A word of the passages as people write it: what a mistyped word of a question is compared with."""

    folded = models.CharField(max_length=40, help_text="In lower case without accents.")
    language = models.CharField(max_length=8)
    text = models.CharField(max_length=40, help_text="In lower case.")
    passages = models.IntegerField()  # a change is counted as a row with the difference, so below 0 too

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folded", "language"], name="one_word_per_language")]

    def __str__(self) -> str:
        """Return the word."""
        return self.text
