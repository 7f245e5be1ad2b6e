"""``manage.py apply_retention``: delete what is past its retention now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.privacy.retention import apply_retention


class Command(BaseCommand):
    """Deletes old conversations, audit entries and expired sessions, as the settings say."""

    help = "Delete what is past its retention (CONVERSATION_RETENTION_DAYS, AUDIT_RETENTION_DAYS)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the one option."""
        parser.add_argument("--dry-run", action="store_true", help="Only say how much there is.")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        """Delete, or count, and say what."""
        for name, count in apply_retention(dry_run=dry_run).items():
            self.stdout.write(f"{name}: {count} {'past retention' if dry_run else 'deleted'}")
