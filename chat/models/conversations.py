"""Conversations and the messages in them."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from accounts.models import User

TITLE_CHARACTERS = 80


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Who may see which conversation."""

    def visible_to(self, user: "User") -> "ConversationQuerySet":
        """Return the conversations that ``user`` owns."""
        return self.filter(owner_id=user.pk)


class Conversation(models.Model):
    """One customer's thread.

    ``message_count`` is the position of the newest message. ``revision`` rises whenever something that later
    answers build on is settled, so that a cached state can tell whether it is still the present one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=TITLE_CHARACTERS, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Put away by its owner; the next question takes it back out."
    )
    opening = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False,
        help_text="Digest of the request that opened it under an Idempotency-Key.",
    )  # fmt: skip
    accept_language = models.CharField(
        max_length=64, blank=True, help_text="What the browser asked for when it began; tells a country."
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "-last_message_at"], name="conversation_by_owner")]

    def __str__(self) -> str:
        """Return the title, or the id while there is none."""
        return self.title or str(self.id)

    @property
    def is_open(self) -> bool:
        """Tell whether the conversation takes messages."""
        return self.closed_at is None

    @property
    def is_archived(self) -> bool:
        """Tell whether its owner has put it away."""
        return self.archived_at is not None

    def title_from(self, text: str) -> str:
        """Return a title made of the first line of ``text``, cut at a word."""
        line = " ".join(text.split())
        if len(line) <= TITLE_CHARACTERS:
            return line
        return line[: TITLE_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


class Message(models.Model):
    """One utterance. ``client_id`` is made by the client; the same id again is the same message."""

    class Role(models.TextChoices):
        """Who speaks."""

        USER = "user"
        ASSISTANT = "assistant"
        AGENT = "agent"
        SYSTEM = "system"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    position = models.PositiveIntegerField(help_text="1..n in its conversation.")
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField()
    client_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="message_position_once"),
            models.UniqueConstraint(
                fields=["conversation", "client_id"],
                condition=models.Q(client_id__isnull=False),
                name="message_client_id_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client_id", "-created_at"],
                condition=models.Q(client_id__isnull=False),
                name="message_by_client_id",
            ),
        ]

    def __str__(self) -> str:
        """Return the role and the beginning of the text."""
        return f"{self.role}: {self.text[:60]}"
