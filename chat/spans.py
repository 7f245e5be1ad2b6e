"""Spans: how long the parts of an answer take, for whoever collects traces; what was said is never in one.

The apps open spans here and know nothing of how they are sent: the project gives a tracer to ``use`` when
tracing is switched on. Until then every span is the same empty object, and OpenTelemetry is not touched.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

Kind = Literal["internal", "server", "client", "consumer"]
Attributes = Mapping[str, Any]

_tracer: "Tracer | None" = None


class Span:
    """A span that nobody records."""

    __slots__ = ()

    def __enter__(self) -> Self:
        """Begin, and be the parent of what is opened inside."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    @property
    def is_recorded(self) -> bool:
        """Tell whether it is worth finding out what to ``set``."""
        return False

    def set(self, attributes: Attributes) -> None:
        """Add attributes: figures and names, never people's words."""

    def rename(self, name: str) -> None:
        """Give another name, once it is known."""

    def failed(self, code: str) -> None:
        """Note that the work failed, and by which kind of error."""

    def headers(self) -> dict[str, str]:
        """Return the W3C headers by which another process takes it for the parent."""
        return {}

    def end(self) -> None:
        """End a span that was not entered."""


class _Recorded(Span):
    __slots__ = ("_span", "_token")

    def __init__(
        self, tracer: "Tracer", name: str, kind: Kind, attributes: Attributes, parent: "Context | None"
    ):
        from opentelemetry.trace import SpanKind

        self._span = tracer.start_span(
            name, context=parent, kind=SpanKind[kind.upper()], attributes=dict(attributes)
        )
        self._token: Any = None

    def __enter__(self) -> Self:
        from opentelemetry.context import attach
        from opentelemetry.trace import set_span_in_context

        self._token = attach(set_span_in_context(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from opentelemetry.context import detach

        detach(self._token)
        if isinstance(error, Exception):  # a cancellation is no failure
            # Neither its message nor its traceback: either may hold what somebody wrote.
            self.failed(getattr(error, "code", None) or type(error).__name__)
        self._span.end()

    @property
    def is_recorded(self) -> bool:
        return self._span.is_recording()

    def set(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(attributes))

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def failed(self, code: str) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_attribute("error.type", code)
        self._span.set_status(StatusCode.ERROR)

    def headers(self) -> dict[str, str]:
        from opentelemetry.trace import set_span_in_context

        return _written(set_span_in_context(self._span))

    def end(self) -> None:
        self._span.end()


NOTHING: Final = Span()


def use(tracer: "Tracer | None") -> None:
    """Have spans recorded by ``tracer`` from now on; by nobody where it is None."""
    global _tracer  # one a process, as the sender behind it
    _tracer = tracer


def is_on() -> bool:
    """Tell whether spans are recorded."""
    return _tracer is not None


def span(
    name: str,
    attributes: Attributes | None = None,
    *,
    kind: Kind = "internal",
    parent: "Context | None" = None,
) -> Span:
    """Return a span, to be entered, or to be ended with ``end`` where nothing is opened inside.

    Args:
        name: few different ones: no ids, no words of people.
        attributes: what is known at the start.
        kind: ``client`` for a call of another program, ``server`` and ``consumer`` for being called.
        parent: what ``remote`` has read; by default the span that is open around this one.
    """
    if _tracer is None:
        return NOTHING
    return _Recorded(_tracer, name, kind, attributes or {}, parent)


def remote(headers: Mapping[str, str]) -> "Context | None":
    """Return the parent that another process names in its W3C headers; None where there is none."""
    if _tracer is None or "traceparent" not in headers:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract(headers)


def outgoing_headers() -> dict[str, str]:
    """Return the W3C headers that name the span open right now; empty where there is none."""
    return {} if _tracer is None else _written(None)


def under(parent: "Context | None") -> object:
    """Let what follows in this thread or task have that parent; None for none at all.

    Returns:
        What ``no_longer_under`` takes.
    """
    if _tracer is None:
        return None
    from opentelemetry.context import Context, attach

    return attach(parent if parent is not None else Context())


def no_longer_under(token: object) -> None:
    """Undo ``under``."""
    if token is not None:
        from opentelemetry.context import detach

        detach(token)  # type: ignore[arg-type]


def trace_ids() -> dict[str, str]:
    """Return ``trace_id`` and ``span_id`` of the open span, for log lines; empty where there is none."""
    if _tracer is None:
        return {}
    from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

    known = get_current_span().get_span_context()
    if not known.is_valid:
        return {}
    return {"trace_id": format_trace_id(known.trace_id), "span_id": format_span_id(known.span_id)}


def _written(context: "Context | None") -> dict[str, str]:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier, context)
    return carrier
