"""Making a backup, and putting one back."""

import tempfile
from pathlib import Path
from types import ModuleType

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from chatsite.backups import archive, lite, postgres
from chatsite.backups.errors import BackupError
from chatsite.backups.manifest import Manifest, differing
from knowledge.search.index import count_anew

NAME = "chatsite-{:%Y%m%dT%H%M%SZ}.tar"
KEYS = "chatsite:*"


def back_up(folder: Path, *, keep: int = 0) -> tuple[Path, Manifest]:
    """Write a backup into ``folder`` while the desk works on.

    Args:
        folder: made where it is missing.
        keep: how many of the newest stay there; 0: all.

    Raises:
        BackupError: it was not made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME.format(timezone.now())
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as aside:
        dump = Path(aside) / archive.DUMP
        rows = _database().dump(dump)
        manifest = Manifest.of_now(archive.digest_of(dump), rows)
        archive.pack(path, manifest, dump)
    made = sorted(folder.glob("chatsite-*.tar"))
    for old in made[:-keep] if keep else []:
        old.unlink()
    return path, manifest


def restore(path: Path, *, replace: bool = False, any_key: bool = False) -> Manifest:
    """Put a backup in the place of the database's contents, then bring it up to date.

    Args:
        path: the backup.
        replace: do so although there is something, and although others are connected.
        any_key: do so although what was sealed in it cannot be opened.

    Raises:
        BackupError: it does not fit, or failed. The database is as it was, unless the words say otherwise.
    """
    database = _database()
    with tempfile.TemporaryDirectory() as aside:
        manifest, dump = archive.unpack(path, Path(aside))
        manifest.check_it_fits(any_key=any_key)
        if not replace:
            _check_nothing_is_lost(database)
        database.load(dump)
    connection.close()
    if wrong := differing(manifest.rows, database.rows()):
        raise BackupError(f"It was put back, but not all of it: look at {', '.join(wrong)}.")
    call_command("migrate", verbosity=0, interactive=False)
    count_anew()  # OpenSearch may hold what was lost; it follows once the desk is started
    _forget_what_redis_holds()
    return manifest


def _check_nothing_is_lost(database: ModuleType) -> None:
    filled = [table for table, count in database.rows().items() if count and table != "django_migrations"]
    if filled and "accounts_user" in filled:
        raise BackupError("The database holds a desk already. Say --replace to lose all that is in it.")
    if others := database.others():
        raise BackupError(f"{others} other programs use the database. End them first, or say --replace.")


def _forget_what_redis_holds() -> None:
    """Caches and logs tell of what was; they are newer than what was put back, and would be believed."""
    if not settings.REDIS_URL:
        return
    try:
        for url in {settings.REDIS_URL, settings.CACHE_URL, settings.EVENTS_URL, settings.BROKER_URL}:
            client = redis.from_url(url)
            for key in client.scan_iter(KEYS, count=1_000):
                client.delete(key)
    except redis.RedisError as error:
        raise BackupError(
            f"It was put back. Redis could not be emptied ({error}): do so before the desk is started."
        ) from error


def _database() -> ModuleType:
    return {"postgresql": postgres, "sqlite": lite}[connection.vendor]
