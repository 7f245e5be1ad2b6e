"""Group questions that ask for the same, by their words."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from knowledge.search.terms import base_language, fold, stems

ALIKE = 0.45  # cosine from which a question joins a group; read off 2,000 questions of doc2dial
UNSEEN = 20  # wordings added to the count, so that of a few questions a word which two share still tells much
_T = TypeVar("_T")
_Vector = dict[str, float]


@dataclass(slots=True)
class Group(Generic[_T]):
    """Questions alike, in the order given; ``typical`` is the one most like all others."""

    members: list[_T] = field(default_factory=list)
    typical: _T | None = None


def group_alike(questions: Sequence[tuple[_T, str, str]]) -> list[Group[_T]]:
    """Group questions by their stems, the telling ones counting for more; the largest groups first.

    Each question is compared with what the groups' questions have in common so far and joins the most alike
    one. The wordings asked most often begin, so the outcome hangs on the questions and not on their order.

    Args:
        questions: each with its text and its language code.
    """
    wordings: dict[tuple[str, ...], list[_T]] = defaultdict(list)
    for question, text, language in questions:
        wordings[_words(text, language)].append(question)
    vectors = _vectors(wordings)
    clusters: list[_Cluster] = []
    holding: dict[str, set[int]] = defaultdict(set)  # the clusters that have a word
    for words in sorted(wordings, key=lambda words: (-len(wordings[words]), len(words), words)):
        number = _closest(vectors[words], clusters, holding)
        if number is None:
            number = len(clusters)
            clusters.append(_Cluster())
        clusters[number].take(words, vectors[words], len(wordings[words]))
        for word in words:
            holding[word].add(number)
    order = {id(question): place for place, (question, _, _) in enumerate(questions)}
    groups = [_group(cluster, wordings, vectors, order) for cluster in clusters]
    return sorted(groups, key=lambda group: (-len(group.members), order[id(group.members[0])]))


@dataclass(slots=True)
class _Cluster:
    wordings: list[tuple[str, ...]] = field(default_factory=list)
    sum: _Vector = field(default_factory=dict)
    square: float = 0.0

    def take(self, words: tuple[str, ...], vector: _Vector, times: int) -> None:
        self.wordings.append(words)
        for word, weight in vector.items():
            before = self.sum.get(word, 0.0)
            self.sum[word] = before + weight * times
            self.square += self.sum[word] ** 2 - before**2

    def cosine(self, vector: _Vector) -> float:
        """Return how alike a vector of length 1 is."""
        return sum(weight * self.sum.get(word, 0.0) for word, weight in vector.items()) / math.sqrt(
            self.square
        )


def _words(text: str, language: str) -> tuple[str, ...]:
    """Return the distinct stems; of a question made of small words alone, those."""
    language = base_language(language or "en")
    found = stems(text, language) or re.findall(r"\w+", fold(text)) or ["?"]
    return tuple(sorted(set(found)))


def _vectors(wordings: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], _Vector]:
    """Return a vector of length 1 for each wording: a word weighs more the fewer wordings have it."""
    wordings = list(wordings)
    holding = Counter(word for words in wordings for word in words)
    total = len(wordings) + UNSEEN
    weight = {word: math.log(1 + total / count) for word, count in holding.items()}
    vectors = {}
    for words in wordings:
        length = math.sqrt(sum(weight[word] ** 2 for word in words))
        vectors[words] = {word: weight[word] / length for word in words}
    return vectors


def _closest(vector: _Vector, clusters: list[_Cluster], holding: dict[str, set[int]]) -> int | None:
    candidates = sorted(set().union(*(holding.get(word, set()) for word in vector)))
    alike = [(clusters[number].cosine(vector), -number) for number in candidates]
    best, number = max(alike, default=(0.0, 0))
    return -number if best >= ALIKE else None


def _group(
    cluster: _Cluster,
    wordings: dict[tuple[str, ...], list[_T]],
    vectors: dict[tuple[str, ...], _Vector],
    order: dict[int, int],
) -> Group[_T]:
    members = [question for words in cluster.wordings for question in wordings[words]]
    central = max(cluster.wordings, key=lambda words: (cluster.cosine(vectors[words]), words))
    return Group(sorted(members, key=lambda question: order[id(question)]), wordings[central][0])
