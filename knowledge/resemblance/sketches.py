"""Which passages are worth comparing: those of which a sentence has a fingerprint in common with another's.

The fingerprints are MinHash in bands (A. Broder, "On the resemblance and containment of documents", 1997;
J. Leskovec et al., "Mining of Massive Datasets", chapter 3): of each sentence ``BANDS`` numbers, each made of
the least of its words in ``ROWS`` random orders. Two sentences with a share s of their words in common have
one of these in common with a probability of 1 - (1 - s^ROWS)^BANDS: 99 % for 0.75, 34 % for 0.37, 6 % for
0.2. So a new document costs what it is long and not what the library holds, and nothing is ever compared all
with all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from django.db.models import Count

from knowledge.models import Sketch
from knowledge.resemblance.sentences import Sentence

BANDS = 8
ROWS = 3
MOST_HOLDERS = 200  # passages with a fingerprint, at most, for it to tell anything
MOST_CANDIDATES = 40  # for one passage, those with the rarest fingerprints in common
_PRIME = (1 << 61) - 1
_RARITY = 1_000


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


_ORDERS: Final = [
    (_number(f"a{order}") % (_PRIME - 1) + 1, _number(f"b{order}") % _PRIME) for order in range(BANDS * ROWS)
]


@lru_cache(maxsize=50_000)
def _places(word: str) -> tuple[int, ...]:
    """Return the place of a word in each order."""
    number = _number(word) % _PRIME
    return tuple((factor * number + shift) % _PRIME for factor, shift in _ORDERS)


def fingerprints(sentence: Sentence) -> set[int]:
    """Return the fingerprints of a sentence, whole numbers of 63 bits; none of one that is not compared."""
    if not sentence.words:
        return set()
    least = [min(column) for column in zip(*map(_places, sentence.words), strict=True)]
    return {
        _number(f"{sentence.language} {band} {least[band * ROWS : (band + 1) * ROWS]}") >> 1
        for band in range(BANDS)
    }


@dataclass(slots=True)
class Sketched:
    """The sentences of a passage, and which of them (by place) have which fingerprint."""

    sentences: list[Sentence]
    places: dict[int, list[int]]

    @classmethod
    def of(cls, sentences: list[Sentence]) -> "Sketched":
        """Return the sentences with their fingerprints."""
        places: dict[int, list[int]] = defaultdict(list)
        for place, sentence in enumerate(sentences):
            for number in fingerprints(sentence):
                places[number].append(place)
        return cls(sentences, dict(places))

    def rows(self, passage: int) -> list[Sketch]:
        """Return the rows to be saved for the passage."""
        return [Sketch(passage_id=passage, fingerprint=number) for number in sorted(self.places)]

    def pairs_with(self, other: "Sketched") -> Iterator[tuple[Sentence, Sentence]]:
        """Yield the sentences that share a fingerprint with one of the other passage, in order."""
        shared = self.places.keys() & other.places.keys()
        places = {(mine, theirs) for n in shared for mine in self.places[n] for theirs in other.places[n]}
        return ((self.sentences[mine], other.sentences[theirs]) for mine, theirs in sorted(places))


def candidates(sketches: Iterable[Sketch], may_pair: Callable[[int, int], bool]) -> dict[int, list[int]]:
    """Return for each passage the saved ones with the rarest fingerprints in common, the best first.

    Args:
        sketches: of the passages, some hundred rows.
        may_pair: tells whether two passages are to be compared at all.
    """
    mine: dict[int, list[int]] = defaultdict(list)
    for row in sketches:
        mine[row.fingerprint].append(row.passage_id)
    rarities: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for number, others in _holders(list(mine)).items():
        for passage in mine[number]:
            for other in others:
                if may_pair(passage, other):
                    rarities[passage][other] += _RARITY // len(others)
    return {passage: _best(others) for passage, others in rarities.items()}


def _best(rarities: dict[int, int]) -> list[int]:
    return sorted(rarities, key=lambda other: (-rarities[other], other))[:MOST_CANDIDATES]


def _holders(numbers: Sequence[int]) -> dict[int, list[int]]:
    """Return the passages that hold each fingerprint, of those that not too many hold."""
    saved = Sketch.objects.filter(fingerprint__in=numbers)
    counts = saved.values_list("fingerprint").annotate(holders=Count("passage"))
    few = [number for number, holders in counts.order_by() if holders <= MOST_HOLDERS]
    holders: dict[int, list[int]] = defaultdict(list)
    rows = Sketch.objects.filter(fingerprint__in=few).order_by("fingerprint", "passage")
    for number, passage in rows.values_list("fingerprint", "passage"):
        holders[number].append(passage)
    return holders
