"""Whether two sentences say the same, or nearly the same with another number or the other way round."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from knowledge.resemblance.leanings import opposed
from knowledge.resemblance.quantities import Quantity
from knowledge.resemblance.sentences import Sentence

# Measured by reading what is found in the sample airline's 41 policies and in 17 of a software company:
# see docs/architecture.md.
ALIKE = 0.75  # share of words in common from which another number or side is a contradiction …
CLOSELY_ALIKE = 0.85  # … from which a mere "not" is one, which often belongs to a subordinate clause …
REPEATED = 0.85  # share from which two sentences say the same
FEWEST_WORDS = 3  # those of the title path included, where a sentence needs it
FEWEST_REPEATED = 7


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two sentences alike: how much, and whether they may contradict each other.

    ``same`` is the kind of those that agree but are too short to be worth pointing out.
    """

    first: Sentence
    second: Sentence
    kind: Literal["repeats", "contradicts", "same"]
    share: float

    @property
    def is_same(self) -> bool:
        """Tell whether the two agree word for word, small words aside."""
        return self.kind != "contradicts" and self.first.words == self.second.words


def compare(first: Sentence, second: Sentence) -> Likeness | None:
    """Return how two sentences are alike; None when they are not."""
    fewest = min(len(first.words), len(second.words))
    if fewest < FEWEST_WORDS:
        return None
    share = len(first.words & second.words) / len(first.words | second.words)
    if share < ALIKE:
        return None
    numbers = differing_kinds(first.quantities, second.quantities)
    sides = opposed(first.leanings, second.leanings)
    if numbers or sides:
        needed = ALIKE if numbers or sides != {"denial"} else CLOSELY_ALIKE
        return Likeness(first, second, "contradicts", share) if share >= needed else None
    if share < REPEATED or first.quantities != second.quantities:
        return None
    return Likeness(first, second, "repeats" if fewest >= FEWEST_REPEATED else "same", share)


def differing_kinds(first: frozenset[Quantity], second: frozenset[Quantity]) -> frozenset[str]:
    """Return the kinds of quantity of which each has an amount that the other has not.

    A sentence that only names more of them than the other does not contradict it.
    """
    kinds: dict[str, tuple[set[Quantity], set[Quantity]]] = defaultdict(lambda: (set(), set()))
    for side, quantities in enumerate((first, second)):
        for quantity in quantities:
            kinds[quantity.kind][side].add(quantity)
    return frozenset(kind for kind, sides in kinds.items() if _contradict(kind, *sides))


def _contradict(kind: str, left: set[Quantity], right: set[Quantity]) -> bool:
    """Tell whether each side has what the other has not; numbers of nothing are compared one with one."""
    return bool(left - right and right - left) and (bool(kind) or len(left) == len(right) == 1)
