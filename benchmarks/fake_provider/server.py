"""A small HTTP/1.1 server for the fake provider: raw asyncio, as 2,000 answers stream through it at once."""

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, cast

from benchmarks.fake_provider.answer import SLICE_SECONDS, Answer, http_chunks
from benchmarks.fake_provider.calling import calls_of, refused_tools, with_last_number
from benchmarks.fake_provider.obedient import obedient_answer
from benchmarks.fake_provider.script import Fault, Script
from benchmarks.fake_provider.wire import AnthropicWire, OpenAIWire, Wire

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
REASONS |= {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
CODES = {400: "invalid_value", 401: "invalid_api_key", 403: "forbidden", 404: "model_not_found"}
CODES |= {429: "rate_limit_exceeded"}
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"
TIMINGS_KEPT = 50_000
HELD_SECONDS = 0.01  # between two looks at whether a held answer may begin


@dataclass(slots=True)
class Ledger:
    """What happened: counts, the last requests, and when each marked question came and was first answered."""

    calls: int = 0
    running: int = 0
    peak: int = 0
    finished: int = 0
    disconnects: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=500))
    timings: dict[str, tuple[float, float | None]] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        names = ("calls", "running", "peak", "finished", "disconnects", "faults")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, read whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Connection(asyncio.Protocol):
    """One client's connection; answers one request after the other.

    Args:
        script: how calls are answered; read anew for every call.
        ledger: where everything is counted.
        open_connections: every open connection, so that the server can close them.
    """

    def __init__(self, script: Script, ledger: Ledger, open_connections: set["Connection"]):
        self._script, self._ledger, self._open = script, ledger, open_connections
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._answer: Answer | None = None
        self._steps: Iterator[float] = iter(())
        self._held: asyncio.TimerHandle | None = None
        self._paused = False

    # --- asyncio.Protocol -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class, with the same methods
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        """Collect a request; answer it when it is whole."""
        self._buffer += data
        if self._answer is None and (request := self._take_request()):
            self._serve(request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a client that left in the middle of an answer."""
        self._open.discard(self)
        if self._held:
            self._held.cancel()
        if self._answer is not None:
            self._ledger.disconnects += 1
            self._end_answer()

    def pause_writing(self) -> None:
        """Stop writing for a client that does not read."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on writing."""
        self._paused = False
        if self._answer is not None:
            if self._held:
                self._held.cancel()
            self._go_on()

    # --- requests ---------------------------------------------------------------------------------

    def _take_request(self) -> HttpRequest | None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        method, path, _ = first.split(" ", 2)
        return HttpRequest(method, path, headers, json.loads(rest[:length]) if length else {})

    def _serve(self, request: HttpRequest) -> None:
        path = request.path.partition("?")[0]
        if path.endswith("/chat/completions"):
            self._call(request, OpenAIWire(request.body, self._ledger.calls))
        elif path.endswith("/messages"):
            self._call(request, AnthropicWire(request.body, self._ledger.calls))
        elif path.endswith("/models"):
            models = [{"id": name, "object": "model", "owned_by": "fake"} for name in ("fake", "fake-mini")]
            self._reply(200, {"object": "list", "data": models})
        elif path.startswith("/control"):
            self._control(request, path)
        else:
            self._reply(404, {"error": {"message": f"no such path: {path}", "code": "unknown_url"}})

    def _control(self, request: HttpRequest, path: str) -> None:
        if request.method == "POST":
            try:
                self._script.change(request.body)
            except ValueError as error:
                return self._reply(400, {"error": str(error)})
        views: dict[str, Any] = {
            "/control/requests": list(self._ledger.requests),
            "/control/timings": self._ledger.timings,
        }
        return self._reply(200, views.get(path, self._ledger.summary()))

    # --- model calls ------------------------------------------------------------------------------

    def _call(self, request: HttpRequest, wire: Wire) -> None:
        ledger = self._ledger
        ledger.calls += 1
        ledger.requests.append({"path": request.path, "headers": request.headers, "body": request.body})
        model = str(request.body.get("model") or "")
        fault = self._script.next_fault(model, request.headers.get("x-fake-fault", ""))
        if fault:
            ledger.faults[fault.name] = ledger.faults.get(fault.name, 0) + 1
        if fault and (refusal := _refusal(fault)):
            return self._reply(refusal[0], wire.error(*refusal), **_retry_after(fault))
        if self._script.refuses_tools and request.body.get("tools"):
            return self._reply(400, refused_tools(request.body))
        if fault and fault.name == "unsupported":
            return self._reply(400, _unsupported(request.body))
        if fault and fault.name == "reset":
            return self.transport.abort()
        return self._begin(request, wire, fault)

    def _begin(self, request: HttpRequest, wire: Wire, fault: Fault | None) -> None:
        script = self._script.snapshot()
        if script.verdict is not None and _asks_for_verdict(request.body):
            script.text = script.verdict
        elif script.obeys:
            script.text = obedient_answer(request.body)
        if script.text is not None:
            script.text = with_last_number(script.text, request.body)
        answer = Answer(wire, script, fault, _last_text(request.body), monotonic)
        answer.lasts = lambda: self._script.lasts
        answer.calls = calls_of(script, request.body)
        self._answer = answer
        self._ledger.running += 1
        self._ledger.peak = max(self._ledger.peak, self._ledger.running)
        if fault and fault.name == "hang":
            return
        self._steps = self._streamed(answer) if request.body.get("stream") else self._plain(wire, answer)
        self._when_released()

    def _when_released(self) -> None:
        if self._script.held:
            self._held = self._loop.call_later(HELD_SECONDS, self._when_released)
        else:
            self._go_on()

    def _streamed(self, answer: Answer) -> Iterator[float]:
        self.transport.write(STREAM_HEAD)
        for at in answer.steps():
            if at > monotonic():
                yield from self._write(answer)
                yield at
        # The end of the body goes with the last event: whoever reads waits a moment for it only, then gives
        # the connection up where it does not come.
        yield from self._write(answer, b"" if answer.cut else LAST_CHUNK)

    def _write(self, answer: Answer, end: bytes = b"") -> Iterator[float]:
        chunks = http_chunks(answer.take(), answer.script)
        if not answer.script.slice:
            self.transport.write(b"".join(chunks) + end)
            return
        for chunk in chunks:  # each alone, so that the reader meets the cut and not the joined whole
            self.transport.write(chunk)
            yield monotonic() + SLICE_SECONDS
        self.transport.write(end)

    def _plain(self, wire: Wire, answer: Answer) -> Iterator[float]:
        words = answer.words()
        yield answer.arrived + answer.script.delay + answer.script.interval * len(words)
        answer.first_token_at = monotonic()
        self._reply(200, wire.plain("".join(words), len(words)))

    def _go_on(self) -> None:
        """Run the answer up to the next moment that has not come yet."""
        self._held = None
        while not self._paused:
            at = next(self._steps, None)
            if at is None:
                return self._finish()
            if at > monotonic():
                if at != inf:
                    self._held = self._loop.call_at(at, self._go_on)
                return None
        return None

    def _finish(self) -> None:
        answer = self._answer
        assert answer is not None
        self._end_answer()
        if answer.cut:
            return self.transport.close()
        self._ledger.finished += 1
        return self.data_received(b"")

    def _end_answer(self) -> None:
        answer, self._answer = self._answer, None
        assert answer is not None
        self._steps = iter(())
        self._ledger.running -= 1
        if len(self._ledger.timings) < TIMINGS_KEPT:
            self._ledger.timings[answer.prefix] = (answer.arrived, answer.first_token_at)

    def _reply(self, status: int, body: object, **headers: str) -> None:
        content = json.dumps(body).encode()
        head = {"content-type": "application/json", "content-length": str(len(content)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        first = f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}\r\n"
        self.transport.write(f"{first}{lines}\r\n".encode() + content)


def _refusal(fault: Fault) -> tuple[int, str] | None:
    if fault.name == "context_length":
        return 400, "context_length_exceeded"
    if fault.name == "quota":
        return 429, "insufficient_quota"
    status = fault.status
    return (status, CODES.get(status, "server_error")) if status else None


def _unsupported(body: dict[str, Any]) -> dict[str, Any]:
    """Refuse the name under which the token limit came."""
    sent, wanted = "max_tokens", "max_completion_tokens"
    if wanted in body:
        sent, wanted = wanted, sent
    message = f"Unsupported parameter: '{sent}' is not supported with this model. Use '{wanted}' instead."
    code = "unsupported_parameter"
    return {"error": {"message": message, "type": "invalid_request_error", "param": sent, "code": code}}


def _retry_after(fault: Fault) -> dict[str, str]:
    return {"retry-after": fault.argument or "1"} if fault.status == 429 else {}


def _last_text(body: dict[str, Any]) -> str:
    messages = body.get("messages") or [{}]
    texts = [one for one in messages if one.get("role") == "user" and isinstance(one.get("content"), str)]
    return str((texts or messages)[-1].get("content", ""))


def _asks_for_verdict(body: dict[str, Any]) -> bool:
    first = (body.get("messages") or [{}])[0]
    rules = str(body.get("system") or first.get("content", ""))
    return "is_crisis" in rules or '"sentiment"' in rules
