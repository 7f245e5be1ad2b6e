"""The broker's transport: kombu's for Redis, without a way for a lost connection to end the worker."""

from typing import Any

import redis
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis


class QoS(kombu_redis.QoS):
    """Keeps track of unacknowledged messages."""

    def restore_unacked(self, client: Any = None) -> None:
        """Give messages back to the queue, where there still is a connection.

        A connection that broke is closed a second time without its parameters; kombu 5.7 then raises an
        AttributeError, which nobody catches and which ends the worker (celery/kombu issue 970). What is not
        given back is found by the sweeper.
        """
        if self.channel.connection.client is None:
            self._delivered.clear()
            return
        super().restore_unacked(client)


class Channel(kombu_redis.Channel):
    """A channel with that bookkeeping, and one client for all its commands."""

    QoS = QoS
    _kept: redis.Redis | None = None

    def _create_client(self, asynchronous: bool = False) -> redis.Redis:
        """Return the channel's client instead of a new one for each command (5 % of a worker's CPU).

        It takes a connection of the pool for each command, so that threads may share it.
        """
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()
        return self._kept


class Transport(kombu_redis.Transport):
    """Redis as broker."""

    Channel = Channel


def use_for_redis() -> None:
    """Have addresses that begin with ``redis://`` use this transport."""
    TRANSPORT_ALIASES["redis"] = "chatsite.broker:Transport"
