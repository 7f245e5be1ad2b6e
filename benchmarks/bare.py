"""The bare relay: the least that carrying an answer from a provider to a socket can cost.

Raw ``websockets`` to the client, aiohttp from the provider, pieces joined for 50 ms like the product does. No
Django, no sign-in, no search, no compression, nothing kept. It takes and sends the product's frames as far as
it needs them, so that one load client measures both. ``python -m benchmarks.bare --provider URL`` prints its
port.
"""

import argparse
import asyncio
import json
import signal
from collections.abc import AsyncIterator

import aiohttp
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

COALESCE_SECONDS = 0.05


class Relay:
    """Answers every question that comes on a socket.

    Args:
        session: connections to the provider.
        provider: base address of the provider, up to and with ``/v1``.
    """

    def __init__(self, session: aiohttp.ClientSession, provider: str):
        self._session = session
        self._address = f"{provider}/chat/completions"

    async def serve(self, socket: ServerConnection) -> None:
        """Serve one socket until its client leaves."""
        try:
            await socket.send('{"type":"ready"}')
            async for message in socket:
                await self._answer(socket, json.loads(message)["text"])
        except ConnectionClosed:
            return

    async def _answer(self, socket: ServerConnection, question: str) -> None:
        body = {"model": "fake", "stream": True, "messages": [{"role": "user", "content": question}]}
        whole = ""
        async with self._session.post(self._address, json=body) as response:
            async for piece in pieces(response.content):
                whole += piece
                await socket.send(json.dumps({"type": "turn.delta", "text": piece}))
        done = {"type": "turn.completed", "message": {"text": whole}, "source": {"kind": "model"}}
        await socket.send(json.dumps(done))


async def pieces(body: aiohttp.StreamReader) -> AsyncIterator[str]:
    """Yield the answer's text: the first piece at once, then what came in each 50 ms."""
    rest = b""
    while chunk := await body.readany():
        *lines, rest = (rest + chunk).split(b"\n")
        if text := "".join(map(text_of, lines)):
            yield text
        if b"data: [DONE]" in lines:
            return
        if text:
            await asyncio.sleep(COALESCE_SECONDS)


def text_of(line: bytes) -> str:
    """Return the text that one line of the event stream brings."""
    if not line.startswith(b"data: {"):
        return ""
    choices = json.loads(line[6:])["choices"]
    return (choices[0]["delta"].get("content") or "") if choices else ""


async def _main(provider: str) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        relay = Relay(session, provider)
        async with serve(relay.serve, "127.0.0.1", 0, compression=None, backlog=4096) as server:
            print(server.sockets[0].getsockname()[1], flush=True)
            await stopped.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare", description=__doc__)
    parser.add_argument("--provider", required=True, help="base address of the provider, with /v1")
    uvloop.run(_main(parser.parse_args().provider))
