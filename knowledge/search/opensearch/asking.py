"""Find candidates in OpenSearch, scored by the desk; or nothing, and the built-in search does it all."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from django.conf import settings

from knowledge.search import postings
from knowledge.search.opensearch import shapes
from knowledge.search.opensearch.client import Client, client
from knowledge.search.opensearch.errors import OpenSearchError, Refused
from knowledge.search.question import Weighed
from knowledge.search.scoring import DEPTHS
from knowledge.search.vectors.breaker import Breaker
from knowledge.search.visibility import Reader

logger = structlog.get_logger(__name__)

CANDIDATES = 200
FAILURES, PAUSE_SECONDS = 3, 10.0

Offered = tuple[list[tuple[int, int]], bool]


@dataclass(frozen=True, slots=True)
class State:
    """How far the index is.

    Attributes:
        index: its name behind the alias.
        sequence: number of the last change of this note.
        revision: of the library that it holds.
        is_moving: whether it is being changed.
    """

    index: str
    sequence: int
    revision: int
    is_moving: bool


breaker = Breaker(FAILURES, PAUSE_SECONDS, what="opensearch")
_seen = threading.local()  # the state that a thread found after its last question


def offers(terms: Sequence[Weighed], reader: Reader, revision: int, least: int) -> Offered | None:
    """Return the best passages with their scores, best first, and whether those are all; None for no answer.

    None is returned while OpenSearch is away (it is left alone for a while after three failures), and while
    it holds another revision of the library than ``revision``.
    """
    if not breaker.allows():
        return None
    try:
        found = _found(client(), terms, reader, revision)
    except (
        OpenSearchError,
        LookupError,
        ValueError,
        TypeError,
    ) as error:  # the latter: an answer of another shape
        breaker.failed(f"{type(error).__name__}: {error}")
        return None
    breaker.succeeded()
    if found is None:
        return None
    scored = _scored(terms, found)
    depth = max(DEPTHS[0], least)
    are_all = len(found) < CANDIDATES and len(scored) <= depth and len(terms) <= shapes.MOST_TERMS
    return scored[:depth], are_all


def state_of(opensearch: Client, index: str) -> State | None:
    """Return how far an index is; None where there is no such index, or nothing noted in it.

    Raises:
        OpenSearchError: it cannot be asked.
    """
    try:
        told = opensearch.call("GET", f"/{index}/{shapes.STATE}")
    except Refused as error:
        if error.status == 404:
            return None
        raise
    note = told["_source"]
    return State(told["_index"], told["_seq_no"], note["revision"], note["is_moving"])


def _found(
    opensearch: Client, terms: Sequence[Weighed], reader: Reader, revision: int
) -> list[tuple[int, str]] | None:
    """Return passages with their languages, all of one revision; None where the index holds another.

    The note is looked at after the question. Where it is the one that was seen after an earlier question,
    nothing has changed in between; else the question is asked once more.
    """
    alias = settings.OPENSEARCH_INDEX
    for _ in range(2):
        body = shapes.question(terms, reader, CANDIDATES)
        try:
            answer = opensearch.call("POST", f"/{alias}/{shapes.SEARCH}", body)
        except Refused as error:
            if error.status == 404:
                return None  # not made yet
            raise
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise OpenSearchError("some of the index did not answer")
        now = state_of(opensearch, alias)
        if now is None or now.is_moving or now.revision != revision:
            return None
        before, _seen.state = getattr(_seen, "state", None), now
        if before == now:
            fields = [hit["fields"] for hit in answer["hits"]["hits"]]
            return [(int(one["passage"][0]), str(one["shelf"][0])) for one in fields]
    return None


def _scored(terms: Sequence[Weighed], found: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
    """Return the passages with the scores that the built-in search gives, best first."""
    held = postings.terms_of([passage_id for passage_id, _ in found])
    scored: list[tuple[int, int]] = []
    for shelf in {term.shelf for term in terms}:
        weights = {term.term: term.total for term in terms if term.shelf == shelf}
        # Without what is gone from the library's index.
        ids = [passage_id for passage_id, its_shelf in found if its_shelf == shelf and passage_id in held]
        if ids:
            scored += zip(ids, _sums(weights, [held[passage_id] for passage_id in ids]), strict=True)
    return sorted((one for one in scored if one[1] > 0), key=lambda one: (-one[1], one[0]))


def _sums(weights: dict[int, int], passages: Sequence[np.ndarray]) -> list[int]:
    """Return what terms of these weights give each passage, of which all terms are known."""
    rows = np.concatenate(passages)
    known = np.array(sorted(weights), dtype=rows["term"].dtype)
    worth = np.array([weights[term] for term in sorted(weights)] + [0], dtype=np.int64)
    places = np.searchsorted(known, rows["term"])
    places[known.take(places, mode="clip") != rows["term"]] = len(known)
    ends = np.cumsum([len(one) for one in passages])
    sums = np.concatenate([[0], np.cumsum(worth[places] * rows["weight"].astype(np.int64))])
    return np.diff(sums[np.concatenate([[0], ends])]).tolist()
