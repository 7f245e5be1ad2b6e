"""Stage one: cues that let no crisis by and cost a fraction of a millisecond.

It errs on the side of a second look: who is in danger must be seen, and what only looks like it is for stage
two to tell. Strong cues speak plainly; a negation right before one, or words that set it in the past or in a
story, make it weak. Idioms take out their own words, so that any other cue still counts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from chat.safety.crisis.cues import all_cues
from chat.safety.crisis.plain import plain
from chat.safety.crisis.unlisted import is_unlisted

WINDOW = 3  # messages of the person that are read together: what is at stake often comes in pieces
_TAKEN_OUT = "="  # neither word nor clause: no pattern reaches over it
_WORDS_BEFORE = 4

Span = tuple[int, int]


class Level(IntEnum):
    """How much the cues say."""

    NONE = 0
    WEAK = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Sighting:
    """What stage one saw.

    Attributes:
        level: of the newest message, read together with those before it.
        earlier: of the messages before it alone, which were looked at in their time.
        unlisted: whether the newest message is in a language without a list.
    """

    level: Level = Level.NONE
    earlier: Level = Level.NONE
    unlisted: bool = False

    def __bool__(self) -> bool:
        """Tell whether stage two should look."""
        return bool(self.level or self.earlier or self.unlisted)


def assess(messages: Sequence[str]) -> Sighting:
    """Return what is to be seen in a person's newest message, the last of ``messages``.

    Args:
        messages: the person's messages, oldest first; the last three are read.
    """
    texts = [plain(message) for message in messages[-WINDOW:]]
    newest_from = sum(len(text) + 1 for text in texts[:-1])
    cues = _without_idioms(" ".join(texts))
    level = earlier = Level.NONE
    for (_, end), found in cues:
        if end > newest_from:
            level = max(level, found)
        else:
            earlier = max(earlier, found)
    unlisted = not level and bool(texts) and is_unlisted(messages[-1], texts[-1])
    return Sighting(level, earlier, unlisted)


def is_possible_crisis(text: str) -> bool:
    """Tell whether a message holds a strong cue: such a message is never refused for a limit or a quota."""
    return assess([text]).level is Level.STRONG


def _without_idioms(text: str) -> list[tuple[Span, Level]]:
    """Return the cues of a text with their levels, after idioms have taken out their own words."""
    found = _cues_in(text)
    if not found:
        return found
    idioms = [(start, end) for _, start, end in all_cues().idioms.spans(text)]
    return _cues_in(_taken_out(text, idioms)) if idioms else found


def _cues_in(text: str) -> list[tuple[Span, Level]]:
    found, strong = [], set()
    for section, *span in all_cues().cues.spans(text):
        if section == "strong":
            strong.add(tuple(span))
        else:
            found.append((tuple(span), Level.WEAK))
    if strong:
        is_aside = any(True for _ in all_cues().asides.spans(text))
        negated = [span for span in strong if _is_negated(text, span)]
        for start, end in strong:
            # "kill myself" within "not going to kill myself" is turned round with it
            weak = is_aside or any(first <= start and end <= last for first, last in negated)
            found.append(((start, end), Level.WEAK if weak else Level.STRONG))
    return found


def _is_negated(text: str, span: Span) -> bool:
    """Tell whether a negation ends right before a cue, or one word before it, in the same clause."""
    before = re.split(r"[|=]", text[: span[0]])[-1].split()[-_WORDS_BEFORE:]
    return bool(all_cues().negation.search(" ".join(before)))


def _taken_out(text: str, spans: Iterable[Span]) -> str:
    for start, end in spans:
        text = text[:start] + _TAKEN_OUT * (end - start) + text[end:]
    return text
