"""Batches: questions that a program sends together and fetches the answers of later."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from chat.models.conversations import Conversation
from chat.models.turns import Turn

if TYPE_CHECKING:
    from accounts.models import User

REFERENCE_CHARACTERS = 100


class BatchQuerySet(models.QuerySet["Batch"]):
    """Who may see which batch."""

    def visible_to(self, user: "User") -> "BatchQuerySet":
        """Return the batches that ``user`` has sent."""
        return self.filter(owner_id=user.pk)


class Batch(models.Model):
    """Questions sent together by one person. They become ordinary messages, a few at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="batches")
    fingerprint = models.CharField(
        max_length=64, editable=False, help_text="Digest of what was sent: the same key must bring the same."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        permissions = [("send_batch", "Can send questions in batches")]
        indexes = [models.Index(fields=["owner", "-created_at"], name="batch_by_owner")]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.id)


class BatchItemQuerySet(models.QuerySet["BatchItem"]):
    """Items by what is to be done with them."""

    def due(self, now: datetime) -> "BatchItemQuerySet":
        """Return what may be sent now, the oldest batch first: what waits, and what a process that is gone
        has left half sent.
        """
        waiting = Q(state=BatchItem.State.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
        left = Q(state=BatchItem.State.SENDING, claimed_until__lte=now)
        active = self.filter(batch__owner__is_active=True)  # who is shut out sends nothing
        return active.filter(waiting | left).order_by("batch__created_at", "batch_id", "position")

    def with_progress(self) -> "BatchItemQuerySet":
        """Add ``progress``: the item's own state until it is sent, that of its turn from then on."""
        running = Q(state=BatchItem.State.SENDING) | Q(
            state=BatchItem.State.SENT, turn__status__in=Turn.UNFINISHED
        )
        return self.annotate(
            progress=Case(
                When(running, then=Value(BatchItem.Progress.RUNNING.value)),
                When(state=BatchItem.State.SENT, then=F("turn__status")),
                default=F("state"),
                output_field=models.CharField(),
            )
        )


class BatchItem(models.Model):
    """One question of a batch. Its text stands here only until it is a message.

    Its id is the client id of its message and, where it names none, the id of its conversation: sending it
    again, after a process was lost in the middle, makes nothing twice.
    """

    class State(models.TextChoices):
        """How far it is on its way to become a turn."""

        REFUSED = "refused"
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Progress(models.TextChoices):
        """How far it is, as its sender sees it."""

        REFUSED = "refused"
        WAITING = "waiting"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"
        STOPPED = "stopped"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(help_text="1..n in its batch.")
    reference = models.CharField(
        max_length=REFERENCE_CHARACTERS, blank=True, help_text="The sender's own id of it."
    )
    # Whoever deletes the conversation deletes what the batch tells of it.
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, null=True, blank=True, related_name="batch_items"
    )
    turn = models.OneToOneField(Turn, models.CASCADE, null=True, blank=True, related_name="batch_item")
    text = models.TextField(blank=True, help_text="Empty once it is a message.")
    language = models.CharField(max_length=8, blank=True)
    metadata = models.JSONField(default=dict, blank=True, help_text="The sender's own words about it.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    claimed_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="A limit holds it back until then.")
    problem = models.JSONField(null=True, blank=True, help_text="Why it was refused or could not be sent.")

    objects = BatchItemQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_item_position_once"),
        ]
        indexes = [
            models.Index(
                fields=["state"], condition=Q(state__in=["waiting", "sending"]), name="batch_item_unsent"
            ),
        ]

    def __str__(self) -> str:
        """Return the sender's id of it, or its place."""
        return self.reference or f"{self.batch_id}, {self.position}"
