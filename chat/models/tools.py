"""What a model looked up by itself while it answered."""

from django.db import models

from chat.models.turns import Turn


class ToolCall(models.Model):
    """One call of a tool in one turn: what was asked, masked as everything a model says, and how it ended."""

    class Outcome(models.TextChoices):
        """How a call ended."""

        FOUND = "found", "Something was found"
        NOTHING = "nothing", "Nothing was found"
        REFUSED = "refused", "The call was not a proper one"
        FAILED = "failed", "The look-up failed"

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="tool_calls")
    number = models.PositiveSmallIntegerField(help_text="Place among the turn's calls.")
    round = models.PositiveSmallIntegerField(help_text="Calls of one round were asked for at once.")
    name = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict, blank=True, help_text="Personal values are masked.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    ms = models.PositiveIntegerField(help_text="Milliseconds it took.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["turn", "number"], name="tool_call_number_once")]

    def __str__(self) -> str:
        """Return the name and the outcome."""
        return f"{self.name} ({self.outcome})"
