"""Find the pairs and keep them: what is in force now and was not compared yet, against all that is in force.

Broken off anywhere a run loses at most the version it was at; the next one goes on from there.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from knowledge.models import Compared, Passage, Sketch, Version
from knowledge.resemblance.compare import Likeness, compare
from knowledge.resemblance.keeping import (
    Pair,
    forget_everything,
    forget_repeated,
    forget_what_is_gone,
    keep,
)
from knowledge.resemblance.sentences import sentences_of
from knowledge.resemblance.sketches import Sketched, candidates
from knowledge.run_lock import RunLock
from knowledge.search.terms import base_language

logger = structlog.get_logger(__name__)

BATCH = 20  # passages looked up at a time
MOST_DOCUMENTS = 3  # others that hold a sentence; one that stands in more is meant to be repeated
MOST_CONTRADICTIONS = 20  # kept of one passage
PASSAGES_AT_HAND = 4_000  # whose sentences are kept in memory
RUN = RunLock("resemblance-run")

Progress = Callable[[int, int], None]


def find_resemblances(*, anew: bool = False, progress: Progress | None = None) -> int:
    """Compare every version in force that was not compared yet; return how many were.

    Args:
        anew: forget what was found and compare all. What staff have dismissed stays dismissed.
        progress: called after every version with those done and those to do.
    """
    if anew:
        forget_everything()
    done = 0
    failed: set[int] = set()
    # Until nothing is left: meanwhile something may have been published.
    while todo := [pk for pk in _not_compared() if pk not in failed]:
        finder = _Finder()
        for number, version in enumerate(todo, start=1):
            try:
                finder.compare_version(version)
            except IntegrityError:  # it, or what it resembles, was deleted in this very moment
                failed.add(version)
            else:
                done += 1
            if progress:
                progress(number, len(todo))
    return done


def find_in_background() -> None:
    """Do the same unless another process is at it, which then goes on for what is new."""
    RUN.run(_find)


def _find() -> bool:
    if versions := find_resemblances(progress=lambda done, of: RUN.is_alive()):
        logger.info("documents_compared", versions=versions)
    return True


def _not_compared() -> list[int]:
    forget_what_is_gone()
    waiting = Version.objects.in_force().exclude(pk__in=Compared.objects.values("version"))
    return list(waiting.order_by("pk").values_list("pk", flat=True))


@dataclass(slots=True)
class _Match:
    """A sentence of the passage at hand beside one of another passage."""

    other: int
    likeness: Likeness


@dataclass(slots=True)
class _Matches:
    """What was found for one passage, by what it means."""

    repeats: list[_Match] = field(default_factory=list)
    contradicts: list[_Match] = field(default_factory=list)


class _Finder:
    """One pass over the library as it is in force at its beginning."""

    def __init__(self) -> None:
        in_force = Version.objects.in_force()
        self._documents: dict[int, tuple[UUID, str]] = {
            pk: (document, base_language(language))
            for pk, document, language in in_force.values_list("pk", "document", "document__language")
        }
        passages = Passage.objects.filter(version__in=in_force.values("pk"))
        self._versions: dict[int, int] = dict(passages.values_list("pk", "version"))
        self._at_hand: OrderedDict[int, Sketched] = OrderedDict()

    def compare_version(self, version: int) -> None:
        """Compare one version with all others, keep what is found, and mark it as done."""
        ids = list(Passage.objects.filter(version=version).order_by("position").values_list("pk", flat=True))
        pairs: list[Pair] = []
        common: list[tuple[set[int], set[str]]] = []
        sketches: list[Sketch] = []
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            rows = [row for pk, sketched in self._sketched(batch).items() for row in sketched.rows(pk)]
            sketches += rows
            found = candidates(rows, self._may_pair)
            at_hand = self._sketched({*batch, *(other for others in found.values() for other in others)})
            for passage in batch:
                matches = _matches(passage, found.get(passage, ()), at_hand)
                common += self._set_common_aside(passage, matches)
                pairs += self._pairs(passage, matches)
        with transaction.atomic():
            for passages, words in common:
                forget_repeated(passages, words)
            keep(pairs)
            Sketch.objects.bulk_create(sketches, batch_size=400, ignore_conflicts=True)
            Compared.objects.get_or_create(version_id=version)

    def _may_pair(self, first: int, second: int) -> bool:
        versions = self._versions.get(first), self._versions.get(second)
        return None not in versions and self._document(first) != self._document(second)

    def _document(self, passage: int) -> UUID:
        return self._documents[self._versions[passage]][0]

    def _sketched(self, ids: Iterable[int]) -> dict[int, Sketched]:
        """Return the passages' sentences; those used last are at hand without the database."""
        ids = set(ids)
        for passage in Passage.objects.filter(pk__in=ids - self._at_hand.keys()).only("heading", "text"):
            language = self._documents[self._versions[passage.pk]][1]
            sentences = sentences_of(passage.text, language, passage.heading)
            self._at_hand[passage.pk] = Sketched.of(sentences)
        sketched = {pk: self._at_hand[pk] for pk in sorted(ids & self._at_hand.keys())}
        for pk in sketched:
            self._at_hand.move_to_end(pk)
        while len(self._at_hand) > PASSAGES_AT_HAND:
            self._at_hand.popitem(last=False)
        return sketched

    def _set_common_aside(self, passage: int, matches: _Matches) -> list[tuple[set[int], set[str]]]:
        """Take out what many documents repeat; return it as passages and the words they all have."""
        holders: dict[str, list[_Match]] = defaultdict(list)
        for match in matches.repeats:
            holders[match.likeness.first.text].append(match)
        common = {
            text: found
            for text, found in holders.items()
            if len({self._document(match.other) for match in found}) > MOST_DOCUMENTS
        }
        matches.repeats = [match for match in matches.repeats if match.likeness.first.text not in common]
        return [
            ({passage, *(match.other for match in found)}, {text, *(m.likeness.second.text for m in found)})
            for text, found in common.items()
        ]

    def _pairs(self, passage: int, matches: _Matches) -> list[Pair]:
        repeated: dict[int, list[Likeness]] = defaultdict(list)
        for match in matches.repeats:
            repeated[match.other].append(match.likeness)
        pairs = [self._pair(passage, other, "repeats", alike) for other, alike in repeated.items()]
        pairs += [
            self._pair(passage, match.other, "contradicts", [match.likeness])
            for match in sorted(matches.contradicts, key=lambda match: -match.likeness.share)
        ][:MOST_CONTRADICTIONS]
        return pairs

    def _pair(self, passage: int, other: int, kind: str, alike: Sequence[Likeness]) -> Pair:
        share = sum(likeness.share for likeness in alike) / len(alike)
        mine = (passage, self._document(passage), "\n".join(likeness.first.text for likeness in alike))
        theirs = (other, self._document(other), "\n".join(likeness.second.text for likeness in alike))
        return Pair(kind, share, *sorted((mine, theirs)))


def _matches(passage: int, others: Sequence[int], at_hand: dict[int, Sketched]) -> _Matches:
    """Compare the sentences of a passage with those of the others that may be like them."""
    matches = _Matches()
    for other in others:
        if passage not in at_hand or other not in at_hand:
            continue  # deleted in this very moment
        pairs = at_hand[passage].pairs_with(at_hand[other])
        alike = [likeness for mine, theirs in pairs if (likeness := compare(mine, theirs))]
        # Of two parallel lists each line has its own counterpart; the others it differs from are not meant.
        settled = {id(s) for likeness in alike if likeness.is_same for s in (likeness.first, likeness.second)}
        for likeness in alike:
            if likeness.kind == "repeats":
                matches.repeats.append(_Match(other, likeness))
            elif likeness.kind == "contradicts" and not {id(likeness.first), id(likeness.second)} & settled:
                matches.contradicts.append(_Match(other, likeness))
    return matches
