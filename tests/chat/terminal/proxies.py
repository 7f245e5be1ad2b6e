"""A proxy that cuts connections, between a terminal and a desk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

# Of a request's head and of what has reached the client: whether to cut before more does.
Cut = Callable[[bytes, bytes], bool]


class CuttingProxy:
    """Passes bytes on, one request a connection, until ``cut`` says to break off."""

    def __init__(self, address: str, cut: Cut):
        self._host, self._port = urlsplit(address).hostname, urlsplit(address).port
        self._cut = cut
        self.heads: list[bytes] = []
        self.cuts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
        )
        body = await reader.readexactly(length)
        there, onward = await asyncio.open_connection(self._host, self._port)
        onward.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + body)
        passed = b""
        with suppress(ConnectionError):
            while chunk := await there.read(65_536):
                if self._cut(head, passed):
                    self.cuts += 1
                    writer.transport.abort()
                    break
                writer.write(chunk)
                await writer.drain()
                passed += chunk
        onward.close()
        writer.close()


@asynccontextmanager
async def cutting(address: str, cut: Cut) -> AsyncIterator[tuple[CuttingProxy, str]]:
    """Yield a proxy before ``address``, and its own address."""
    proxy = CuttingProxy(address, cut)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield proxy, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
