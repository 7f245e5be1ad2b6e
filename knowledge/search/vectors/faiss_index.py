"""The nearest vectors in this process's memory, by FAISS, kept in step with the database.

The index is a tuple of segments that never change. A refresh makes new segments for what changed and puts a
new tuple in place of the old, so questions go on while it works, without a lock, and no more than a segment
is ever held twice. Whoever finds the index out of date refreshes it for a moment; what takes longer is
finished in a thread while the old index serves. What is not in it yet is found by words.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import structlog
from django.db import DatabaseError, close_old_connections

from knowledge.search.vectors import store
from knowledge.search.vectors.store import Known

if TYPE_CHECKING:
    import faiss

logger = structlog.get_logger(__name__)

SEGMENT = 16_384  # vectors; the work of a small change is copying one of these
READ_ROWS = 4_096
AT_ONCE_SECONDS = 0.25  # of a question's time; the rest of a refresh goes to a thread
# While vectors pour in, a refresh may take no more than this share of the time.
LARGEST_SHARE = 0.1
SHORT_SECONDS = 0.1  # refreshes shorter than this are not held back


@dataclass(frozen=True, eq=False, slots=True)
class _Segment:
    """Some vectors with their ids, in FAISS's simplest index: exact inner products."""

    ids: np.ndarray
    index: "faiss.IndexFlatIP"

    def rows(self) -> np.ndarray:
        """Return a copy of the vectors."""
        return self.index.reconstruct_n(0, len(self.ids))


class FaissIndex:
    """The index of one process; used by many threads at once."""

    def __init__(self) -> None:
        # Model and dimension with their segments: one attribute, so that they are never seen apart.
        self._held: tuple[tuple[str, int], tuple[_Segment, ...]] = (("", 0), ())
        self._state: object = None  # of the database, as it was read for the last whole refresh
        self._refreshing = threading.Lock()
        self._not_before = 0.0

    def __len__(self) -> int:
        return sum(len(segment.ids) for segment in self._held[1])

    def nearest(self, known: Known, question: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return ids and cosines of the ``count`` nearest vectors, best first; none before the first load."""
        self._keep_in_step(known)
        of, segments = self._held
        if of != (known.model, known.dimension):
            return []
        query = np.ascontiguousarray(question, dtype=np.float32).reshape(1, -1)
        found: list[tuple[int, float]] = []
        for segment in segments:
            cosines, places = segment.index.search(query, min(count, len(segment.ids)))
            found += zip(segment.ids[places[0]].tolist(), cosines[0].tolist(), strict=True)
        return sorted(found, key=lambda one: (-one[1], one[0]))[:count]

    def refresh(self, known: Known) -> None:
        """Bring the index in step now, however long that takes."""
        with self._refreshing:
            for _ in self._steps(known):
                pass

    def _keep_in_step(self, known: Known) -> None:
        if self._state == (known.model, known.dimension, known.state):
            return
        if time.monotonic() < self._not_before or not self._refreshing.acquire(blocking=False):
            return
        try:
            import faiss  # noqa: F401  (most of a first load; a process that serves does it at its start)

            begun = time.monotonic()
            steps = self._steps(known)
            while time.monotonic() - begun < AT_ONCE_SECONDS:
                if next(steps, None) is None:
                    self._rest(begun)
                    self._refreshing.release()
                    return
        except BaseException:  # whatever ends it, nobody could refresh again while the lock is held
            self._refreshing.release()
            raise
        # The lock goes along: a thread may release what another acquired.
        threading.Thread(target=self._finish, args=(steps, begun), name="vectors", daemon=True).start()

    def _finish(self, steps: Iterator[int], begun: float) -> None:
        try:
            for _ in steps:
                pass
        except DatabaseError as error:
            logger.warning("vectors_not_refreshed", reason=str(error))
        finally:
            self._rest(begun)
            self._refreshing.release()
            close_old_connections()

    def _rest(self, begun: float) -> None:
        took = time.monotonic() - begun
        self._not_before = time.monotonic() + (took / LARGEST_SHARE if took > SHORT_SECONDS else 0.0)

    def _steps(self, known: Known) -> Iterator[int]:
        """Do a refresh in small steps, the number of vectors held after each.

        Every statement stands alone, so the steps may go on in another thread with another connection. The
        first load of a model is put in place whole; later ones as they come.
        """
        of = (known.model, known.dimension)
        held_of, held = self._held
        first = held_of != of
        segments = [] if first else list(held)
        live = store.live_ids(known)
        yield len(self)
        builder = _Builder(known.dimension, segments)
        for _ in builder.keep_only(live):
            self._put(builder, of, first)
            yield len(self)
        for ids in builder.absent(live):
            builder.add(*store.read(ids, known.dimension))
            self._put(builder, of, first)
            yield len(self)
        self._put(builder, of, False)
        self._state = (*of, known.state)

    def _put(self, builder: "_Builder", of: tuple[str, int], wait: bool) -> None:
        if not wait:
            self._held = (of, tuple(builder.segments))


class _Builder:
    """The segments of a refresh under way."""

    def __init__(self, dimension: int, segments: list[_Segment]) -> None:
        self.segments = segments
        self._dimension = dimension

    def keep_only(self, live: np.ndarray) -> Iterator[None]:
        """Take out what is not among ``live``; yields after every segment that changed."""
        for place in reversed(range(len(self.segments))):
            segment = self.segments[place]
            stays = np.isin(segment.ids, live, assume_unique=True)
            if not stays.all():
                self.segments[place : place + 1] = self._segment(segment.ids[stays], segment.rows()[stays])
                yield

    def absent(self, live: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the ids of ``live`` that are not held, some at a time."""
        held = np.concatenate([segment.ids for segment in self.segments] or [np.empty(0, np.int64)])
        ids = np.setdiff1d(live, held, assume_unique=True)
        for first in range(0, len(ids), READ_ROWS):
            yield ids[first : first + READ_ROWS]

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        """Add vectors: into the smallest segment while there is room, else into a new one."""
        if not len(ids):
            return
        place = min(range(len(self.segments)), key=lambda one: len(self.segments[one].ids), default=None)
        if place is not None and len(self.segments[place].ids) + len(ids) <= SEGMENT:
            former = self.segments.pop(place)
            ids = np.concatenate([former.ids, ids])
            rows = np.concatenate([former.rows(), rows])
        self.segments += self._segment(ids, rows)

    def _segment(self, ids: np.ndarray, rows: np.ndarray) -> list[_Segment]:
        import faiss

        faiss.omp_set_num_threads(1)  # threads of its own would fight with the server's for the same cores
        if not len(ids):
            return []
        index = faiss.IndexFlatIP(self._dimension)
        index.add(np.ascontiguousarray(rows, dtype=np.float32))
        return [_Segment(ids, index)]


faiss_index = FaissIndex()
