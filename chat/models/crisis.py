"""Crisis: the help lines and texts that staff edit, and the conversations that somebody must look at."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils import timezone

from chat.models.conversations import Conversation
from chat.models.turns import Turn

_COUNTRY = RegexValidator(
    r"\A(?:[A-Z]{2})?\Z", "Two capital letters (ISO 3166), such as ES; empty for all countries."
)
_LANGUAGE = RegexValidator(r"\A[a-z]{2,3}\Z", "Two or three small letters, such as es.")
_NUMBER = RegexValidator(r"\A[\d+*#][\d+*# ().-]*\Z", "A number as people dial it.")


class Reviewed(models.Model):
    """Something that people in danger are shown: who has checked it, and when."""

    reviewed_on = models.DateField(
        null=True, blank=True, help_text="Empty: not reviewed since it was changed."
    )
    reviewer = models.CharField(
        max_length=120,
        blank=True,
        help_text="Texts: a clinician and the company. Lines: whoever called them.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Want both or none.

        Raises:
            ValidationError: there is a day without a name, or a name without a day.
        """
        super().clean()
        if bool(self.reviewed_on) != bool(self.reviewer.strip()):
            raise ValidationError("A review has a day and a name.")


class HelpLine(Reviewed):
    """One help line, shown to people in danger."""

    country = models.CharField(
        max_length=2, blank=True, validators=[_COUNTRY], help_text="Empty: serves every country."
    )
    language = models.CharField(max_length=3, validators=[_LANGUAGE])
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True, validators=[_NUMBER])
    text = models.CharField("text messages", max_length=40, blank=True, validators=[_NUMBER])
    url = models.URLField(
        "page", blank=True, validators=[URLValidator(schemes=["https"])], help_text="https only."
    )
    hours = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=100, help_text="The lowest comes first.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        """Return country and name."""
        return f"{self.country or 'All countries'}: {self.name}"

    def clean(self) -> None:
        """Want a way to reach them.

        Raises:
            ValidationError: there is no number and no page.
        """
        super().clean()
        if not (self.phone or self.text or self.url):
            raise ValidationError("A help line needs a number or a page.")


class CareText(Reviewed):
    """The fixed texts in one language; no model writes or changes them."""

    language = models.CharField(max_length=3, unique=True, validators=[_LANGUAGE])
    heading = models.CharField(max_length=120, help_text="Above the help lines.")
    protocol = models.TextField(
        help_text="The whole answer. {emergency} is the emergency number, {lines} the first help lines."
    )
    support = models.TextField(help_text="Beside an ordinary answer when danger is possible, not plain.")

    class Meta:
        ordering = ["language"]
        verbose_name = "crisis text"

    def __str__(self) -> str:
        """Return the language."""
        return self.language


class FlagQuerySet(models.QuerySet["ConversationFlag"]):
    """What is still to be looked at."""

    def waiting(self) -> "FlagQuerySet":
        """Return the flags that nobody has handled."""
        return self.filter(handled_at=None)


class ConversationFlag(models.Model):
    """A turn after which a person should look at the conversation. It holds none of its words."""

    class Kind(models.TextChoices):
        """What the customer was shown."""

        PROTOCOL = "protocol", "In danger: shown the crisis text"
        SUPPORT = "support", "Perhaps in danger: shown the help lines"
        # Last in the alphabet, as lists put the plainest danger first by it.
        PERSON = "wish", "Waiting for a person: asked for one"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="flags")
    turn = models.OneToOneField(Turn, models.CASCADE, related_name="flag")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cause = models.CharField(max_length=20, help_text="What it follows from: cues, or the model's judgement.")
    at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="handled_flags"
    )

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        verbose_name = "flagged conversation"
        indexes = [
            models.Index(fields=["kind", "-at"], condition=models.Q(handled_at=None), name="flag_waiting")
        ]

    def __str__(self) -> str:
        """Return the kind and the moment."""
        return f"{self.get_kind_display()} ({self.at:%Y-%m-%d %H:%M})"

    def handle(self, person: Any) -> bool:
        """Note that somebody of the staff has seen to it; tell whether it was still waiting."""
        waiting = type(self).objects.waiting().filter(pk=self.pk)
        return waiting.update(handled_at=timezone.now(), handled_by=person) == 1
