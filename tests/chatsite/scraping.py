"""Reading ``/metrics`` as Prometheus does."""

import asyncio
from collections import Counter
from typing import Any

from django.core.asgi import get_asgi_application
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from chatsite.metrics.door import Metrics

LOOPBACK = "127.0.0.1"
DOOR = Metrics(get_asgi_application())


async def get(
    path: str = "/metrics", *, peer: str = LOOPBACK, app: Any = DOOR, **headers: str
) -> tuple[int, str]:
    """Ask as a program at ``peer`` does; return status and text."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8000"), *raw], "client": (peer, 40_000),
        "server": ("127.0.0.1", 8000), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        return await asyncio.Future()  # the connection stays open

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], body.decode()


async def scrape() -> list[Metric]:
    """Return every family that this desk's processes give out."""
    status, text = await get()
    assert status == 200
    return list(text_string_to_metric_families(text))


async def values() -> Counter[tuple[str, ...]]:
    """Return each sample by its name and the values of its labels, over all processes."""
    found: Counter[tuple[str, ...]] = Counter()
    for family in await scrape():
        for sample in family.samples:
            labels = (value for name, value in sorted(sample.labels.items()) if name != "process")
            found[(sample.name, *labels)] += sample.value
    return found
