"""Deleting what is past its time: nightly, or by ``manage.py apply_retention``."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import audit
from accounts.privacy.parts import Part, parts

logger = structlog.get_logger(__name__)


def apply_retention(*, dry_run: bool = False) -> dict[str, int]:
    """Delete what every part has past its retention, in batches; return how much that was, by part.

    May run twice at once: each deletes what the other has left.
    """
    counts: dict[str, int] = {}
    for part in parts():
        if (days := _days(part)) is None or part.old is None:
            continue
        before = timezone.now() - timedelta(days=days)
        counts[part.name] = part.old(before, dry_run=dry_run)
    if not dry_run and any(counts.values()):
        audit.record(audit.Act.RETENTION_APPLIED, **counts)
        logger.info("retention_applied", **counts)
        _empty_journal()
    return counts


def _empty_journal() -> None:
    """Write SQLite's journal back and empty it: until then the file beside the database holds old pages."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _days(part: Part) -> int | None:
    """Return for how many days a part is kept; None for ever."""
    if not part.days_setting:
        return 0
    return getattr(settings, part.days_setting) or None
