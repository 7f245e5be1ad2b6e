"""Turns: one question and the work that answers it; and what an answer cites."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models.conversations import Conversation, Message

if TYPE_CHECKING:
    from accounts.models import User


class TurnQuerySet(models.QuerySet["Turn"]):
    """The conditional changes of a turn's state; each tells by its count whether it took place."""

    def visible_to(self, user: "User") -> "TurnQuerySet":
        """Return the turns of the conversations that ``user`` owns."""
        return self.filter(conversation__owner_id=user.pk)

    def unfinished(self) -> "TurnQuerySet":
        """Return queued and running turns."""
        return self.filter(status__in=Turn.UNFINISHED)

    def waiting_for_a_carrier(self, now: datetime) -> "TurnQuerySet":
        """Return the turns that nobody works on: queued, or running with a lease that ran out."""
        return self.filter(
            Q(status=Turn.Status.QUEUED) | Q(status=Turn.Status.RUNNING, lease_until__lt=now)
        ).exclude(_has_earlier_unfinished())

    def claim(self, turn_id: uuid.UUID, lease: timedelta, *, most_attempts: int) -> bool:
        """Begin the next attempt of a turn, if nobody works on it and no earlier turn is unfinished."""
        now = timezone.now()
        claimed = (
            self.waiting_for_a_carrier(now)
            .filter(pk=turn_id, attempt__lt=most_attempts)
            .update(
                status=Turn.Status.RUNNING,
                attempt=F("attempt") + 1,
                lease_until=now + lease,
                started_at=Coalesce(F("started_at"), now),
            )
        )
        return claimed == 1

    def renew(self, turn_ids: list[uuid.UUID], lease: timedelta) -> dict[uuid.UUID, tuple[int, bool]]:
        """Extend the leases of running turns; return each one's attempt and whether a stop was asked for.

        A turn that another process has taken over meanwhile is extended too, harmlessly: its attempt tells.
        """
        running = self.filter(pk__in=turn_ids, status=Turn.Status.RUNNING)
        running.update(lease_until=timezone.now() + lease)
        rows = running.values_list("pk", "attempt", "stop_requested_at")
        return {pk: (attempt, stop is not None) for pk, attempt, stop in rows}

    def held(self, turn_id: uuid.UUID, attempt: int) -> "TurnQuerySet":
        """Return the turn only while ``attempt`` is the one that counts."""
        return self.filter(pk=turn_id, attempt=attempt, status=Turn.Status.RUNNING)


def _has_earlier_unfinished() -> Exists:
    return Exists(
        Turn.objects.unfinished().filter(
            conversation_id=OuterRef("conversation_id"), position__lt=OuterRef("position")
        )
    )


class Turn(models.Model):
    """One question to one answer. Its row is the outcome; what happens meanwhile is in the event log."""

    class Status(models.TextChoices):
        """Where the turn stands."""

        QUEUED = "queued"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"
        STOPPED = "stopped"

    class Source(models.TextChoices):
        """Where the answer's words come from."""

        MODEL = "model"
        QUOTED = "quoted"
        CACHE = "cache"
        FIXED = "fixed"

    class Grounding(models.TextChoices):
        """What the answer could be made from."""

        SURE = "sure", "Good passages or records"
        UNSURE = "unsure", "Doubtful passages"
        REFUSED = "refused", "Nothing good enough was found"
        INSUFFICIENT = "insufficient", "The model found the passages insufficient"

    class Tone(models.TextChoices):
        """How the question sounds; the cues or a model say so, and both may be wrong."""

        CALM = "calm", "Calm"
        WORRIED = "worried", "Worried"
        FRUSTRATED = "frustrated", "Frustrated"
        ANGRY = "angry", "Angry"

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    position = models.PositiveIntegerField(help_text="Position of the question; turns run in this order.")
    question = models.OneToOneField(Message, models.CASCADE, related_name="asked_in")
    answer = models.OneToOneField(Message, models.SET_NULL, null=True, blank=True, related_name="answered_in")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField()
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    final_seq = models.PositiveIntegerField(default=0, help_text="Number of the final event in its attempt.")
    request_id = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False,
        help_text="Of the request that asked; every attempt is logged and sent to the provider under it.",
    )  # fmt: skip
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    intent = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=8, blank=True)
    slots = models.JSONField(default=dict, blank=True)
    tone = models.CharField(
        max_length=10, blank=True, choices=Tone.choices, help_text="How the question sounds. Empty: not told."
    )
    is_urgent = models.BooleanField("travels soon", default=False)
    confidence = models.FloatField(null=True, blank=True, help_text="Normalised score of the best passage.")
    grounding = models.CharField(
        max_length=12, blank=True, choices=Grounding.choices, help_text="Empty: nothing was to be looked up."
    )
    source = models.CharField(max_length=10, blank=True, choices=Source.choices)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=20, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    total_ms = models.PositiveIntegerField(null=True, blank=True)
    stage_ms = models.JSONField(default=dict, blank=True, help_text="Milliseconds by stage.")
    notices = models.JSONField(default=list, blank=True)
    quick_replies = models.JSONField(default=list, blank=True)
    claims = models.PositiveSmallIntegerField(
        default=0, help_text="Sentences of the model's answer with a figure, a code or a promise."
    )
    unsupported_claims = models.PositiveSmallIntegerField(
        default=0, help_text="Of these, the ones that no source bears out."
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_words = models.TextField(blank=True)
    error_retryable = models.BooleanField(default=False)

    objects = TurnQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="turn_position_once"),
        ]
        indexes = [
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="turn_unfinished",
            ),
            models.Index(fields=["-created_at"], name="turn_newest"),
            models.Index(fields=["grounding", "-created_at"], name="turn_by_grounding"),
        ]

    def __str__(self) -> str:
        """Return the id and the state."""
        return f"{self.id} ({self.status})"

    @property
    def is_finished(self) -> bool:
        """Tell whether the outcome is settled."""
        return self.status not in self.UNFINISHED

    @classmethod
    def new_deadline(cls) -> datetime:
        """Return the instant by which a turn asked now must have ended."""
        return timezone.now() + timedelta(seconds=settings.TURN_DEADLINE_SECONDS)


class Citation(models.Model):
    """A numbered link from an answer to what it was made from, with the words as they were then."""

    class Kind(models.TextChoices):
        """What is cited."""

        PASSAGE = "passage"
        RECORD = "record"

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="citations")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Plain numbers, not keys: a citation outlives the passage it was made from.
    passage_id = models.BigIntegerField(null=True, blank=True)
    record_key = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=255)
    section = models.CharField(max_length=500, blank=True)
    quote = models.TextField()
    version_number = models.PositiveIntegerField(null=True, blank=True)
    page = models.PositiveIntegerField(null=True, blank=True, help_text="Page of the file it was read from.")
    effective_from = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["turn", "number"], name="citation_number_once")]

    def __str__(self) -> str:
        """Return the number and the title."""
        return f"[{self.number}] {self.title}"
