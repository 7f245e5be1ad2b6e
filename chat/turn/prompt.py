"""Stage 6: the hard rules, the sources between delimiters, the conversation, the question."""

import re
import secrets

from django.conf import settings
from django.template.loader import get_template

from chat.database import in_database
from chat.llm.base import PromptMessage, Request, Source
from chat.safety.injection import without_marks_of_roles
from chat.turn import concealment
from chat.turn.context import TurnContext
from chat.turn.prompt_files import SOURCES, SYSTEM, prompt_version

_LANGUAGES = {
    "en": "English", "es": "Spanish", "pt": "Portuguese", "fr": "French", "de": "German", "it": "Italian",
}  # fmt: skip


async def write(context: TurnContext) -> None:
    """Write the request for a model from the context's evidence."""
    if context.reply is not None:
        return
    context.prompt_version = prompt_version()
    context.request = request_for(context)
    placeholders = context.concealed.placeholders
    if placeholders.is_changed and context.customer.id:  # records have brought more of them
        await in_database(concealment.store, context.conversation_id, placeholders)


def request_for(context: TurnContext) -> Request:
    """Return the model request: rules, earlier exchanges, sources as data, and the question last."""
    fence, context.canary = secrets.token_hex(8), secrets.token_hex(8)
    context.fence = fence
    concealed = concealment.concealed_sources(context)
    stays_here = concealed is None
    evidence = [item.source for item in context.evidence] if concealed is None else concealed
    question = context.question if stays_here else context.concealed.question
    system = get_template(SYSTEM).render(
        {"company": settings.COMPANY_NAME, "today": context.today, "fence": fence, "sure": context.sure,
         "canary": context.canary, "strategy": context.strategy,
         "has_placeholders": len(context.concealed.placeholders) > 0,
         "language": _LANGUAGES.get(context.language, "the language of the question")}
    )  # fmt: skip
    sources = get_template(SOURCES).render(
        {"fence": fence, "sources": [_fenced(source, fence) for source in evidence],
         "language": _LANGUAGES.get(context.language, "the language of the question")}
    )  # fmt: skip
    history = [
        message
        for exchange in context.state.exchanges
        for message in (
            PromptMessage("user", without_marks_of_roles(exchange.question)),
            PromptMessage("assistant", _without_marks(exchange.answer)),
        )
        if message.text
    ]
    return Request(
        system=system.strip(),
        messages=(
            *history,
            PromptMessage("user", sources.strip()),
            PromptMessage("user", without_marks_of_roles(question)),
        ),
        question=question,
        sources=tuple(evidence),
        language=context.language,
        sure=context.sure,
        max_tokens=settings.LLM_MAX_TOKENS,
        stays_here=stays_here,
    )


def _fenced(source: Source, fence: str) -> dict[str, object]:
    """Return a source for the template, unable to close its own fence."""
    return {
        "number": source.number,
        "title": source.title.replace(fence, ""),
        "section": source.section.replace(fence, ""),
        "text": source.text.replace(fence, ""),
    }


def _without_marks(answer: str) -> str:
    """Return an earlier answer without its footnote marks, whose numbers mean other sources now."""
    return re.sub(r"\s?\[\^[\d?]+\]", "", answer)
