"""What the words of one message say of its writer: the tone, a hurry, a wish to speak to a person.

Cues add up. Phrases that only look like cues take out their own words first, a negation right before a cue
turns it round, emphasis gives it weight. Capitals, exclamation marks and a question asked again count as
heat: they make annoyance anger, and are nothing by themselves unless all come together.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chat.safety.crisis.plain import plain
from chat.turn.tone.lexicon import lexicon

MOST_CHARACTERS: Final = 1_500  # read from the beginning and from the end: what matters stands there
ENOUGH: Final = 2
# So many letters want as much again: a long text holds strong words by chance, a pasted one most of all.
LONG: Final = 500
ENOUGH_WORDS: Final = 3  # of a question that counts as the same one
_WEIGHTS: Final = {"angry": 2, "frustrated": 2, "annoyed": 1, "worried": 2, "uneasy": 1}
_TAKEN_OUT = "="
_WORDS_BEFORE = 5
# Words in capitals, codes aside ("LW214", "MAD"): at least four letters count.
_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY_WORD = re.compile(r"\w+")
_LOUD = re.compile(r"!.*!|[!?¡¿]{3}|\?!|!\?", re.DOTALL)

Span = tuple[int, int]


class Sentiment(StrEnum):
    """How somebody sounds, the mildest first."""

    CALM = "calm"
    WORRIED = "worried"
    FRUSTRATED = "frustrated"
    ANGRY = "angry"

    @property
    def is_cross(self) -> bool:
        """Tell whether it is frustration or anger."""
        return self in (Sentiment.FRUSTRATED, Sentiment.ANGRY)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says of its writer.

    Attributes:
        sentiment: how it sounds.
        is_pressing: whether it says that travel is near, or that it is urgent.
        wants_person: whether it asks for somebody of the staff.
        is_thankful: whether it thanks, or is glad.
    """

    sentiment: Sentiment = Sentiment.CALM
    is_pressing: bool = False
    wants_person: bool = False
    is_thankful: bool = False


@dataclass(frozen=True, slots=True)
class Mood:
    """How the person is, as far as it is known: the answer's strategy follows from it."""

    sentiment: Sentiment = Sentiment.CALM
    is_urgent: bool = False


def read(text: str, earlier: Sequence[str] = ()) -> Reading:
    """Return what a message says of its writer.

    Args:
        text: the message.
        earlier: what the same person asked before in the conversation; a question asked again is a cue.
    """
    words = _plain(text)
    found = _cues_in(words)
    is_thankful = bool(found["thanks"])
    heat = 0 if is_thankful else _heat(text)
    return Reading(
        sentiment=_sentiment(words, found, heat, _times_asked(text, earlier), is_thankful=is_thankful),
        is_pressing=bool(found["urgent"]),
        wants_person=bool(found["person"]) or bool(lexicon().alone.fullmatch(words)),
        is_thankful=is_thankful,
    )


def _plain(text: str) -> str:
    if len(text) > 2 * MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n{text[-MOST_CHARACTERS:]}"
    return plain(text)


def _sentiment(
    words: str, found: dict[str, list[Span]], heat: int, asked_before: int, *, is_thankful: bool
) -> Sentiment:
    weigh = {section: _weight(words, section, found[section]) for section in _WEIGHTS}
    enough = ENOUGH * max(1, len(words) // LONG)
    if weigh["angry"] >= enough:
        return Sentiment.ANGRY
    again = ENOUGH * min(asked_before, 2)
    cross = weigh["frustrated"] + weigh["annoyed"] + again - is_thankful
    if cross >= enough:
        return Sentiment.ANGRY if heat >= 2 or cross + heat > 3 * enough else Sentiment.FRUSTRATED
    if heat >= 2 or (cross > 0 and heat):
        return Sentiment.FRUSTRATED
    uneasy = weigh["worried"] + weigh["uneasy"] + min(heat, 1) * bool(weigh["uneasy"]) - is_thankful
    return Sentiment.WORRIED if uneasy >= enough else Sentiment.CALM


def _cues_in(words: str) -> dict[str, list[Span]]:
    """Return where cues stand, by section, after plain phrases have taken out their own words."""
    found: dict[str, list[Span]] = defaultdict(list)
    spans = list(lexicon().cues.spans(words))
    if spans:
        plain_ones = [(start, end) for _, start, end in lexicon().plain.spans(words)]
        spans = lexicon().cues.spans(_taken_out(words, plain_ones)) if plain_ones else spans
    for section, start, end in spans:
        if not _is_negated(words, start):
            found[section].append((start, end))
    return found


def _weight(words: str, section: str, spans: Iterable[Span]) -> int:
    """Return the weight of a section's cues; those that overlap are one."""
    total, reached = 0, -1
    for start, end in sorted(spans):
        if start >= reached:
            is_stressed = bool(lexicon().emphasis.search(words[:start].rstrip()))
            total += _WEIGHTS[section] + is_stressed
        reached = max(reached, end)
    return total


def _is_negated(words: str, start: int) -> bool:
    """Tell whether a negation stands right before a cue, in the same clause."""
    before = re.split(r"[|=]", words[:start])[-1].split()[-_WORDS_BEFORE:]
    return bool(before) and bool(lexicon().negation.search(" ".join(before)))


def _heat(text: str) -> int:
    """Return one for shouting in capitals and one for marks that shout."""
    words = _WORD.findall(text)
    capitals = sum(map(str.isupper, words))
    return int(capitals >= 3 and capitals * 5 >= len(words) * 3) + bool(_LOUD.search(text))


def _times_asked(text: str, earlier: Sequence[str]) -> int:
    """Return how often the same question was asked before; a word or two may be said again."""
    if not earlier:
        return 0
    asked = _bare(text)
    return sum(_bare(one) == asked for one in earlier) if len(asked) >= ENOUGH_WORDS else 0


def _bare(text: str) -> list[str]:
    return _ANY_WORD.findall(text[:MOST_CHARACTERS].casefold())


def _taken_out(words: str, spans: Iterable[Span]) -> str:
    for start, end in spans:
        words = words[:start] + _TAKEN_OUT * (end - start) + words[end:]
    return words
