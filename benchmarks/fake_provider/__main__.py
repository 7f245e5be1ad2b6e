"""Run the fake provider by itself until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import signal

import uvloop

from benchmarks.fake_provider import FakeProvider


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fake_provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.3, help="seconds before the first token")
    parser.add_argument("--interval", type=float, default=0.02, help="seconds between tokens")
    parser.add_argument("--tokens", type=int, default=120, help="tokens of an answer")
    parser.add_argument("--citations", action="store_true", help="put [1] after every tenth word")
    parser.add_argument("--obeys", action="store_true", help="do whatever documents and customers order")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    settings = {name: value for name, value in vars(arguments).items() if name != "port"}
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with FakeProvider(arguments.port, **settings) as provider:
        print(provider.base_url, flush=True)
        await stopped.wait()


if __name__ == "__main__":
    uvloop.run(_serve(_arguments()))
