"""What is raised while Redis is away: refused, cut, silent, loading, out of memory."""

from typing import Final

from redis.exceptions import RedisError

AWAY: Final = (RedisError, OSError, TimeoutError)
