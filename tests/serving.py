"""A real server process of the product, for tests of what only a whole process shows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.ports import free_port

__all__ = ["environment", "free_port", "manage", "server"]

START_SECONDS = 30


def environment(folder: Path, port: int, **changes: str) -> dict[str, str]:
    """Return the environment of an embedded server with its own database in ``folder``."""
    kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    return {**kept, "VAR_DIR": str(folder), "PORT": str(port), "LLM_CHAIN": "extractive", **changes}


def manage(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a management command in a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=env, capture_output=True, text=True, check=False
    )


@contextmanager
def server(env: dict[str, str], *, runner: str = "uvicorn") -> Iterator[str]:
    """Serve the product until the block ends; yields the address."""
    port = env["PORT"]
    commands = {
        "uvicorn": ["uvicorn", "chatsite.asgi:application", "--port", port, "--ws", "websockets-sansio",
                    "--log-level", "warning", "--no-proxy-headers"],
        "daphne": ["daphne", "-b", "127.0.0.1", "-p", port, "chatsite.asgi:application"],
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", *commands[runner]], env=env)
    try:
        _wait_until_up(process, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            httpx.get(url, timeout=20)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up")
