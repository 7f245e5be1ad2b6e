"""Plans: what a person may use. Empty limits are no limits."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Q


def desk_currency() -> str:
    """Return the currency that the desk counts in."""
    return settings.CURRENCY


def check_currency(code: str) -> None:
    """Refuse another currency than the desk's: amounts of two cannot be compared.

    Raises:
        ValidationError: it is another one.
    """
    if code != settings.CURRENCY:
        raise ValidationError(f"This desk counts in {settings.CURRENCY} (setting CURRENCY).")


class Plan(models.Model):
    """Limits for the people it is given to: one's own plan, else the most generous of one's groups' plans,
    else the default one."""

    class Beyond(models.TextChoices):
        """What answers are made of when a limit is reached."""

        QUOTES = "quotes", "Answers already written, and quoted passages"
        STOP = "stop", "Answers already written; otherwise a notice of when the limit ends"

    name = models.CharField(max_length=80, unique=True)
    messages_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: the desk's own limit."
    )
    tokens_per_day = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="Of prompt and answer together. An answer begins only if its longest form still fits, so "
        "a few thousand are the least that makes sense. Empty: no limit.",
    )
    money_per_day = models.DecimalField(
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="At the prices of the day. Empty: no limit.",
    )
    money_per_month = models.DecimalField(
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="By calendar month. Empty: no limit.",
    )
    currency = models.CharField(max_length=3, default=desk_currency, validators=[check_currency])
    beyond = models.CharField("beyond a limit", max_length=10, choices=Beyond.choices, default=Beyond.QUOTES)
    is_default = models.BooleanField(
        "default", default=False, help_text="For everybody who has no other; one plan at most."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="plan_one_default"
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the one default to saving, which takes the mark from the other plan."""
        super().validate_constraints({*(exclude or ()), "is_default"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a plan that is the default takes the place of the one that was."""
        with transaction.atomic():
            if self.is_default:
                Plan.objects.filter(is_default=True).exclude(pk=self.pk).update(is_default=False)
            super().save(*args, **kwargs)


class PersonPlan(models.Model):
    """The plan of one person; it goes before those of their groups."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="own_plan")
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="people")

    class Meta:
        verbose_name = "plan of a person"
        verbose_name_plural = "plans of people"

    def __str__(self) -> str:
        """Return whose it is."""
        return f"{self.user}: {self.plan}"


class GroupPlan(models.Model):
    """The plan of everybody in a group."""

    group = models.OneToOneField(Group, models.CASCADE, related_name="plan_of_group")
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="groups")

    class Meta:
        verbose_name = "plan of a group"
        verbose_name_plural = "plans of groups"

    def __str__(self) -> str:
        """Return whose it is."""
        return f"{self.group}: {self.plan}"
