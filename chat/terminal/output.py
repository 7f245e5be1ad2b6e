"""Output without a terminal: plain text for people, JSON lines for programs."""

import json
from typing import Any, Protocol, TextIO

from chat.errors import ChatError
from chat.terminal import wording
from chat.terminal.desk import CONNECTION_LOST, Event

_TOLD = {"turn.stopped": "Stopped.", "turn.restarted": "The answer begins anew."}


class Output(Protocol):
    """Where a conversation is shown; ``Screen`` is another one."""

    def say(self, words: str) -> None:
        """Tell something that is not of the conversation, in the program's own words."""

    def headline(self, words: str) -> None:
        """Begin another part."""

    def refused(self, error: ChatError) -> None:
        """Tell why something could not be done."""

    def message(self, message: dict[str, Any]) -> None:
        """Show one message of earlier."""

    def event(self, event: Event) -> None:
        """Show one event of an answer."""

    def leave(self) -> None:
        """Leave an answer that goes on without being shown."""


class PlainText:
    """The finished answer with its footnotes on ``out``, everything else on ``errors``."""

    def __init__(self, out: TextIO, errors: TextIO, site: str):
        self._out, self._errors, self._site = out, errors, site

    def say(self, words: str) -> None:
        """Tell something that is not of the conversation."""
        _write_line(self._errors, words)

    def headline(self, words: str) -> None:
        """Begin another part."""
        self.say(f"\n{words}")

    def refused(self, error: ChatError) -> None:
        """Tell why something could not be done."""
        self.say(wording.safe(error.words))

    def message(self, message: dict[str, Any]) -> None:
        """Show one message of earlier."""
        self._show(f"{wording.exchange_author(message['role'])}: {message['text']}", message["citations"])

    def event(self, event: Event) -> None:
        """Show the outcome of an answer; what went wrong goes beside it."""
        if event["type"] in ("turn.completed", "turn.stopped") and event.get("message"):
            first, after = wording.by_place(event.get("notices") or [])
            self._notices(first)
            self._show(event["message"]["text"], event.get("citations") or [])
            self._notices(after)
        if event["type"] in ("turn.failed", CONNECTION_LOST):
            self.say(wording.safe(event["words"]))
        elif words := _TOLD.get(event["type"]):
            self.say(words)

    def leave(self) -> None:
        """Do nothing: nothing half is shown."""

    def _notices(self, notices: list[dict[str, Any]]) -> None:
        for notice in notices:
            _write_line(self._out, "\n" + "\n".join(wording.notice_lines(notice)))

    def _show(self, text: str, citations: list[dict[str, Any]]) -> None:
        lines = [wording.answer_text(text), *[""] * bool(citations)]
        for citation in citations:
            address = wording.footnote_address(citation, self._site)
            words = f"[{wording.safe(citation['number'])}] {wording.footnote_words(citation)}"
            lines.append(f"{words} {address}".rstrip())
        _write_line(self._out, "\n".join(lines))


class JsonLines:
    """Every event as one line of JSON on ``out``; errors too, as the socket has them."""

    def __init__(self, out: TextIO):
        self._out = out

    def say(self, words: str) -> None:
        """Say nothing: programs read the events."""

    headline = say

    def refused(self, error: ChatError) -> None:
        """Write the error."""
        self._write({"type": "error", "code": error.code, "words": error.words, "retryable": error.retryable})

    def message(self, message: dict[str, Any]) -> None:
        """Write one message of earlier."""
        self._write({"type": "message", **message})

    def event(self, event: Event) -> None:
        """Write one event."""
        self._write(event)

    def leave(self) -> None:
        """Do nothing."""

    def _write(self, body: dict[str, Any]) -> None:
        # ASCII: no terminal that shows it can be made to do anything, and every program reads it.
        _write_line(self._out, json.dumps(body, default=str))


def _write_line(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")  # in one piece: Django's streams end every piece with a line end of their own
    stream.flush()
