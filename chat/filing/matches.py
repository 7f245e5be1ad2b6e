"""Where a conversation has the words that were looked for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Subquery

from chat.filing.words import any_of
from chat.models import Conversation, Message

BEFORE: Final = 40  # characters shown before the first word that was found …
LONGEST: Final = 160  # … and of the whole


@dataclass(frozen=True, slots=True)
class Match:
    """A place where words were found.

    Attributes:
        message: the newest message that has one of them; None: only the title has.
        parts: the text around it, in pieces: (text, whether it is a word looked for).
    """

    message: Message | None
    parts: list[tuple[str, bool]]

    @property
    def snippet(self) -> str:
        """Return the text in one piece."""
        return "".join(text for text, _ in self.parts)


def matches_of(conversations: Iterable[Conversation], words: str) -> dict[UUID, Match]:
    """Return where each conversation has the words, with one query for all of them."""
    found, pattern = list(conversations), any_of(words)
    if not pattern or not found:
        return {}
    of_one = Message.objects.filter(conversation=OuterRef("pk"), text__regex=pattern).order_by("-position")
    newest = Conversation.objects.filter(pk__in=[one.pk for one in found]).values(
        hit=Subquery(of_one.values("pk")[:1])
    )
    messages = {message.conversation_id: message for message in Message.objects.filter(pk__in=newest)}
    sought = re.compile(pattern)
    return {one.pk: _match(one, messages.get(one.pk), sought) for one in found}


def _match(conversation: Conversation, message: Message | None, sought: re.Pattern[str]) -> Match:
    text = message.text if message else conversation.title
    return Match(message, list(_parts(_around(" ".join(text.split()), sought), sought)))


def _around(text: str, sought: re.Pattern[str]) -> str:
    """Return the part of a text around the first word found, cut between words."""
    first = sought.search(text)
    begin = max(0, first.start() - BEFORE) if first else 0
    if begin:
        begin = text.find(" ", begin, first.start()) + 1 or begin
    piece = text[begin : begin + LONGEST]
    if begin + LONGEST < len(text):
        piece = piece.rsplit(" ", 1)[0] + "…"
    return f"…{piece}" if begin else piece


def _parts(text: str, sought: re.Pattern[str]) -> Iterator[tuple[str, bool]]:
    end = 0
    for found in sought.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], False
        yield found[0], True
        end = found.end()
    if end < len(text):
        yield text[end:], False
