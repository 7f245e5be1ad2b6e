"""The cache in Redis, and what of it goes on while Redis is away."""

from typing import Any, Final

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import CONNECTION_INTERRUPTED, RedisCache

# allauth counts tries and used codes here, behind a lock: a cache that only misses would refuse everybody.
_COUNTED: Final = ("allauth", "jwt:")


class PatientRedisCache(RedisCache):
    """Redis; while it is away, allauth's counters are kept in this process's memory, and the rest misses."""

    def __init__(self, server: str, params: dict[str, Any]):
        super().__init__(server, params)
        self._here = LocMemCache("while-redis-is-away", {"OPTIONS": {"MAX_ENTRIES": 20_000}})

    def add(self, key: str, *args: Any, **kwargs: Any) -> bool | None:
        """Set a key that is not there; None: Redis is away and the key is not counted here."""
        done = super().add(key, *args, **kwargs)
        return self._here.add(key, *args, **kwargs) if done is None and key.startswith(_COUNTED) else done

    def set(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Set a key."""
        done = super().set(key, *args, **kwargs)
        return self._here.set(key, *args, **kwargs) if done is None and key.startswith(_COUNTED) else done

    def get(self, key: str, default: Any = None, version: int | None = None, client: Any = None) -> Any:
        """Return a key's value."""
        value = self._get(key, default, version, client)
        if value is not CONNECTION_INTERRUPTED:
            return value
        return self._here.get(key, default, version) if key.startswith(_COUNTED) else default

    def delete(self, key: str, *args: Any, **kwargs: Any) -> bool | None:
        """Forget a key."""
        done = super().delete(key, *args, **kwargs)
        return self._here.delete(key, *args, **kwargs) if done is None and key.startswith(_COUNTED) else done
