"""The sender: one OpenTelemetry provider a process, begun and ended with it; without an address, nothing.

OpenTelemetry's SDK is only imported when there is an address. It sends in a thread of its own, in batches,
and drops what it cannot send: a collector that is away slows nobody down.
"""

import os
import socket
import threading
from typing import TYPE_CHECKING, Final

import structlog
from django.conf import settings

from chat import spans

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import Sampler

logger = structlog.get_logger(__name__)

SEND_SECONDS: Final = 5.0  # patience with one batch
END_SECONDS: Final = 5.0  # for the last spans of a process that ends
BATCH_DELAY_MS: Final = 2_000
MOST_WAITING: Final = 8_192  # spans of one process that are not sent yet; more are dropped
MOST_AT_ONCE: Final = 512

_provider: "TracerProvider | None" = None
_beginning = threading.Lock()


def begin() -> None:
    """Record spans from now on, where the settings name somebody to send them to; once a process."""
    global _provider  # one a process
    if not settings.TRACES_URL:
        return
    with _beginning:
        if _provider is None:
            _provider = _made()
            spans.use(_provider.get_tracer("chatsite"))
            logger.info("tracing_begun")


def end() -> None:
    """Send what is left, for some seconds at most, and record no more."""
    global _provider
    with _beginning:
        provider, _provider = _provider, None
        spans.use(None)
    if provider is None:
        return
    # The SDK waits as long as it takes; a process that ends does not.
    last = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
    last.start()
    last.join(END_SECONDS)
    if last.is_alive():
        logger.warning("spans_not_sent")


def _made() -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {
        "service.name": settings.TRACES_SERVICE_NAME,
        "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
    }
    exporter = OTLPSpanExporter(
        endpoint=settings.TRACES_URL, headers=settings.TRACES_HEADERS, timeout=SEND_SECONDS
    )
    # Ended by ``end``, not by the SDK at exit: by then the loop that answers is gone.
    provider = TracerProvider(sampler=_sampler(), resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=MOST_WAITING,
            schedule_delay_millis=BATCH_DELAY_MS,
            max_export_batch_size=MOST_AT_ONCE,
        )
    )
    return provider


def _sampler() -> "Sampler":
    """Return the sampler that ``OTEL_TRACES_SAMPLER`` names, as the OpenTelemetry specification has them."""
    from opentelemetry.sdk.trace import sampling

    name, share = settings.TRACES_SAMPLER, settings.TRACES_SAMPLER_SHARE
    roots: dict[str, Sampler] = {
        "always_on": sampling.ALWAYS_ON,
        "always_off": sampling.ALWAYS_OFF,
        "traceidratio": sampling.TraceIdRatioBased(share),
    }
    root = roots[name.removeprefix("parentbased_")]
    return sampling.ParentBased(root) if name.startswith("parentbased_") else root
