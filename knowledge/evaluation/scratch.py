"""A library of its own for an evaluation: the site's is neither read nor locked, and nothing is left behind.

The thread's connection is exchanged for one to an empty library made by the knowledge app's own migrations:
on SQLite a temporary file, on PostgreSQL the session's temporary tables, which the server drops by itself
even when this process is killed. A rolled-back transaction would do neither: it would hold the lock of the
library, so that nobody could publish meanwhile, and leave dead rows for the server to clear.
"""

import copy
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler

from accounts import audit
from knowledge.models import Library
from knowledge.search import index

SQLITE = "sqlite"
_SQLITE_ENGINE = "django.db.backends.sqlite3"
# Temporary tables are read through buffers of their own, 8 MB unless told; a site's tables have far more.
_IN_TEMPORARY_TABLES = "-c search_path=pg_temp -c temp_buffers=256MB"


@contextmanager
def scratch_library(vendor: str = "") -> Iterator[None]:
    """Let this thread work on an empty library that vanishes at the end.

    Args:
        vendor: ``sqlite`` for a SQLite file whatever the site uses; empty for the site's own database server.

    Not for code that waits on other threads: they keep the site's connection. Needs the right to make
    temporary tables on PostgreSQL (everybody has it unless it was taken away) and a direct connection, or a
    pooler that keeps one session.
    """
    site = connections[DEFAULT_DB_ALIAS]
    with tempfile.TemporaryDirectory(prefix="chatsite-evaluation-") as folder:
        scratch = _connect(site, vendor or site.vendor, Path(folder) / "scratch.sqlite3")
        connections[DEFAULT_DB_ALIAS] = scratch
        try:
            _make_tables(scratch)
            Library.objects.create(pk=1)
            index.count_anew()  # what OpenSearch holds of the site is never taken for this library's
            with audit.apart():
                yield
        finally:
            connections[DEFAULT_DB_ALIAS] = site
            scratch.close()


def _connect(site: BaseDatabaseWrapper, vendor: str, file: Path) -> BaseDatabaseWrapper:
    if vendor == SQLITE:
        same = site.settings_dict if site.vendor == SQLITE else {}
        options = copy.deepcopy(same.get("OPTIONS", {}))
        return _connection({"ENGINE": _SQLITE_ENGINE, "NAME": str(file), "OPTIONS": options})
    settings = copy.deepcopy(site.settings_dict)
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}
    options["options"] = f"{options.get('options', '')} {_IN_TEMPORARY_TABLES}".strip()
    return _connection({**settings, "OPTIONS": options, "CONN_MAX_AGE": None})


def _connection(settings: dict[str, Any]) -> BaseDatabaseWrapper:
    connection = ConnectionHandler({DEFAULT_DB_ALIAS: settings})[DEFAULT_DB_ALIAS]
    connection.on_commit = _nothing_follows
    return connection


def _nothing_follows(function: Callable[[], object], robust: bool = False) -> None:
    """Drop what a publication starts once it is committed: it would go to the site's workers and library."""


def _make_tables(scratch: BaseDatabaseWrapper) -> None:
    """Run the migrations of the library and what it refers to, without signals that fill other tables."""
    executor = MigrationExecutor(scratch)
    executor.migrate(executor.loader.graph.leaf_nodes("knowledge"))
