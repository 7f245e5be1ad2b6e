"""The audit trail: who did what to whom, written once."""

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from accounts.audit.acts import Act


class AppendOnly(Exception):
    """Somebody tried to change or delete what may only be added to."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries to read. The database refuses too; these only say so earlier."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit entries are never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit entries are deleted by the retention task alone")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit entries are never changed")

    def about(self, user_id: int) -> "AuditQuerySet":
        """Return what a person did and what was done to their account."""
        own = models.Q(object_kind="accounts.user", object_id=str(user_id))
        return self.filter(own | models.Q(actor_id=user_id))


class AuditEntry(models.Model):
    """One act.

    Whoever acted is a plain number with a label, not a key: the entry outlives the account, and a key would
    have to be emptied then, which is a change. Customers have no name here, so that deleting an account need
    not touch the trail; staff are named.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    act = models.CharField(max_length=40)  # a code of Act: without choices, so that a new one is no migration
    actor_id = models.BigIntegerField(null=True, blank=True, help_text="Id of the person; empty: the desk.")
    actor_label = models.CharField("actor", max_length=150, blank=True)
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45, blank=True, help_text="IP address the act came from.")
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict, blank=True, help_text="Without texts and secrets.")

    objects = AuditQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        permissions = [("export_auditentry", "Can export the audit trail")]
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["act", "-at"], name="audit_by_act"),
            models.Index(fields=["actor_id", "-at"], name="audit_by_actor"),
            models.Index(fields=["object_kind", "object_id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        """Return the act and its moment."""
        return f"{self.words}, {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def words(self) -> str:
        """The act in words; a code that is not used any more stands for itself."""
        return dict(Act.choices).get(self.act, self.act)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new entry.

        Raises:
            AppendOnly: it has been saved before.
        """
        if not self._state.adding:
            raise AppendOnly("audit entries are never changed")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit entries are deleted by the retention task alone")
