"""PostgreSQL: ``pg_dump`` and ``pg_restore``, the rows counted in the very snapshot that is dumped."""

import os
import shutil
import subprocess  # PostgreSQL's own programs, without a shell  # nosec B404
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from django.db import connection, transaction

from chatsite.backups.errors import BackupError


def dump(path: Path) -> dict[str, int]:
    """Write the database to ``path`` while everybody works on; return the number of rows by table.

    Raises:
        BackupError: ``pg_dump`` is missing or failed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        words = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={path}",
        ]
        arguments, environment = _command("pg_dump", words)
        done = subprocess.run(  # nosec B603
            arguments, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BackupError(f"pg_dump failed: {done.stderr.strip()[-500:]}")
        return rows()


def rows() -> dict[str, int]:
    """Return the number of rows by table."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        counted = {}
        for table in tables:
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {quoted}")  # nosec B608
            counted[table] = cursor.fetchone()[0]
        return counted


def load(dump: Path) -> None:
    """Put the dump in the place of everything there is: in one transaction, whole or not at all.

    Raises:
        BackupError: a program is missing or failed; nothing has changed.
    """
    words = ["--single-transaction", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    arguments, environment = _command("psql", words)
    reading, _ = _command("pg_restore", [])
    told = subprocess.PIPE
    with (
        subprocess.Popen(arguments, env=environment, stdin=told, stderr=told) as psql,  # nosec B603
        subprocess.Popen(  # nosec B603
            [reading[0], "--no-owner", "--no-privileges", "--file=-", str(dump)], stdout=told, stderr=told
        ) as source,
    ):
        try:
            psql.stdin.write(b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
            shutil.copyfileobj(source.stdout, psql.stdin)
            if source.wait():
                raise BackupError(f"pg_restore failed: {source.stderr.read().decode()[-500:]}")
        except BrokenPipeError:
            source.kill()  # psql has ended, and says why
        except BaseException:  # Ctrl-C too: what psql has begun is undone; the end of its input would keep it
            _end_at_once(psql)
            raise
        _, words_of_psql = psql.communicate()
        if psql.returncode:
            raise BackupError(f"psql failed, nothing has changed: {words_of_psql.decode().strip()[-500:]}")


def _end_at_once(process: subprocess.Popen[bytes]) -> None:
    """End a process, and let go of what it has not read: handing it over now would only fail."""
    process.kill()
    with suppress(BrokenPipeError):
        process.stdin.close()


def others() -> int:
    """Return how many other programs are connected: those who came before this one's own pool."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity, "
            "(SELECT backend_start AS began FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS own "
            "WHERE datname = current_database() AND backend_type = 'client backend' "
            "AND backend_start < began - interval '1 second'"
        )
        return cursor.fetchone()[0]


def _command(program: str, words: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is missing; install PostgreSQL's client (Debian: postgresql-client).")
    arguments, variables = connection.client.settings_to_cmd_args_env(connection.settings_dict, list(words))
    return [path, *arguments[1:]], {**os.environ, **(variables or {})}
