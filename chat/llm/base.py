"""What a turn asks of a language model, and what it gets back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Source:
    """Something an answer may be made from, cited as ``[number]``.

    Attributes:
        number: 1..n in the order they stand in the prompt.
        kind: a passage of a document, or an operational record.
        title: the document's title, or the record's ("Flight LW214, 21 Nov 2026").
        section: title path inside the document ("Fees › Sports equipment"); empty for records.
        text: plain text, whole.
        language: language code of the text.
        fit: how well search found that it fits, as a share of the best passage's; 1 for records.
    """

    number: int
    kind: Literal["passage", "record"]
    title: str
    section: str
    text: str
    language: str = "en"
    fit: float = 1.0


@dataclass(frozen=True, slots=True)
class Tool:
    """A look-up that a model may ask for.

    Attributes:
        name: letters and underscores.
        description: for the model: what it finds, and when to ask for it.
        parameters: JSON schema of its arguments; every one is required, and may be null where it is optional.
    """

    name: str
    description: str
    parameters: dict[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asked for.

    Attributes:
        id: the model's own, under which the result is given back.
        name: of the tool, as the model wrote it.
        arguments: JSON as the model wrote it; may be anything.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of the prompt after the system text.

    Attributes:
        calls: what the assistant asked for in this message.
        answers: id of the call whose result this is; for the role ``tool``.
    """

    role: Literal["user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a model.

    Attributes:
        system: the hard rules.
        messages: earlier messages, the sources, the question, in order; the last is the user's.
        question: the bare question, for providers that quote instead of writing.
        sources: everything that may be cited; the same that stands in the prompt.
        language: language code the answer is to be written in.
        sure: whether retrieval was confident; a quoting provider says so when it was not.
        max_tokens: most tokens of the answer.
        stays_here: something personal may be in it; no provider outside this process may be asked.
        temperature: how free the wording is; None for the model's own default.
        schema: JSON schema of the answer, for providers that can hold a model to one; None for plain text.
        tools: look-ups that the model may ask for, or has asked for in ``messages``.
        may_call: whether it may ask for any (more) of them.
    """

    system: str
    messages: tuple[PromptMessage, ...]
    question: str
    sources: tuple[Source, ...] = ()
    language: str = "en"
    sure: bool = True
    max_tokens: int = 900
    stays_here: bool = False
    temperature: float | None = None
    schema: dict[str, Any] | None = None
    tools: tuple[Tool, ...] = ()
    may_call: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer; pieces joined are the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the provider counted them (at 4 characters a token where it did not).

    Attributes:
        cached_tokens: of the prompt, those that came from the vendor's cache and cost less.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False
    cached_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Return what both took together."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.estimated or other.estimated,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of an answer; always the last thing a stream yields.

    Attributes:
        calls: what the model asks for before it answers; then the text before is not the answer.
    """

    reason: Literal["stop", "length", "filtered"]
    usage: Usage = field(default_factory=Usage)
    calls: tuple[ToolCall, ...] = ()


class Provider(Protocol):
    """One way to get an answer written."""

    name: str
    model: str

    @property
    def takes_tools(self) -> bool:
        """Whether a model may be offered tools there, as far as is known."""
        ...

    def stream(self, request: Request) -> AsyncIterator[Text | Finish]:
        """Yield the answer's text as it is written, then exactly one ``Finish``.

        Raises:
            ProviderError: the call failed; whatever was yielded before stands, nothing follows.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
