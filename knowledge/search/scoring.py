"""Add up what the terms of a question give each passage, in whole numbers, the same on every database."""

from collections.abc import Iterator, Sequence

import numpy as np

from knowledge.search import postings
from knowledge.search.postings import BLOCK, BLOCK_BITS, PACKED, WEIGHT_BITS
from knowledge.search.question import Weighed

READ = 30_000  # postings read to find passages; the commoner terms beyond only rank what was found
DEPTHS = (32, 2_048, 1_000_000_000)  # passages offered to the reader; the next when too few are left
NO_TERMS = np.empty(0, postings.OF_PASSAGE)
SPARE = 2  # times as many passages are ranked by the commoner terms as are offered


def offers(
    terms: Sequence[Weighed], blocks: dict[int, int], least: int
) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """Yield the ``least`` best passages or more with their scores, each time more, and whether those are all.

    ``blocks`` is the number of each block by its id. Equal scores are in the order of the passages' ids.
    """
    finding, ranking = _parted(terms)
    postings.read_long({term.term: term.lists for term in finding})
    numbers, scores = _add_up(finding, blocks)
    for depth in (max(depth, least) for depth in DEPTHS):
        ranked = depth * SPARE if ranking else depth
        best_numbers, best_scores = _best(numbers, scores, ranked)
        if ranking:
            best_scores = best_scores + _given_by(ranking, best_numbers)
            best_numbers, best_scores = _best(best_numbers, best_scores, depth)
        offered = list(zip(best_numbers.tolist(), map(int, best_scores.tolist()), strict=True))
        yield offered, len(offered) == len(numbers)


def given_to(passage_id: int, weights: dict[int, int]) -> int:
    """Return what terms of these ``weights`` give one passage."""
    held = postings.terms_of([passage_id]).get(passage_id)
    rows = zip(held["term"].tolist(), held["weight"].tolist(), strict=True) if held is not None else ()
    return sum(weights.get(term, 0) * weight for term, weight in rows)


def affordable(terms: Sequence[Weighed]) -> list[Weighed]:
    """Return the terms without the commoner ones of earlier turns alone, where there is much to read."""
    finding, ranking = _parted(terms)
    return finding + [term for term in ranking if term.own]


def _parted(terms: Sequence[Weighed]) -> tuple[list[Weighed], list[Weighed]]:
    """Return the terms that find passages and those that only rank what was found.

    The question's own terms find first, then those of the earlier turns, the rarest before the others, as far
    as their postings are few enough to be read whole; at least one does.
    """
    rarest = sorted(terms, key=lambda term: (not term.own, term.lists.passages, term.text))
    finding: list[Weighed] = []
    ranking: list[Weighed] = []
    read = 0
    for term in rarest:
        is_read = not finding or read + term.lists.passages <= READ
        (finding if is_read else ranking).append(term)
        read += term.lists.passages if is_read else 0
    return finding, ranking


def _add_up(terms: Sequence[Weighed], blocks: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of all passages that hold a term, and their scores."""
    lists = [
        (block, term.total, data)
        for term in terms
        for block, data in zip(term.lists.blocks, term.lists.data, strict=True)
    ]
    # An open block and its closed one are the same stretch of ids.
    touched = sorted({blocks[block] for block, _, _ in lists})
    slots = {number: slot for slot, number in enumerate(touched)}
    packed = np.frombuffer(b"".join(data for _, _, data in lists), PACKED)
    lengths = [len(data) // PACKED.itemsize for _, _, data in lists]
    places = np.repeat(np.array([slots[blocks[block]] * BLOCK for block, _, _ in lists], np.int64), lengths)
    places += packed >> WEIGHT_BITS
    given = np.repeat(np.array([total for _, total, _ in lists], np.float64), lengths)
    given *= packed & ((1 << WEIGHT_BITS) - 1)
    # Sums of whole numbers far below 2 ** 53 are exact, in whatever order they are added.
    sums = np.bincount(places, weights=given)
    found = np.flatnonzero(sums > 0)
    firsts = np.array([number << BLOCK_BITS for number in touched], dtype=np.int64)
    return firsts[found >> BLOCK_BITS] + (found & (BLOCK - 1)), sums[found]


def _best(numbers: np.ndarray, scores: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``most`` best in order; of equal ones at the end, those with the lowest ids."""
    if len(scores) > most:
        enough = scores >= np.partition(scores, -most)[-most]
        numbers, scores = numbers[enough], scores[enough]
    order = np.lexsort((numbers, -scores))[:most]
    return numbers[order], scores[order]


def _given_by(terms: Sequence[Weighed], numbers: np.ndarray) -> np.ndarray:
    """Return what the terms give to each of the passages."""
    weights = {term.term: term.total for term in terms}
    wanted = np.array(sorted(weights), dtype=np.int64)
    totals = np.array([weights[term] for term in wanted.tolist()], dtype=np.int64)
    held = postings.terms_of(numbers.tolist())
    rows = [held.get(number, NO_TERMS) for number in numbers.tolist()]
    every = np.concatenate(rows)
    which = np.minimum(np.searchsorted(wanted, every["term"]), len(wanted) - 1)
    given = np.where(wanted[which] == every["term"], totals[which] * every["weight"].astype(np.int64), 0)
    return np.bincount(np.repeat(np.arange(len(rows)), list(map(len, rows))), given, minlength=len(rows))
