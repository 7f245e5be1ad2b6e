"""Markdown that grows on a terminal: finished blocks are printed for good, the last one is drawn anew.

What is printed scrolls away like any output and can be read again; only the block under way is redrawn, so a
table may still change its columns and a list its marks.
"""

import re

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.markdown import Markdown, TableElement
from rich.segment import Segment, SegmentLines

Line = list[Segment]
_LINE_END = re.compile(r"(?<=\S)\n")
_LEAVE_LINES = 3  # of the screen, free below what is redrawn


class GrowingMarkdown:
    """One answer under way on ``console``."""

    def __init__(self, console: Console):
        self._console = console
        self._printed: list[str] = []
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")

    def fits(self, text: str) -> bool:
        """Tell whether ``text`` begins with what stands on the screen for good."""
        return _plain(self._lines(text)[: len(self._printed)]) == self._printed

    def show(self, text: str) -> None:
        """Show ``text``, which begins with what was shown before."""
        self._print_finished(text)
        rest = self._lines(text)[len(self._printed) :]
        most = max(1, self._console.height - _LEAVE_LINES)
        self._live.start()
        self._live.update(SegmentLines(rest[-most:], new_lines=True), refresh=True)

    def finish(self, text: str) -> None:
        """Print what is left of the final ``text``; all of it where it does not fit what was printed."""
        self.leave()
        lines = self._lines(text)[len(self._printed) if self.fits(text) else 0 :]
        self._console.print(SegmentLines(lines, new_lines=True), end="")

    def leave(self) -> None:
        """Take away what is not printed for good."""
        if self._live.is_started:
            self._live.stop()

    def _print_finished(self, text: str) -> None:
        whole, gap, _ = text.rpartition("\n\n")
        if not gap:
            return
        lines = self._lines(whole)
        fresh = lines[len(self._printed) :]
        if fresh and _plain(self._lines(text)[: len(lines)]) == _plain(lines):
            self.leave()
            self._console.print(SegmentLines(fresh, new_lines=True), end="")
            self._printed += _plain(fresh)

    def _lines(self, text: str) -> list[Line]:
        options = self._console.options.update(height=None)
        lines = self._console.render_lines(_Markdown(text), options, pad=False)
        while lines and not "".join(_plain(lines[-1:])).strip():
            lines.pop()
        return lines


class _Table(TableElement):
    """A table whose words are broken where they do not fit, instead of cut off."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            for column in getattr(table, "columns", ()):
                column.overflow = "fold"
            yield table


class _Markdown(Markdown):
    elements = Markdown.elements | {"table_open": _Table}

    def __init__(self, text: str):
        super().__init__("", hyperlinks=False)  # an address hidden behind words would deceive
        # Lines end where the desk ends them, and tags are words like any, as on its pages.
        parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        self.parsed = parser.parse(_LINE_END.sub("  \n", text))


def _plain(lines: list[Line]) -> list[str]:
    return ["".join(segment.text for segment in line).rstrip() for line in lines]
