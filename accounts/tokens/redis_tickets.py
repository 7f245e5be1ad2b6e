"""Tickets that any process of the desk may redeem."""

from django_redis import get_redis_connection
from redis.exceptions import RedisError

from accounts.tokens.tickets import TicketsAway

_PREFIX = "chatsite:ticket:"


class RedisTickets:
    """Tickets in Redis, which takes one out for exactly one of those who ask (GETDEL).

    While Redis is away there are none: a ticket kept by one process would be of no use at the next, where a
    balancer may send the socket. Programs that can set headers open sockets without a ticket even then.
    """

    def put(self, digest: str, sealed: bytes, seconds: int) -> None:
        """Keep a ticket; Redis forgets it by itself. Raises TicketsAway."""
        try:
            get_redis_connection("default").set(_PREFIX + digest, sealed, ex=seconds)
        except (RedisError, OSError) as error:
            raise TicketsAway from error

    def take(self, digest: str) -> bytes | None:
        """Return a ticket and forget it, in one step. Raises TicketsAway."""
        try:
            return get_redis_connection("default").getdel(_PREFIX + digest)
        except (RedisError, OSError) as error:
            raise TicketsAway from error
