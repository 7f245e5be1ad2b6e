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
class PromptMessage:
    """One message of the prompt after the system text."""

    role: Literal["user", "assistant"]
    text: str


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


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of an answer; always the last thing a stream yields."""

    reason: Literal["stop", "length", "filtered"]
    usage: Usage = field(default_factory=Usage)


class Provider(Protocol):
    """One way to get an answer written."""

    name: str
    model: str

    def stream(self, request: Request) -> AsyncIterator[Text | Finish]:
        """Yield the answer's text as it is written, then exactly one ``Finish``.

        Raises:
            ProviderError: the call failed; whatever was yielded before stands, nothing follows.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
