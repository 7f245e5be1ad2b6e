"""``manage.py api_key alice``: make an API key for somebody and print it, for scripts and first steps."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import ApiKey, User


class Command(BaseCommand):
    """Print a new key and nothing else, so that a shell can take it into a variable."""

    help = "Make an API key for a person and print it. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person, the name and how long it is good for."""
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what uses it")
        parser.add_argument("--days", type=int, default=0, help="how long it is good for (0: until revoked)")

    def handle(self, *args: Any, username: str, name: str, days: int, **options: Any) -> None:
        """Make the key.

        Raises:
            CommandError: there is no such active person.
        """
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"there is no active person with the user name {username!r}")
        expires_at = timezone.now() + timedelta(days=days) if days > 0 else None
        _, value = ApiKey.objects.issue(user, name[:80], expires_at)
        self.stdout.write(value)
