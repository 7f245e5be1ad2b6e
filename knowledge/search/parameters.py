"""Many values as one parameter: the statement keeps its text, which the database knows; all travel fast."""

import json
from collections.abc import Iterable, Sequence

from django.db import connection

_MEMBERSHIPS = {
    "sqlite": {kind: "IN (SELECT value FROM json_each(%s))" for kind in ("bigint", "text")},
    "postgresql": {kind: f"= ANY(%s::{kind}[])" for kind in ("bigint", "text")},
}


def rows(statement: str, parameters: Sequence[object]) -> list[tuple]:
    """Return the rows of a statement that is asked often or brings much.

    PostgreSQL gets the parameters beside the statement, not written into it as with Django's cursors, and
    sends rows in binary, half the size of text.
    """
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        from psycopg import Cursor  # Django's own cursors take text only

        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            return cursor.execute(statement, parameters, binary=True).fetchall()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def is_among(kind: str) -> str:
    """Return the SQL that says a column holds one of the values of one parameter, made by ``as_one``.

    ``kind`` is ``bigint`` or ``text``.
    """
    return _MEMBERSHIPS[connection.vendor][kind]


def as_one(values: Iterable[int] | Iterable[str]) -> object:
    """Return the values as the parameter."""
    return json.dumps(list(values)) if connection.vendor == "sqlite" else list(values)
