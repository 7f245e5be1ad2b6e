"""What people have used, a row a person and day, and what is set aside for answers under way."""

from decimal import Decimal

from django.conf import settings
from django.db import models

from accounts.models.money import from_nano


class Spending(models.Model):
    """The sums of one person's day: what limits are checked against, in one row so that a check and the
    change it allows are one statement.

    A day is a day of the desk's TIME_ZONE. The figures outlive the person, without their name.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    day = models.DateField()
    answers = models.PositiveIntegerField(default=0, help_text="Answers that a model was paid for.")
    tokens = models.BigIntegerField(default=0)
    money_nano = models.BigIntegerField(default=0)
    tokens_reserved = models.BigIntegerField(default=0)
    money_nano_reserved = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        verbose_name_plural = "spending"
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="spending_once_a_day")]
        indexes = [models.Index(fields=["day"], name="spending_by_day")]

    def __str__(self) -> str:
        """Return whose day it is."""
        return f"{self.user} {self.day}"

    @property
    def money(self) -> Decimal:
        """Return what the day's answers have cost."""
        return from_nano(self.money_nano)


class Usage(models.Model):
    """Answers of one person's day by where they came from; every finished turn is counted once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    day = models.DateField()
    source = models.CharField(max_length=10, help_text="Where the words came from; failed: there are none.")
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    answers = models.PositiveIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    money_nano = models.BigIntegerField(default=0)
    unpriced = models.PositiveIntegerField(default=0, help_text="Answers of a model without a price.")

    class Meta:
        ordering = ["-day", "source", "provider", "model"]
        verbose_name_plural = "usage by model"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "source", "provider", "model"], name="usage_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["day"], name="usage_by_day")]

    def __str__(self) -> str:
        """Return whose day and which source it is."""
        return f"{self.user} {self.day} {self.source} {self.model}".rstrip()

    @property
    def money(self) -> Decimal:
        """Return what these answers have cost."""
        return from_nano(self.money_nano)


class Reservation(models.Model):
    """What is set aside for one turn while its answer is written; gone when it is settled."""

    turn = models.UUIDField(primary_key=True)
    attempt = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField(help_text="The day whose sums hold it.")
    tokens = models.BigIntegerField()
    money_nano = models.BigIntegerField()
    made_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Return the turn and the attempt."""
        return f"{self.turn} attempt {self.attempt}"


class SpendAlert(models.Model):
    """That staff were told of unusual spending: once a day for each subject."""

    day = models.DateField()
    subject = models.CharField(max_length=60, help_text="A person's limit, or a rule for the whole desk.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    money_nano = models.BigIntegerField()
    limit_nano = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["day", "subject"], name="spend_alert_once_a_day")]
        permissions = [("receive_spend_alerts", "Receives e-mails about unusual spending")]

    def __str__(self) -> str:
        """Return the day and the subject."""
        return f"{self.day} {self.subject}"
