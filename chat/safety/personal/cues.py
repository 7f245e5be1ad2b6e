"""Values that are personal for the words beside them: a cue, a few words that say little, the value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from chat.safety.personal.plain import PlainText

_FILL: Final = (
    r"is|was|are|un|una|n\.o|it|its|it's|es|era|fue|son|esta|no|nr|nro|nbr|num|number|numbers|numero|numeros|code|"
    r"codigo|id|"
    r"ref|reference|referencia|of|for|de|del|la|el|los|las|mi|mis|my|the|a|al|an|that|this|one|new|"
    r"nuevo|nueva|"
    r"que|tengo|have|has|with|con|hija|hijo|wife|husband|son|daughter|mother|father|marido|mujer|esposa|"
    r"esposo|"
    r"madre|padre|child|friend|amigo|amiga|espanol|espanola|spanish|british|uk|us|american|european|"
    r"europeo|old|viejo|"
    r"antiguo|actual|current|expired|caducado|valid|y|and|card|tarjeta|account|cuenta|document|"
    r"documento|aqui|here|ahora|"
    r"now|should|be|para|as|following|siguiente|su|your|our|his|her|to|tiene|ending"
)
# Written so that every repetition is bounded: a long text of fillers costs no more than its length.
GAP: Final = (
    rf"(?:[\s:;#=.,(\[\-\"'*>/]{{0,4}}(?:(?i:{_FILL})(?![A-Za-z0-9])[.:]?)){{0,7}}"
    r"[\s:;#=.,(\[\-\"'*>/]{0,5}(?:[Nn][or]\.?)??"
)
_REVERSED: Final = (
    r"[\s,;)\]\"']{1,3}(?i:(?:that's|that is|this is|which is|eso es|que es|is|was|are|es|era|fue|son|=|"
    r"as|como|my|mi|our)"
    r"\s{1,2})(?i:(?:my|mi|the|el|la|our|his|her|su|nuestro|nuestra|a|un|una|de|numero|number|"
    r"of)\s{1,2}){0,3}"
)
_LIST = r"\s{0,2}(?:,|;|&|/|\b(?:and|or|y|e|o)\b)\s{0,2}(?:(?:and|y)\s)?"


@dataclass(frozen=True, slots=True)
class Cued:
    """A kind of value told by its cue, before it or after it ("X is my passport").

    Attributes:
        kind: what it is.
        words: single words, of which a text must have one; without, nothing is looked for.
        cue: pattern of the cue, on plain text in any case.
        value: pattern of the value; case counts unless it says otherwise.
        least_digits: fewer make no value, so that a word after the cue is none.
    """

    kind: str
    words: frozenset[str]
    cue: str
    value: str
    least_digits: int = 4
    _forward: re.Pattern[str] = field(init=False, repr=False)
    _backward: re.Pattern[str] = field(init=False, repr=False)
    _more: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        value = rf"(?P<value>{self.value})(?![A-Za-z0-9@])"
        cue = rf"(?<![A-Za-z])(?i:{self.cue})"
        edge = r"(?:(?<![A-Za-z0-9])|(?<=[Nn][or])|(?<=[Nn][or]\.))"
        object.__setattr__(self, "_forward", re.compile(rf"{cue}(?:'s)?(?![A-Za-z]{{2}}){GAP}{edge}{value}"))
        object.__setattr__(
            self, "_backward", re.compile(rf"(?<![A-Za-z0-9])(?P<value>{self.value}){_REVERSED}{cue}\b")
        )
        object.__setattr__(self, "_more", re.compile(rf"{_LIST}{value}", re.IGNORECASE))

    def find(self, plain: PlainText) -> Iterator[tuple[int, int]]:
        """Yield where values stand."""
        if plain.digits < self.least_digits or self.words.isdisjoint(plain.words):
            return
        for found in self._forward.finditer(plain.text):
            yield from self._with_more(plain.text, found)
        for found in self._backward.finditer(plain.text):
            if self._has_enough(found):
                yield found.span("value")

    def _with_more(self, text: str, found: re.Match[str]) -> Iterator[tuple[int, int]]:
        next_one: re.Match[str] | None = found
        while next_one is not None and self._has_enough(next_one):
            yield next_one.span("value")
            next_one = self._more.match(text, next_one.end())

    def _has_enough(self, found: re.Match[str]) -> bool:
        return sum(character.isdigit() for character in found["value"]) >= self.least_digits


def words(*groups: str) -> frozenset[str]:
    """Return the words of some lines as a set."""
    return frozenset(word for group in groups for word in group.split())


def found_by(recognisers: Iterable[Cued], plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield what several recognisers find, each with its kind."""
    for recogniser in recognisers:
        for start, end in recogniser.find(plain):
            yield start, end, recogniser.kind
