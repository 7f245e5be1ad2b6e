"""A collector of traces over real HTTP: takes OTLP in protobuf and keeps the spans."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE_SECONDS = 10.0


class Collector:
    """What has come in."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.resources: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.raw = b""
        self._came = threading.Condition()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Keep one request."""
        assert path == "/v1/traces"
        assert headers["content-type"] == "application/x-protobuf"
        body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        request = ExportTraceServiceRequest.FromString(body)
        with self._came:
            self.raw += body
            self.headers.append(headers)
            for of_resource in request.resource_spans:
                self.resources.append(attributes_of(of_resource.resource))
                for scope in of_resource.scope_spans:
                    self.spans += scope.spans
            self._came.notify_all()

    def until(self, *names: str) -> list[Span]:
        """Return the spans of the trace in which spans of all these names stand, waiting for them to come."""
        end = time.monotonic() + PATIENCE_SECONDS
        with self._came:
            while (whole := self._trace_with(names)) is None:
                if not self._came.wait(end - time.monotonic()):
                    raise AssertionError(f"no {names} among {sorted({span.name for span in self.spans})}")
            return whole

    def _trace_with(self, names: tuple[str, ...]) -> list[Span] | None:
        for trace in {span.trace_id for span in self.spans}:
            whole = [span for span in self.spans if span.trace_id == trace]
            if set(names) <= {span.name for span in whole}:
                return whole
        return None


def attributes_of(holder: Any) -> dict[str, Any]:
    """Return attributes as plain values."""
    return {each.key: _plain(each.value) for each in holder.attributes}


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(each) for each in value.array_value.values]
    return getattr(value, kind)


def one(spans: list[Span], name: str) -> Span:
    """Return the only span of a name."""
    (found,) = [span for span in spans if span.name == name]
    return found


def parent_of(span: Span, spans: list[Span]) -> str:
    """Return the name of a span's parent; empty for the first of a trace."""
    return next((each.name for each in spans if each.span_id == span.parent_span_id), "")


@contextmanager
def collecting(port: int) -> Iterator[Collector]:
    """Serve a collector on a loopback port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
