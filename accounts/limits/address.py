"""Who a request comes from: the address of the client behind a known number of proxies.

Every proxy adds the address it was called from at the end of ``X-Forwarded-For``. With ``TRUSTED_PROXIES``
own proxies, the client's is that many places from the end; what stands before it came with the request, and
anybody can write that. So with no proxy the header is not read at all.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

IPV6_NETWORK_BITS = 64  # what a provider gives to one customer, at the least
UNKNOWN = "unknown"


class ClientAddress:
    """Puts the client's address into the scope (``scope["client"]``), for HTTP and sockets alike.

    So it is right wherever it is read: ``REMOTE_ADDR``, logs, limits, libraries.
    """

    def __init__(self, application: Application):
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if settings.TRUSTED_PROXIES and scope["type"] in ("http", "websocket"):
            scope = {**scope, "client": _client(scope)}
        await self._application(scope, receive, send)


def forwarded(values: list[str], proxies: int) -> str | None:
    """Return the address that the outermost own proxy was called from.

    Args:
        values: the ``X-Forwarded-For`` headers in order.
        proxies: how many own proxies stand before the site.

    Returns:
        None when there are fewer addresses than proxies (somebody went past one), or it is no address.
    """
    chain = [part.strip() for value in values for part in value.split(",")]
    return _parsed(chain[-proxies]) if 0 < proxies <= len(chain) else None


def network_of(address: str) -> str:
    """Return what limits count by: an IPv4 address, or the /64 network of an IPv6 one.

    >>> network_of("::ffff:192.0.2.7"), network_of("2001:db8:1:2::7")
    ('192.0.2.7', '2001:db8:1:2::/64')
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))


def address_of_request(request: HttpRequest) -> str:
    """Return a request's client address; for one without (over a Unix socket), an address nobody has."""
    return request.META.get("REMOTE_ADDR") or "0.0.0.0"  # nothing listens there  # nosec B104


def network_of_request(request: HttpRequest) -> str:
    """Return what limits count a request's client by."""
    return network_of(request.META.get("REMOTE_ADDR") or "")


def network_of_scope(scope: Scope) -> str:
    """Return what limits count a connection's client by."""
    client = scope.get("client")
    return network_of(client[0] if client else "")


def _client(scope: Scope) -> tuple[str, int] | None:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    address = forwarded(values, settings.TRUSTED_PROXIES)
    return (address, 0) if address else scope.get("client")


def _parsed(text: str) -> str | None:
    """Read an address as proxies write it: alone, ``192.0.2.7:4711``, ``[2001:db8::7]:4711``."""
    host = text.rpartition("]")[0].removeprefix("[") if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    return None
