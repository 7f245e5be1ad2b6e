"""What a backup says of itself, so that a restoration can tell beforehand whether it will do."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from chatsite.backups.errors import BackupError

FORMAT = 1
_MARK_OF_KEY = "chatsite backup, mark of the key: "


@dataclass(frozen=True)
class Manifest:
    """One backup.

    Attributes:
        format: of the file.
        made_at: instant, ISO 8601.
        database: ``postgresql`` or ``sqlite``.
        digest: SHA-256 of the dump.
        key: mark of the SECRET_KEY that sealed what is sealed in it.
        migrations: those applied, ``app.name``.
        rows: number of rows by table.
    """

    format: int
    made_at: str
    database: str
    digest: str
    key: str
    migrations: list[str]
    rows: dict[str, int]

    @classmethod
    def of_now(cls, digest: str, rows: dict[str, int]) -> Self:
        """Return the manifest of a dump of the present database."""
        applied = MigrationLoader(connection).applied_migrations
        names = sorted(f"{app}.{name}" for app, name in applied)
        made_at = timezone.now().isoformat(timespec="seconds")
        return cls(FORMAT, made_at, connection.vendor, digest, mark(settings.SECRET_KEY), names, rows)

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Return what was written.

        Raises:
            BackupError: it is none, or of a later form.
        """
        try:
            body = json.loads(text)
            if body["format"] > FORMAT:
                raise BackupError("This backup was made by a later version of the desk.")
            return cls(**body)
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError("This is no backup of the desk.") from error

    def written(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=1).encode()

    def check_it_fits(self, *, any_key: bool) -> None:
        """Refuse what this desk could not use.

        Raises:
            BackupError: another kind of database, a later version of the desk, or another key.
        """
        if self.database != connection.vendor:
            raise BackupError(f"It is of {self.database}, and this desk's database is {connection.vendor}.")
        known = {f"{app}.{name}" for app, name in MigrationLoader(connection).disk_migrations}
        if unknown := sorted(set(self.migrations) - known):
            raise BackupError(f"It was made by a later version of the desk (migration {unknown[0]}).")
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        if not any_key and self.key not in map(mark, keys):
            raise BackupError(
                "Its SECRET_KEY was another: masked personal data in it could not be read any more. Set that "
                "key (SECRET_KEY_FALLBACKS is enough), or say --any-key."
            )


def mark(key: str) -> str:
    """Return what a key is recognised by; the key cannot be found from it."""
    return sha256(f"{_MARK_OF_KEY}{key}".encode()).hexdigest()[:16]


def differing(expected: dict[str, int], found: dict[str, int]) -> Sequence[str]:
    """Return the tables whose rows are not as many as they should be."""
    return sorted(table for table in {*expected, *found} if expected.get(table) != found.get(table))
