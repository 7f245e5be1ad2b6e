"""Where words may be left after a deletion: every table, every value in Redis, the cache and sessions."""

from collections.abc import Iterator

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection


def leftovers(*words: str) -> list[str]:
    """Return the places where one of the words stands, as ``table: row`` or ``redis key: value``."""
    sought = [word.casefold() for word in words]
    places = (f"{where}: {what}" for where, what in _everything())
    return [place for place in places if any(word in place.casefold() for word in sought)]


def _everything() -> Iterator[tuple[str, str]]:
    yield from _tables()
    yield from _redis()
    yield from (("cache", f"{key} {value!r}") for key, value in getattr(cache, "_cache", {}).items())
    yield from (("session", str(session.get_decoded())) for session in Session.objects.all())


def _tables() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            # PostgreSQL writes any row as a text itself, also what Python has no value for (infinity).
            what = "*" if connection.vendor == "sqlite" else f"{name}::text"
            cursor.execute(f"SELECT {what} FROM {name}")
            for row in cursor.fetchall():
                yield table, " ".join(_text(value) for value in row)


def _redis() -> Iterator[tuple[str, str]]:
    if not settings.REDIS_URL:
        return
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(count=1_000):
            yield f"redis {_text(key)}", _value(client, key)


def _value(client: redis.Redis, key: bytes) -> str:
    read = {
        "string": client.get,
        "stream": client.xrange,
        "hash": client.hgetall,
        "list": lambda name: client.lrange(name, 0, -1),
        "set": client.smembers,
        "zset": lambda name: client.zrange(name, 0, -1, withscores=True),
    }
    kind = client.type(key).decode()
    return _text(read[kind](key)) if kind in read else ""


def _text(value: object) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (list, tuple, set)):
        return " ".join(map(_text, value))
    if isinstance(value, dict):
        return " ".join(f"{_text(key)} {_text(one)}" for key, one in value.items())
    return str(value)
