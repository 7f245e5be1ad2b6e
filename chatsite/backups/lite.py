"""SQLite: its own online copy, both ways."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from chatsite.backups.errors import BackupError

PAGES_AT_ONCE = 2_000  # writers get their turn in between


def dump(path: Path) -> dict[str, int]:
    """Copy the database to ``path`` while everybody works on; return the number of rows by table."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy, pages=PAGES_AT_ONCE)
        return _rows(copy)


def rows() -> dict[str, int]:
    """Return the number of rows by table."""
    connection.ensure_connection()
    return _rows(connection.connection)


def load(dump: Path) -> None:
    """Put the copy in the place of everything there is; SQLite does it in one transaction.

    Raises:
        BackupError: the copy is no sound database; nothing has changed.
    """
    connection.ensure_connection()
    with closing(sqlite3.connect(dump)) as copy:
        _check_soundness(copy)
        copy.backup(connection.connection)


def others() -> int:
    """SQLite tells nobody's presence; its lock lets the copy wait for whoever writes."""
    return 0


def _check_soundness(copy: sqlite3.Connection) -> None:
    """A copy is taken over page by page, whatever is on the pages."""
    try:
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"The copy in it is no sound database: {found}")


def _rows(database: sqlite3.Connection) -> dict[str, int]:
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    names = sorted(row[0] for row in found.fetchall())
    counting = ((name, f'SELECT count(*) FROM "{name}"') for name in names)  # our tables  # nosec B608
    return {name: database.execute(statement).fetchone()[0] for name, statement in counting}
