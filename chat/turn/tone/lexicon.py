"""The cues of tone in every language that has a list, read from the files beside this module, once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from chat.safety.crisis.cues import Index, Pattern, index_of, read_list

SECTIONS: Final = (
    *("angry", "frustrated", "annoyed", "worried", "uneasy", "urgent", "thanks"),
    *("person", "alone", "plain", "not", "very"),
)

_Entry = tuple[set[str], Pattern]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All lists together: people mix languages, and a message is often too short to tell its own.

    Attributes:
        cues: what speaks for a tone, for urgency or for a wish to speak to a person.
        plain: phrases that only look like cues.
        negation: matches at the end of the words before a cue that it turns round.
        emphasis: matches at the end of the words before a cue that it gives weight.
        alone: whole messages that ask for a person.
    """

    cues: Index
    plain: Index
    negation: re.Pattern[str]
    emphasis: re.Pattern[str]
    alone: re.Pattern[str]


@cache
def lexicon() -> Lexicon:
    """Return the cues of all files.

    Raises:
        BadPattern: a file holds a line that cannot be read.
    """
    by_section: dict[str, list[_Entry]] = {section: [] for section in SECTIONS}
    for file in sorted((Path(__file__).parent / "cues").glob("*.txt")):
        read_list(file, by_section)
    aside = ("plain", "not", "very", "alone")
    cues = [entry for section in SECTIONS if section not in aside for entry in by_section[section]]
    return Lexicon(
        cues=index_of(cues),
        plain=index_of(by_section["plain"]),
        # "not in the least worried", "no estoy nada enfadada"
        negation=re.compile(rf"(?<!\w)(?:{_either(by_section['not'])})(?: \w+){{0,2}}\Z"),
        emphasis=re.compile(rf"(?<!\w)(?:{_either(by_section['very'])})\Z"),
        alone=re.compile(rf"[| ]*(?:{_either(by_section['alone'])})[| ]*"),
    )


def _either(entries: Iterable[_Entry]) -> str:
    return "|".join(sorted({expression for _, (_, expression) in entries}))
