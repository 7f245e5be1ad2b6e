"""What an answer flows through before anybody sees it, by where its words come from."""

import re

from django.conf import settings

from chat.llm.base import Request
from chat.models import Turn
from chat.turn.cite import Citer
from chat.turn.context import Support, TurnContext
from chat.turn.generate import Filter
from chat.turn.judging import SentenceJudge
from chat.turn.leak import LeakGuard
from chat.turn.review import Reviewer
from chat.turn.support import Supporter

_RANDOM = re.compile(r"\b[0-9a-f]{16}\b")


def secrets_of(request: Request) -> tuple[list[str], str]:
    """Return a prompt's random marks, and all of its words that are neither sources nor the person's."""
    marks = _RANDOM.findall(request.system)
    around = [
        part
        for message in request.messages[-2:-1]
        for mark in marks
        if f"<{mark} " in message.text
        for part in (message.text.partition(f"<{mark} ")[0], message.text.rpartition(f"</{mark} ")[2])
    ]
    return marks, "\n".join((request.system, *around))


def guarded(context: TurnContext, *, quoting: bool) -> list[Filter]:
    """Return fresh filters for an answer that begins now.

    Words quoted from the sources, and the desk's own, need no proof that they are borne out.

    Args:
        context: the attempt; what the filters count is put there.
        quoting: whether the answer is quoted word for word.
    """
    known = "\n".join(item.source.text for item in context.evidence)
    citer = Citer(context.evidence, context.footnotes, quoting=quoting)
    filters: list[Filter] = [citer, Reviewer(known, settings.LINKS_ALLOWED)]
    context.support = Support()
    if quoting or context.source not in (Turn.Source.MODEL, Turn.Source.CACHE):
        return filters
    if context.request is not None and context.source == Turn.Source.MODEL:
        filters.insert(0, LeakGuard(*secrets_of(context.request)))
    judge = SentenceJudge(context, context.footnotes, context.support)
    whole = settings.UNSUPPORTED_CLAIMS == "drop"
    return [*filters, Supporter(judge, context.support, whole_sentences=whole)]
