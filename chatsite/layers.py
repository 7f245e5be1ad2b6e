"""The Channels layer of a desk in one process."""

from channels.layers import InMemoryChannelLayer


class MemoryLayer(InMemoryChannelLayer):
    """Channels' layer in memory, of which nothing expires and nothing is dropped.

    As it comes it forgets who belongs to a group after a day, puts a channel out of all its groups when a
    message in it has waited for a minute (a laptop that slept), and drops what comes to a full channel. It
    looks for all that through every group at every message. Here the one process that sends also reads: what
    is there is wanted, and goes with the sockets that it was for.
    """

    def __init__(self) -> None:
        super().__init__(capacity=0)  # no limit, as with asyncio's queues

    def _clean_expired(self) -> None:
        """Expire nothing."""
