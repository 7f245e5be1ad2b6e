"""What the fake provider is to answer: text, pace and faults, settable while it runs."""

import re
from collections import deque
from dataclasses import dataclass, field, fields, replace
from typing import Any

FAULT_IN_MODEL = re.compile(r"fault=([\w:.-]+)")
PREFIX_IN_QUESTION = re.compile(r"#([\w-]+)")
STREAM_FAULTS = (
    {"garbage", "malformed", "wrong_shape", "error_object", "stall_first", "stall_middle", "silence"}
    | {"cut", "cut_early", "no_finish", "done_only", "no_usage", "hang", "reset", "endless", "empty"}
    | {"content_filter", "content_filter_early", "context_length", "quota", "finish", "unsupported"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave: an HTTP status ("429:2" has Retry-After 2) or a name of STREAM_FAULTS."""

    name: str
    argument: str = ""

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read ``name`` or ``name:argument``.

        Raises:
            ValueError: there is no such fault.
        """
        name, _, argument = text.partition(":")
        if name not in STREAM_FAULTS and not re.fullmatch(r"[45]\d\d", name):
            raise ValueError(f"no such fault: {name!r}")
        return cls(name, argument)

    @property
    def status(self) -> int | None:
        """The HTTP status that is answered at once instead of a stream, if the fault is one."""
        return int(self.name) if self.name.isdigit() else None


@dataclass(slots=True)
class Script:
    """How the next calls are answered.

    Attributes:
        text: the whole answer; ``None`` for numbered words that carry the prefix found in the question.
        tokens: number of words of a numbered answer.
        delay: seconds before the first token.
        interval: seconds between tokens; what is overdue goes out in one write, as separate HTTP chunks.
        citations: put ``[1]`` after every tenth numbered word.
        slice: cut the body into HTTP chunks of this many bytes, wherever that falls; 0 = one chunk an event.
        newline: line end of the event stream.
        verdict: the whole answer to a call whose rules ask for ``is_crisis`` or ``sentiment``; ``None``: none
            of its own.
        held: say nothing until it is ``False`` again, also in the call that waits.
        calls: tools to ask for, by round: ``[[{"name": "get_flight", "arguments": {…}}]]``; then the text.
            Arguments that are a string are sent as they are. A ``{last}`` in the text becomes the highest
            number among the sources.
        says: text before the calls of each round.
        endless_calls: ask for the last round's tools again and again, whether they are offered or not.
        refuses_tools: answer 400 to whatever offers tools.
        lasts: write the text again and again until it is ``False`` again, then end.
        obeys: do whatever documents and customers order, beside answering; see ``obedient``.
        faults: one for each of the next calls, in order; ``None`` answers properly.
    """

    text: str | None = None
    tokens: int = 120
    delay: float = 0.0
    interval: float = 0.0
    citations: bool = False
    slice: int = 0
    newline: str = "\n"
    verdict: str | None = None
    held: bool = False
    lasts: bool = False
    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    says: str = ""
    endless_calls: bool = False
    refuses_tools: bool = False
    obeys: bool = False
    faults: deque[str | None] = field(default_factory=deque)

    def change(self, changes: dict[str, Any]) -> None:
        """Set the named attributes; ``faults`` replaces the queue.

        Raises:
            ValueError: a name or a fault does not exist.
        """
        known = {item.name for item in fields(self)}
        if unknown := set(changes) - known:
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
        faults = deque(changes.get("faults", self.faults))
        for fault in faults:
            if fault is not None:
                Fault.parse(fault)
        for name, value in changes.items():
            setattr(self, name, value)
        self.faults = faults

    def snapshot(self) -> "Script":
        """Return what holds for one call, so that later changes leave a running answer alone."""
        return replace(self, faults=deque())

    def next_fault(self, model: str, header: str) -> Fault | None:
        """Choose the fault of a call: its header, else its model's name (``…fault=cut``), else the queue."""
        named = FAULT_IN_MODEL.search(model)
        text = header or (named.group(1) if named else "") or (self.faults.popleft() if self.faults else None)
        return Fault.parse(text) if text else None


def answer_words(prefix: str, tokens: int, *, citations: bool = False) -> list[str]:
    """Return the tokens of a numbered answer; joined they are the answer, and each says whose and which."""
    return [
        f"{' ' if number > 1 else ''}{prefix}w{number:04d}{' [1]' if citations and number % 10 == 0 else ''}"
        for number in range(1, tokens + 1)
    ]


def answer_text(prefix: str, tokens: int = 120, *, citations: bool = False) -> str:
    """Return the whole numbered answer, for a client that checks every character."""
    return "".join(answer_words(prefix, tokens, citations=citations))


def prefix_of(question: str) -> str:
    """Return the mark (``#mark``) that a question carries, so that its answer can be told from all others."""
    marks = PREFIX_IN_QUESTION.findall(question)
    return marks[-1] if marks else "a"
