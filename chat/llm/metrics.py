"""What is counted of providers: their failures. What they answer is counted with the turns."""

from typing import Final

from prometheus_client import Counter

FAILURES: Final = Counter(
    "chatsite_provider_failures",
    "Calls of a provider that failed, by the error's code.",
    ["provider", "code"],
)
