"""BM25 in two parts: the passage's, kept in the postings, and the library's, made when asked.

The average lengths are constants, not the library's own: passages are cut to one size, so nothing is lost
(measured), and a passage weighs the same whatever was published before it.
"""

import math
from collections import Counter
from collections.abc import Sequence

from knowledge.search.terms import content_words, in_title, pairs, stems_of

K1 = 1.2
B = 0.75
AVERAGE_STEMS = 70  # content stems in a passage
AVERAGE_TITLE_STEMS = 6
PAIR_WEIGHT = 0.5
TITLE_WEIGHT = 0.8
UNIT = 1_000  # a posting's weight is a whole number of thousandths


def idf(passages: int, holding: int) -> float:
    """Return how telling a term is that ``holding`` of ``passages`` hold; above 0 even when all do."""
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))


def weigh(heading: str, text: str, language: str) -> dict[str, int]:
    """Return the terms of a passage (stems, pairs, stems of the title path), weighed in thousandths."""
    return weigh_words(content_words(heading, language), content_words(text, language), language)


def weigh_words(heading: list[str], text: list[str], language: str) -> dict[str, int]:
    """Return the same from the content words of both."""
    body = stems_of(text, language)
    title = [in_title(stem) for stem in stems_of(heading, language)]
    return (
        _saturate(body, len(body) / AVERAGE_STEMS, 1.0)
        | _saturate(pairs(body), len(body) / AVERAGE_STEMS, PAIR_WEIGHT)
        | _saturate(title, len(title) / AVERAGE_TITLE_STEMS, TITLE_WEIGHT)
    )


def _saturate(terms: Sequence[str], relative_length: float, weight: float) -> dict[str, int]:
    long = K1 * (1 - B + B * relative_length)
    scale = UNIT * weight * (K1 + 1)
    counts = Counter(terms)
    weights = {count: max(1, round(scale * count / (count + long))) for count in set(counts.values())}
    return {term: weights[count] for term, count in counts.items()}
