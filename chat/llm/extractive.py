"""The provider that needs no key: it quotes the best passages and records, word for word, and says so."""

import re
from collections.abc import AsyncIterator, Iterator

from chat.llm.answer_stream import estimated_tokens
from chat.llm.base import Finish, Request, Source, Text, Usage
from chat.llm.quotation import Quote, quotes

# By language: what is said around a quotation. It claims nothing but where the words are from.
WORDS = {
    "en": {
        "passage": "This is what our policies say, quoted word for word.",
        "record": "This is what our records say, word for word.",
        "both": "This is what our policies and records say, quoted word for word.",
        "unsure": "I am not sure that this answers your question. "
        "It is the closest I found, quoted word for word.",
        "nothing": "I found nothing in our policies or records that answers this question.",
        "from_passage": "From “{title}” [{number}]:",
        "from_section": "From “{title}”, section “{section}” [{number}]:",
        "from_record": "{title} [{number}]:",
        "from_records": "From our records [{number}]:",
        "en": "in English",
        "es": "in Spanish",
    },
    "es": {
        "passage": "Esto es lo que dicen nuestras condiciones, citado palabra por palabra.",
        "record": "Esto es lo que consta en nuestros registros, palabra por palabra.",
        "both": "Esto es lo que dicen nuestras condiciones y registros, citado palabra por palabra.",
        "unsure": "No estoy seguro de que esto responda a su pregunta. "
        "Es lo más parecido que he encontrado, citado palabra por palabra.",
        "nothing": "No he encontrado nada en nuestras condiciones ni registros que responda a esta pregunta.",
        "from_passage": "De «{title}» [{number}]:",
        "from_section": "De «{title}», apartado «{section}» [{number}]:",
        "from_record": "{title} [{number}]:",
        "from_records": "De nuestros registros [{number}]:",
        "en": "en inglés",
        "es": "en español",
    },
}
SECTION_JOINT = " › "
# A few words at a time, as a model sends them, so that whatever follows the stream is used in the same way.
_PIECE = re.compile(r"(?:\s*\S+){1,4}\s*")


class ExtractiveProvider:
    """Quotes instead of writing; the last link of every chain, because nothing it needs can fail."""

    name = "extractive"
    model = "quotation"
    takes_tools = False

    async def stream(self, request: Request) -> AsyncIterator[Text | Finish]:
        """Yield the quotations with their lead-ins, then one ``Finish``; raises nothing."""
        answer = answer_text(request)
        for piece in _PIECE.findall(answer):
            yield Text(piece)
        asked = len(request.question) + sum(len(source.text) for source in request.sources)
        yield Finish("stop", Usage(estimated_tokens(asked), estimated_tokens(len(answer)), estimated=True))

    async def aclose(self) -> None:
        """Do nothing: there is nothing to let go of."""


def answer_text(request: Request) -> str:
    """Return the whole answer: an opening that says what it is, then each quotation under its source."""
    words = WORDS.get(request.language.split("-")[0], WORDS["en"])
    chosen = quotes(request.question, request.sources, language=request.language)
    if not chosen:
        return words["nothing"]
    kinds = {quote.source.kind for quote in chosen}
    opening = words["unsure" if not request.sure else "both" if len(kinds) > 1 else kinds.pop()]
    return "\n\n".join([opening, *_quoted(chosen, words, request.language)])


def _quoted(chosen: list[Quote], words: dict[str, str], language: str) -> Iterator[str]:
    for quote in chosen:
        yield _lead_in(quote.source, words, language)
        yield "\n".join(f"> {line}" if line.strip() else ">" for line in quote.text.split("\n"))


def _lead_in(source: Source, words: dict[str, str], language: str) -> str:
    section = " ".join(source.section.removeprefix(source.title).removeprefix(SECTION_JOINT).split())
    if source.kind == "record":
        named = source.text.startswith(source.title)
        pattern = words["from_records" if named else "from_record"]
    else:
        pattern = words["from_section" if section else "from_passage"]
    title = " ".join(source.title.split())
    lead_in = pattern.format(title=title, section=section, number=source.number)
    if source.kind == "record" or source.language == language or source.language not in words:
        return lead_in
    return lead_in.removesuffix(":") + f", {words[source.language]}:"
