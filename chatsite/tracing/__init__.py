"""Traces: spans go to an OpenTelemetry collector, or whoever else takes OTLP (docs/tracing.md)."""

from chatsite.tracing.carrying import connect
from chatsite.tracing.sending import begin, end

__all__ = ["begin", "connect", "end"]
