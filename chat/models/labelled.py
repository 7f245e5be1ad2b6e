"""Questions that staff have labelled with what they are about: what the router is measured on."""

from django.db import models
from django.utils import timezone


class LabelledQuestion(models.Model):
    """One example: a question in a customer's words, without anybody's data, and its true intent."""

    class Intent(models.TextChoices):
        """What a question can be about; the codes are those of a turn's intent."""

        POLICY = "policy", "A rule or a price (policy)"
        FLIGHT = "flight", "How a flight goes (flight)"
        BOOKING = "booking", "Their own booking (booking)"
        SMALL_TALK = "small_talk", "Small talk (small_talk)"
        HAND_OFF = "hand_off", "They want a person (hand_off)"
        OTHER = "other", "Anything else (other)"

    text = models.CharField(
        max_length=500,
        unique=True,
        help_text="As customers write it. Without names, numbers of documents or cards.",
    )
    language = models.CharField(max_length=8, default="en", help_text="Language code, such as en or es.")
    intent = models.CharField(max_length=20, choices=Intent)
    slots = models.JSONField(
        default=dict,
        blank=True,
        help_text='What it names, as JSON: {"flight": "LW214", "cabin": "business"}. Empty: not looked at.',
    )
    note = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["intent", "text"]
        verbose_name = "labelled question"

    def __str__(self) -> str:
        """Return the question."""
        return self.text
