"""Ports for servers of the tests that nobody else is given meanwhile."""

import socket
from typing import Final

# Kept for the life of the process: a port that is let go before its server binds it may be given to another
# server, or to a client as its own side, of any process. A server may still bind it (SO_REUSEADDR, which all
# set), again and again, and until one listens every connection is refused.
_kept: Final[list[socket.socket]] = []


def free_port() -> int:
    """Return a loopback TCP port that nothing listens on, and that stays this process's to give away."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    _kept.append(place)
    return place.getsockname()[1]
