"""One streamed answer, written step by step: each step says when the next one is due."""

import json
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

from benchmarks.fake_provider.script import Fault, Script, answer_words, prefix_of
from benchmarks.fake_provider.wire import Wire

GARBAGE = b"\x00\xff\xfe<html>\x93 502 Bad Gateway \x80</html>\n\n" * 4
MALFORMED = b'data: {"choices":[{"index":0,"delta":{"content":"bro\n\n'
KEEP_ALIVE_SECONDS = 0.05
ENDLESS_SECONDS = 0.001  # an answer without end must still let others speak
SLICE_SECONDS = 0.0005  # long enough for the reader to see a slice by itself


class Answer:
    """An answer under way.

    Args:
        wire: how it is written down.
        script: what it says and how fast.
        fault: how it goes wrong, if it does.
        question: text of the last user message; its ``#mark`` becomes the prefix of every word.
        now: the clock, in seconds.
    """

    def __init__(
        self, wire: Wire, script: Script, fault: Fault | None, question: str, now: Callable[[], float]
    ):
        self._wire, self.script, self._now = wire, script, now
        self.calls: list[dict[str, Any]] = []  # of tools, in which this answer ends
        self.fault = fault
        self.prefix = prefix_of(question)
        self.lasts: Callable[[], bool] = bool  # tells whether the text is to be written once more
        self.cut = False
        self.arrived = now()
        self.first_token_at: float | None = None
        self._out = bytearray()

    def words(self) -> list[str]:
        """Return the tokens of the whole answer."""
        script = self.script
        if script.text is None:
            return answer_words(self.prefix, script.tokens, citations=script.citations)
        # A cut after every fourth character falls inside words and beside emoji, as real tokens do.
        return [script.text[at : at + 4] for at in range(0, len(script.text), 4)]

    def take(self) -> bytes:
        """Return the body bytes written since the last call."""
        out, self._out = bytes(self._out), bytearray()
        return out

    def steps(self) -> Iterator[float]:
        """Write the answer; yields the time (of the clock given) to go on at, ``inf`` for never."""
        name = self.fault.name if self.fault else ""
        self._out += self._wire.opening()
        if name == "silence":
            yield from self._keep_silent()
        yield from self._pause_before_first(name)
        if self.calls and not name:
            yield from self._ask()
            return
        words = [] if name in ("empty", "content_filter_early", "cut_early") else self.words()
        broken = name in ("cut", "stall_middle", "no_finish", "content_filter", "error_object")
        broken = broken or name in ("garbage", "malformed", "wrong_shape")
        yield from self._write(words[: len(words) // 2] if broken else words)
        while self.lasts():
            yield from self._write(words)
        while name == "endless":
            yield self._now() + ENDLESS_SECONDS
            yield from self._write(words)
        if name == "stall_middle":
            yield inf
        self._close(name, len(words))

    def _ask(self) -> Iterator[float]:
        said = self.script.says
        yield from self._write([said[at : at + 4] for at in range(0, len(said), 4)])
        for index, call in enumerate(self.calls):
            arguments = call["arguments"]
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            self._out += self._wire.call(index, f"call_{len(text)}_{index}", call["name"], text)
            yield self._now() + self.script.interval
        self._out += self._wire.closing("tool_calls", len(self.calls) * 10, usage=True, end=True)

    def _keep_silent(self) -> Iterator[float]:
        while True:
            self._out += self._wire.keep_alive()
            yield self._now() + KEEP_ALIVE_SECONDS

    def _pause_before_first(self, name: str) -> Iterator[float]:
        if name == "stall_first":
            yield inf
        if self.script.delay:
            yield self.arrived + self.script.delay

    def _write(self, words: list[str]) -> Iterator[float]:
        due = self._now()
        for word in words:
            if due > self._now():
                yield due
            if self.first_token_at is None:
                self.first_token_at = self._now()
            self._out += self._wire.text(word)
            due += self.script.interval
        yield due  # the finish is a token of its own

    def _close(self, name: str, tokens: int) -> None:
        bodies = {"garbage": GARBAGE, "malformed": MALFORMED, "wrong_shape": self._wire.wrong_shape()}
        if name in ("cut", "cut_early"):
            self.cut = True
        elif name in bodies:
            self._out += bodies[name]
        elif name == "error_object":
            self._out += self._error_event()
        elif name != "no_finish":
            self._out += self._wire.closing(self._reason(name), tokens, usage=name != "no_usage", end=True)

    def _reason(self, name: str) -> str | None:
        if name == "finish" and self.fault:
            return self.fault.argument
        if name == "done_only":
            return None
        return "content_filter" if name.startswith("content_filter") else "stop"

    def _error_event(self) -> bytes:
        code = self.fault.argument if self.fault and self.fault.argument else "server_error"
        return f"event: error\ndata: {json.dumps(self._wire.error(503, code))}\n\n".encode()


def http_chunks(body: bytes, script: Script) -> list[bytes]:
    """Cut body bytes into HTTP chunks: one an event, or of ``script.slice`` bytes wherever that falls."""
    if script.newline != "\n":
        body = body.replace(b"\n", script.newline.encode())
    if script.slice:
        pieces = [body[at : at + script.slice] for at in range(0, len(body), script.slice)]
    else:
        end = script.newline.encode() * 2
        pieces = [event + end for event in body.split(end) if event]
    return [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
