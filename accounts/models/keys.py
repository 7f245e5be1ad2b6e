"""Personal API keys: a person's programs sign in with them."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models.people import User

KEY_PREFIX: Final = "csk_"
SHOWN_CHARACTERS: Final = len(KEY_PREFIX) + 6
RANDOM_BYTES: Final = 32
LAST_USED_EVERY: Final = timedelta(minutes=1)


def digest_of(value: str) -> str:
    """Return what is stored of a key.

    Plain SHA-256 is right here, unlike for passwords: a key has 256 random bits, so nobody can try them out,
    and a slow hash would only cost every request 200 ms.
    """
    return hashlib.sha256(value.encode()).hexdigest()


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys, by who may see them and whether they still open anything."""

    def visible_to(self, user: "User") -> "ApiKeyQuerySet":
        """Return the keys that belong to ``user``; staff see the others' in the admin only."""
        return self.filter(user_id=user.pk)

    def usable(self) -> "ApiKeyQuerySet":
        """Return the keys that are neither revoked nor expired and whose person is active."""
        now = timezone.now()
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True, user__is_active=True
        )

    def by_value(self, value: str) -> "ApiKey | None":
        """Return the usable key with this value, its person fetched with it."""
        if not value.isascii() or len(value) > 200:  # nothing of ours: not worth a look-up
            return None
        return self.usable().select_related("user").filter(digest=digest_of(value)).first()

    def issue(self, user: "User", name: str, expires_at: datetime | None = None) -> tuple["ApiKey", str]:
        """Make a key; the value returned beside it is told this once and stands nowhere."""
        value = KEY_PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        key = self.create(
            user=user,
            name=name,
            prefix=value[:SHOWN_CHARACTERS],
            digest=digest_of(value),
            expires_at=expires_at,
        )
        return key, value


class ApiKey(models.Model):
    """One key. Only its digest is kept; ``prefix`` lets its owner tell it from the others."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80, help_text="What uses it, such as “nightly report”.")
    prefix = models.CharField(max_length=SHOWN_CHARACTERS, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        """Return the name and the shown beginning of the key."""
        return f"{self.name} ({self.prefix}…)"

    @property
    def state(self) -> str:
        """Return ``revoked``, ``expired`` or ``active``."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"

    def revoke(self) -> None:
        """End the key at once, and the sockets it opened. Doing so again changes nothing."""
        from accounts import audit
        from accounts.signals import end_key  # which needs the models

        if ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now()):
            self.refresh_from_db(fields=["revoked_at"])
            audit.record(audit.Act.KEY_REVOKED, target=self, owner=self.user_id)
            end_key(self)

    def note_use(self) -> None:
        """Write the time of this use, unless one was written within the last minute."""
        now = timezone.now()
        if self.last_used_at is not None and now - self.last_used_at < LAST_USED_EVERY:
            return
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_EVERY)
        # The condition again in the statement, so that of many requests at once only one writes.
        ApiKey.objects.filter(stale, pk=self.pk).update(last_used_at=now)
        self.last_used_at = now
