"""What the placeholders of a conversation stand for, sealed: the database alone reveals nothing of it."""

from django.db import models

from chat.models.conversations import Conversation


class PersonalValues(models.Model):
    """The sealed table of one conversation's placeholders; goes with the conversation."""

    conversation = models.OneToOneField(
        Conversation, models.CASCADE, primary_key=True, related_name="personal_values"
    )
    sealed = models.BinaryField(help_text="Opened by chat.safety.personal alone.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "personal values"

    def __str__(self) -> str:
        """Return the conversation's id; what is kept is nobody's to see."""
        return str(self.conversation_id)
