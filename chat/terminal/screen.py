"""A conversation on a terminal with colours: the answer grows, footnotes and notices stand below it."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chat.errors import ChatError
from chat.terminal import wording
from chat.terminal.desk import CONNECTION_LOST, Event
from chat.terminal.growing import GrowingMarkdown

_REDRAW_SECONDS = 0.06


class Screen:
    """Shows one conversation on ``console``; ``site`` is the address that footnotes are read at."""

    def __init__(self, console: Console, site: str):
        self.console, self._site = console, site
        self._text = ""
        self._drawn_at = 0.0
        self._answer = GrowingMarkdown(console)

    def say(self, words: str) -> None:
        """Tell something that is not of the conversation."""
        self.console.print(Text(words, style="dim"))

    def headline(self, words: str) -> None:
        """Begin another part."""
        self.console.print(Text(f"\n{words}", style="bold magenta"))

    def refused(self, error: ChatError) -> None:
        """Tell why something could not be done."""
        self._complain(error.words)

    def question(self, text: str) -> None:
        """Show a question that was not typed here."""
        self.console.print(Text.assemble(("You: ", "bold cyan"), wording.safe(text)))

    def message(self, message: dict[str, Any]) -> None:
        """Show one message of earlier."""
        if message["role"] == "user":
            self.question(message["text"])
            if error := message.get("error"):
                self._complain(error.get("words", ""))
            return
        if message["role"] != "assistant":
            self.say(f"{wording.exchange_author(message['role'])}:")
        GrowingMarkdown(self.console).finish(wording.answer_text(message["text"]))
        self._footnotes(message.get("citations") or [])
        self.console.print()

    def event(self, event: Event) -> None:
        """Show one event of an answer."""
        if show := self._shown.get(event["type"]):
            show(self, event)

    def leave(self) -> None:
        """Leave an answer that goes on without being shown."""
        self._answer.leave()
        self._begin()

    def _begin(self, _: Event | None = None) -> None:
        self._text, self._drawn_at = "", 0.0
        self._answer = GrowingMarkdown(self.console)

    def _delta(self, event: Event) -> None:
        self._text += event["text"]
        if time.monotonic() - self._drawn_at > _REDRAW_SECONDS:
            self._answer.show(wording.answer_text(self._text))
            self._drawn_at = time.monotonic()

    def _restarted(self, _: Event) -> None:
        self._answer.leave()
        self.say("The answer begins anew." if self._text else "The answer begins.")
        self._begin()

    def _lost(self, event: Event) -> None:
        self._answer.leave()
        self.say(f"{wording.safe(event['words'])} Trying again …")

    def _completed(self, event: Event) -> None:
        first, after = wording.by_place(event.get("notices") or [])
        self._answer.leave()
        for notice in first:
            self._notice(notice, "bold")
        self._finish(event["message"]["text"], event.get("citations") or [])
        for notice in after:
            self._notice(notice, "yellow")
        for reply in event.get("quick_replies") or ():
            self.console.print(Text.assemble(("→ ", "green"), wording.safe(reply)))
        if words := wording.source_words(event):
            self.say(words)
        self.console.print()

    def _failed(self, event: Event) -> None:
        self._answer.leave()
        self._complain(event["words"])
        self._begin()

    def _stopped(self, event: Event) -> None:
        if event.get("message"):
            self._finish(event["message"]["text"], event.get("citations") or [])
        self._answer.leave()
        self.say("Stopped.\n")
        self._begin()

    def _finish(self, text: str, citations: list[dict[str, Any]]) -> None:
        final = wording.answer_text(text)
        self._answer.leave()
        if not self._answer.fits(final):
            self.say("The answer was changed; this is how it stands:")
        self._answer.finish(final)
        self._footnotes(citations)
        self._begin()

    def _footnotes(self, citations: list[dict[str, Any]]) -> None:
        if citations:
            self.console.print()
        for citation in citations:
            grid = Table.grid(padding=(0, 1))
            words = Text(wording.footnote_words(citation), style="dim")
            grid.add_row(Text(f"[{wording.safe(citation.get('number'))}]", style="cyan"), words)
            self.console.print(grid)
            if address := wording.footnote_address(citation, self._site):
                # One line however long, so that a terminal knows it for an address.
                self.console.print(Text(address, style="blue"), soft_wrap=True)

    def _complain(self, words: str) -> None:
        self.console.print(Text(wording.safe(words), style="red"))

    def _notice(self, notice: dict[str, Any], style: str) -> None:
        words = Text("\n".join(wording.notice_lines(notice)), style=style)
        self.console.print(Padding(words, (0, 0, 0, 2)))

    _shown: dict[str, Callable[["Screen", Event], None]] = {
        "turn.delta": _delta,
        "turn.restarted": _restarted,
        CONNECTION_LOST: _lost,
        "turn.completed": _completed,
        "turn.failed": _failed,
        "turn.stopped": _stopped,
    }
