"""Where webhooks may go: public addresses by https. Looked at when an endpoint is saved, and at each sending.

A name is resolved once, every address it has is looked at, and the connection goes to one of those very
addresses: a name that leads elsewhere a moment later (DNS rebinding) changes nothing.
"""

import re
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from django.conf import settings
from yarl import URL

from webhooks.errors import AddressRefused

Address = IPv4Address | IPv6Address

RESOLVE_SECONDS: Final = 5.0
LONGEST_URL: Final = 1_000
_UNWANTED: Final = re.compile(r"[\x00-\x20\x7f\\]|\s")
_ENDS_IN_NUMBER: Final = re.compile(r"(?:\A|\.)(?:\d+|0[xX][0-9a-fA-F]*)\.*\Z")
_NAT64: Final = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
# Beside what ``ipaddress`` calls private, reserved and so on.
_NEVER: Final = tuple(
    ip_network(written)
    for written in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own networks (RFC 6598); also a cloud's metadata
        "168.63.129.16/32",  # a public address that is a cloud's inside
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "::/96",  # IPv4-compatible (RFC 4291, deprecated)
        "64:ff9b:1::/48",  # NAT64 for local use (RFC 8215)
        "100::/64",
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4, which may lead to any IPv4 address
        "fec0::/10",  # site-local (RFC 3879, deprecated)
    )
)
# Threads of their own: a name server that hangs must not hold anything else, nor the end of a process.
_resolving = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook-names")


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that was looked at: the URL as it will be asked for, and the addresses it may connect to."""

    url: URL
    addresses: tuple[Address, ...]


def destination_of(written: str) -> Destination:
    """Return where a URL leads, having looked at every address that it has.

    Raises:
        AddressRefused: webhooks may not go there, or the name is not found within five seconds.
    """
    url = checked_url(written)
    host = url.raw_host or ""  # as it is connected to
    literal = _literal(host)
    addresses = (literal,) if literal else tuple(_resolved(host, url.port or 443))
    for address in addresses:
        if not is_allowed(address):
            leads = f"{address} is" if literal else f"{url.host} leads to {address}, which is"
            raise AddressRefused("address", f"{leads} not a public address. {_HOW_TO_ALLOW}")
    return Destination(url, addresses)


_HOW_TO_ALLOW: Final = "An administrator can allow networks of your own (WEBHOOK_ALLOWED_NETWORKS)."


def checked_url(written: str) -> URL:
    """Return a URL whose form is good, without asking where it leads.

    Raises:
        AddressRefused: with words for staff.
    """
    if len(written) > LONGEST_URL or _UNWANTED.search(written):
        raise AddressRefused(
            "url", "An address has no spaces and no backslashes, and 1,000 characters at most."
        )
    try:
        url = URL(written)
        port = url.port
    except ValueError:
        raise AddressRefused("url", "This is not an address.") from None
    schemes = ("https", "http") if settings.WEBHOOK_ALLOW_HTTP else ("https",)
    if url.scheme not in schemes or not url.host:
        raise AddressRefused("url", "The address must begin with https:// and name a host.")
    if url.user is not None or url.password is not None:
        raise AddressRefused("url", "The address must not hold a user name or a password.")
    if url.fragment:
        raise AddressRefused("url", "The address must not have a part behind #.")
    if port not in (80, 443) and (port is None or port < 1_024):
        raise AddressRefused("url", "The port must be 443, 80, or 1024 and above.")
    host = url.raw_host or ""
    # The HTTP client takes whatever looks like a number for an address, and asks nobody.
    if _literal(host) is None and _ENDS_IN_NUMBER.search(host):
        raise AddressRefused("url", "A host of numbers must be written as a usual IP address.")
    return url


def is_allowed(address: Address) -> bool:
    """Tell whether webhooks may connect to an address: a public one, or one of the allowed networks."""
    address = _meant(address)
    if any(address in network for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return True
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in _NEVER)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for (mapped, NAT64), or the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _literal(host: str) -> Address | None:
    if "%" in host:
        raise AddressRefused("url", "The address must not name a network interface.")
    try:
        return ip_address(host)
    except ValueError:
        return None


def _resolved(host: str, port: int) -> list[Address]:
    words = f"{host} cannot be found. Is the name right?"
    found: Future[list[str]] = _resolving.submit(resolve, host, port)
    try:
        addresses = [ip_address(address) for address in found.result(RESOLVE_SECONDS)]
    except (OSError, TookTooLong, ValueError):  # ValueError: a name that no server takes, or a zone
        raise AddressRefused("name", words) from None
    if not addresses:
        raise AddressRefused("name", words)
    return addresses


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, each once, in the order in which the system prefers them.

    Raises:
        OSError: there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))
