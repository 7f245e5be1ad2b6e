"""What customers think of answers."""

from typing import ClassVar

from django.db import models

from chat.models.turns import Turn


class Rating(models.Model):
    """A customer's thumb up or down for one answer; goes with the turn."""

    class Value(models.TextChoices):
        """What the customer thinks of it."""

        UP = "up", "Helpful"
        DOWN = "down", "Not helpful"

    class Reason(models.TextChoices):
        """Why; the words on the page are the page's own."""

        CORRECT = "correct", "Correct"
        CLEAR = "clear", "Easy to understand"
        COMPLETE = "complete", "Complete"
        GOOD_SOURCES = "good_sources", "Good sources"
        INCORRECT = "incorrect", "Not correct"
        INCOMPLETE = "incomplete", "Something is missing"
        OFF_TOPIC = "off_topic", "Not what was asked"
        UNCLEAR = "unclear", "Hard to understand"
        BAD_SOURCES = "bad_sources", "Wrong or missing sources"
        UNFRIENDLY = "unfriendly", "Unfriendly"

    # In the order in which they are shown and kept.
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        Value.UP: (Reason.CORRECT, Reason.CLEAR, Reason.COMPLETE, Reason.GOOD_SOURCES),
        Value.DOWN: (
            Reason.INCORRECT,
            Reason.INCOMPLETE,
            Reason.OFF_TOPIC,
            Reason.UNCLEAR,
            Reason.BAD_SOURCES,
            Reason.UNFRIENDLY,
        ),
    }

    turn = models.OneToOneField(Turn, models.CASCADE, primary_key=True, related_name="rating")
    value = models.CharField(max_length=4, choices=Value.choices)
    reasons = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True, help_text="Without personal values: they are taken out.")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["-changed_at", "value"], name="rating_newest")]

    def __str__(self) -> str:
        """Return the word for it."""
        return self.get_value_display()

    @property
    def reasons_words(self) -> str:
        """The reasons in words."""
        return ", ".join(str(self.Reason(reason).label) for reason in self.reasons)
