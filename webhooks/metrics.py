"""What is counted of webhooks: what came of each try."""

from typing import Final

from prometheus_client import Counter, Histogram

TRIES: Final = Counter(
    "chatsite_webhook_tries", "Tries to deliver a webhook: 'delivered', or why not.", ["outcome"]
)
SECONDS: Final = Histogram(
    "chatsite_webhook_seconds", "Time of a try.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
)


def tried(error: str, ms: int) -> None:
    """Count a try.

    Args:
        error: one of ``outcomes.ERRORS``; empty where it was delivered.
        ms: how long it took.
    """
    TRIES.labels(error or "delivered").inc()
    SECONDS.observe(ms / 1_000)
