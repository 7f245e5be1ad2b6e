"""Endpoints that staff have set up, what is to be sent to each, and what came of every try."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils import timezone

from webhooks import signing

MOST_ATTEMPTS: Final = 8
OVERLAP: Final = timedelta(hours=24)  # for which the former secret signs beside a new one


class EventType(models.TextChoices):
    """What endpoints can be told of. A name is never changed, since receivers go by it."""

    TURN_COMPLETED = "turn.completed", "A question was answered"
    TURN_FAILED = "turn.failed", "A question could not be answered"
    CONVERSATION_FLAGGED = "conversation.flagged", "A person should look at a conversation"
    DOCUMENT_PUBLISHED = "document.published", "A document version was published"
    DOCUMENT_WITHDRAWN = "document.withdrawn", "A document version was withdrawn"


TEST_EVENT: Final = "webhook.test"  # sent by the button in the admin, whatever an endpoint wants


class Endpoint(models.Model):
    """One address that is told of events."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80, unique=True, help_text="What it is for.")
    url = models.CharField("address", max_length=1_000, help_text="Receives the events by POST; https.")
    events = models.JSONField(default=list)
    include_text = models.BooleanField(
        "send texts",
        default=False,
        help_text="Also send question and answer, personal data replaced. Without it: only ids and facts.",
    )
    is_active = models.BooleanField("active", default=True, help_text="Off: what waits is kept, not sent.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sealed_secret = models.BinaryField(editable=False)
    sealed_former = models.BinaryField(null=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(
        null=True, editable=False, help_text="First failure since a success."
    )
    switched_off_at = models.DateTimeField(null=True, editable=False)
    switched_off_why = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def has_former(self) -> bool:
        """Whether a former secret still signs."""
        return self.former_until is not None and self.former_until > timezone.now()

    def secrets(self) -> list[str]:
        """Return the secrets that sign now, the newest first.

        Raises:
            Unreadable: they were sealed with a SECRET_KEY that is not known any more.
        """
        kept = [self.sealed_secret, self.sealed_former] if self.has_former else [self.sealed_secret]
        return [signing.opened(one, self.pk) for one in kept if one]

    def give_secret(self) -> str:
        """Give the endpoint a new secret and return it; a former one signs beside it for a day. Not saved."""
        if self.sealed_secret:
            self.sealed_former, self.former_until = self.sealed_secret, timezone.now() + OVERLAP
        secret = signing.new_secret()
        self.sealed_secret = signing.sealed(secret, self.pk)
        return secret

    def end_former(self) -> None:
        """Let only the newest secret sign. Not saved."""
        self.sealed_former, self.former_until = None, None


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what is to be done with them."""

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """Return what is to be sent now and is sent by nobody."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.filter(free, state=Delivery.State.PENDING, next_at__lte=now)

    def being_sent(self, now: datetime) -> "DeliveryQuerySet":
        """Return what some process is sending."""
        return self.filter(state=Delivery.State.PENDING, lease_until__gt=now)

    def of_conversations(self, ids: "list[uuid.UUID]") -> "DeliveryQuerySet":
        """Return what tells of these conversations."""
        return self.filter(conversation_id__in=ids)


class Delivery(models.Model):
    """One event for one endpoint; written in the transaction of what it tells of. Its id is the message's."""

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending", "To be sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"
        ERASED = "erased", "Erased with the conversation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No constraint: an endpoint that is deleted while an answer is settled must not take the answer with it.
    # What is left without an endpoint is never claimed, and goes with the retention.
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_constraint=False)
    event = models.CharField(max_length=40)
    body = models.TextField(blank=True, help_text="The very bytes that are signed and sent.")
    has_text = models.BooleanField("holds texts", default=False)
    conversation_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    most_attempts = models.PositiveSmallIntegerField(default=MOST_ATTEMPTS)
    created_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField("next try", null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["endpoint", "next_at"], condition=Q(state="pending"), name="delivery_to_be_sent"
            ),
            models.Index(fields=["-created_at"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        """Return the event and the id."""
        return f"{self.event} {self.message_id}"

    @property
    def message_id(self) -> str:
        """The id that receivers see, the same at every try."""
        return f"evt_{self.pk.hex}"


class Attempt(models.Model):
    """One try."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty: no answer.")
    error = models.CharField(max_length=20, blank=True)
    ms = models.PositiveIntegerField(default=0)
    response = models.TextField(blank=True, help_text="The beginning of the answer.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number_once")]

    def __str__(self) -> str:
        """Return the number and what came of it."""
        return f"{self.number}: {self.status or self.error}"
