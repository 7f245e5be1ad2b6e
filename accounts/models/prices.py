"""What models cost, by the day from which a price holds."""

from django.core.validators import MinValueValidator
from django.db import models

from accounts.models.plans import check_currency, desk_currency


def _amount(label: str) -> "models.DecimalField":
    return models.DecimalField(label, max_digits=12, decimal_places=6, validators=[MinValueValidator(0)])


class Price(models.Model):
    """The price of one model from a day on, until a later one takes its place."""

    provider = models.CharField(
        max_length=40,
        choices=[(kind, kind) for kind in ("openai", "azure", "compatible", "anthropic")],
        help_text="As LLM_CHAIN names it.",
    )
    model = models.CharField(
        max_length=120,
        help_text="The name as it is set for the provider; * for all of its models that have no price.",
    )
    valid_from = models.DateField(help_text="First day on which it holds.")
    input_per_million = _amount("a million tokens of prompt")
    cached_input_per_million = models.DecimalField(
        "a million tokens of prompt from the vendor's cache",
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Empty: as the rest of the prompt.",
    )
    output_per_million = _amount("a million tokens of answer")
    currency = models.CharField(max_length=3, default=desk_currency, validators=[check_currency])

    class Meta:
        ordering = ["provider", "model", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "model", "currency", "valid_from"], name="price_once_a_day"
            )
        ]

    def __str__(self) -> str:
        """Return what it is the price of, and since when."""
        return f"{self.provider} {self.model} from {self.valid_from}"
