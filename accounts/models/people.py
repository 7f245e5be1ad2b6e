"""People: customers and staff."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """One person. Customers own conversations and bookings; staff (``is_staff``) work in the admin."""

    email = models.EmailField("e-mail address", unique=True)
    language = models.CharField(
        max_length=8,
        blank=True,
        choices=settings.LANGUAGES,
        help_text="Language of answers; empty: as asked.",
    )

    def __str__(self) -> str:
        """Return the full name, or the user name where there is none."""
        return self.get_full_name() or self.username
