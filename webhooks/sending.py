"""One message to one receiver over HTTP, within bounds: where it goes, how long it takes, what is read."""

import asyncio
import ssl
import time
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import IPv4Address
from socket import AF_INET, AF_INET6
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from webhooks.addresses import Address, Destination, destination_of
from webhooks.errors import AddressRefused
from webhooks.outcomes import Outcome

CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 15.0
KEPT_BYTES: Final = 2_048  # of an answer
_TIMEOUT: Final = aiohttp.ClientTimeout(total=WHOLE_SECONDS, sock_connect=CONNECT_SECONDS)


def send(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Post a message and tell what came of it. Blocks for at most twenty seconds; raises nothing."""
    began = time.monotonic()

    def since() -> int:
        return round((time.monotonic() - began) * 1_000)

    try:
        destination = destination_of(url)
        return asyncio.run(_post(destination, body, headers, began))
    except AddressRefused as refused:
        return Outcome(error=refused.code, ms=since(), response=refused.words)
    except (TimeoutError, aiohttp.ServerTimeoutError):
        return Outcome(error="timeout", ms=since())
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        return Outcome(error="tls", ms=since(), response=clean(str(error)))
    except (aiohttp.ClientConnectorError, ConnectionError, aiohttp.ServerDisconnectedError) as error:
        return Outcome(error="connect", ms=since(), response=clean(str(error)))
    except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: headers that are none
        return Outcome(error="protocol", ms=since(), response=clean(str(error)))


async def _post(destination: Destination, body: bytes, headers: dict[str, str], began: float) -> Outcome:
    connector = aiohttp.TCPConnector(
        resolver=_Pinned(destination.addresses), use_dns_cache=False, ssl=_trust(), force_close=True
    )
    # No proxy and no password from the environment, no cookies, nothing unpacked: a small answer may be huge.
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_TIMEOUT,
        trust_env=False,
        auto_decompress=False,
    ) as session:
        sent = {"Accept-Encoding": "identity", "Content-Type": "application/json", **headers}
        async with session.post(destination.url, data=body, headers=sent, allow_redirects=False) as response:
            excerpt = await _beginning(response)
            ms = round((time.monotonic() - began) * 1_000)
            return Outcome(
                response.status, _error_of(response.status), ms, clean(excerpt), _retry_after(response)
            )


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """Return the first two kilobytes of the answer. One that breaks off or never ends has been given."""
    kept = b""
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        while len(kept) < KEPT_BYTES:
            piece = await response.content.read(KEPT_BYTES - len(kept))
            if not piece:
                break
            kept += piece
    return kept.decode("utf-8", "replace")


def clean(text: str) -> str:
    """Return a stranger's text without characters that act on a terminal or turn the direction of writing."""
    return "".join(
        one
        for one in text[:KEPT_BYTES]
        if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs")
    )


def _error_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return "redirect" if 300 <= status < 400 else "status"


def _retry_after(response: aiohttp.ClientResponse) -> float:
    """Return the seconds of Retry-After (RFC 9110, 10.2.3): a number, or a date."""
    written = response.headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return float(written[:9])
    with suppress(ValueError, TypeError):
        moment = parsedate_to_datetime(written)
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
    return 0.0


class _Pinned(AbstractResolver):
    """Gives the connection the addresses that were looked at, and never asks anybody."""

    def __init__(self, addresses: Sequence[Address]):
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: int = AF_INET) -> list[ResolveResult]:
        """Return the addresses in the form of ``getaddrinfo``."""
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=AF_INET if isinstance(address, IPv4Address) else AF_INET6,
                proto=0,
                flags=0,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """There is nothing to close."""


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Return the machine's trusted authorities, read once."""
    return ssl.create_default_context()
