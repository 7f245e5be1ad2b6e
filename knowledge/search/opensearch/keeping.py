"""Bring the index in OpenSearch to the library's revision, and make it anew without a pause.

The index says by a note which revision it holds, and that it is being changed. The note carries a version
that only grows (``external_gte``), so that a process that slept cannot name an older revision after a newer
one. One process works at a time, by a lock that ends with its transaction; that also holds the one state of
the library that is written.

A note of a later revision than a library that was looked at afterwards tells that the library was put back
from a backup by other means than ``manage.py restore``, or that the index is another's: it is made anew.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import time_ns
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Min

from knowledge.models import Passage, Version
from knowledge.search import index
from knowledge.search.bm25 import weigh
from knowledge.search.opensearch import shapes
from knowledge.search.opensearch.asking import state_of
from knowledge.search.opensearch.client import Client, client
from knowledge.search.opensearch.errors import Away, OpenSearchError, Refused, Superseded
from knowledge.search.snapshot import snapshot
from knowledge.search.terms import base_language

logger = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 60.0  # with one request that changes something
BATCH: Final = 500  # passages in a request
VERSIONS: Final = 200  # in a request
ROUNDS: Final = 20  # publications may follow each other; beat comes again
LOCK: Final = 0x63686174  # of PostgreSQL's advisory locks
_CONFLICT: Final = 409
# What of a version is in OpenSearch. After a backup was put back, a number that a lost version had may be
# given again: when it was written and which passages it has tell one from the other.
_STAMPED: Final = (
    *("document__slug", "effective_from", "effective_until"),
    *("document__title", "document__category", "document__audience", "document__language"),
    *("created_at", "first", "last"),
)
_here = threading.Lock()

Json = dict[str, Any]
Versions = dict[tuple[int, str], int]  # number of passages by id and stamp


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the revision that the index holds now, and how many versions came and went."""

    revision: int
    added: int
    removed: int


def follow_in_background() -> None:
    """Follow until nothing is left to do; what goes wrong with OpenSearch is only logged."""
    try:
        for _ in range(ROUNDS):
            outcome = follow()
            if outcome is None or outcome.revision == index.revision():
                return
    except OpenSearchError as error:
        logger.warning("opensearch_not_up_to_date", code=error.code, reason=str(error))


def follow() -> Outcome | None:
    """Bring the index to the library's revision; None while another process is at it.

    Raises:
        OpenSearchError: it could not be done; what was done is found done by the next try.
    """
    opensearch = client()
    noted = _noted(opensearch)  # before the library is looked at, whose revision only grows
    with _alone() as is_alone:
        if not is_alone:
            return None
        revision = index.revision()
        served = _served(opensearch)
        if noted > revision or len(served) > 1:
            logger.warning("opensearch_index_is_another_librarys", indexes=served, noted=noted, here=revision)
            return _replace(opensearch, served, revision)
        name = served[0] if served else _make(opensearch, is_served=True)
        state = state_of(opensearch, name)
        if state is not None and state.revision == revision and not state.is_moving:
            return Outcome(revision, 0, 0)
        return _fill(opensearch, name, revision)


def rebuild() -> Outcome | None:
    """Make an index beside the one in use, fill it, let the alias name it, and drop the former one.

    Questions go to the former one meanwhile. None is returned while another process is at it.

    Raises:
        OpenSearchError: it could not be done; the former index stays in use.
    """
    opensearch = client()
    with _alone() as is_alone:
        if not is_alone:
            return None
        return _replace(opensearch, _served(opensearch), index.revision())


@contextmanager
def _alone() -> Iterator[bool]:
    """Tell whether no other process is at it, and show one state of the library meanwhile."""
    if not _here.acquire(blocking=False):
        yield False
        return
    try:
        if connection.vendor != "postgresql" or connection.in_atomic_block:
            with snapshot():
                yield True
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            yield bool(cursor.fetchone()[0])
    finally:
        _here.release()


def _served(opensearch: Client) -> list[str]:
    """Return the names of the indexes behind the alias: one, or none yet."""
    try:
        return sorted(opensearch.call("GET", f"/_alias/{settings.OPENSEARCH_INDEX}"))
    except Refused as error:
        if error.status == 404:
            return []
        raise


def _noted(opensearch: Client) -> int:
    """Return the latest revision that is noted behind the alias; 0 for none."""
    states = [state_of(opensearch, name) for name in _served(opensearch)]
    return max((state.revision for state in states if state), default=0)


def _replace(opensearch: Client, former: Sequence[str], revision: int) -> Outcome:
    """Make an index beside those in use, fill it, and let the alias name it instead of them."""
    name = _make(opensearch, is_served=False)
    try:
        outcome = _fill(opensearch, name, revision)
    except OpenSearchError:
        _drop(opensearch, name)
        raise
    alias = settings.OPENSEARCH_INDEX
    actions: list[Json] = [{"add": {"index": name, "alias": alias}}]
    actions += [{"remove": {"index": one, "alias": alias}} for one in former]
    opensearch.call("POST", "/_aliases", {"actions": actions}, seconds=PATIENCE_SECONDS)
    for one in former:
        _drop(opensearch, one)
    return outcome


def _make(opensearch: Client, *, is_served: bool) -> str:
    name = f"{settings.OPENSEARCH_INDEX}-{time_ns() // 1_000_000}"
    aliases = {"aliases": {settings.OPENSEARCH_INDEX: {}}} if is_served else {}
    opensearch.call("PUT", f"/{name}", {**shapes.MAPPING, **aliases}, seconds=PATIENCE_SECONDS)
    return name


def _drop(opensearch: Client, name: str) -> None:
    try:
        opensearch.call("DELETE", f"/{name}", seconds=PATIENCE_SECONDS)
    except OpenSearchError as error:
        logger.warning("opensearch_index_left_over", index=name, reason=str(error))


def _fill(opensearch: Client, name: str, revision: int) -> Outcome:
    """Make an index hold exactly the library's passages, and note it."""
    wanted = _wanted()
    _note(opensearch, name, revision, is_moving=True)
    held = _held(opensearch, name)
    surplus = sorted(held.keys() - wanted.keys())
    # One with too few passages was begun by a try that failed: all of it is written again.
    missing = [version for version, passages in sorted(wanted.items()) if held.get(version) != passages]
    for begin in range(0, len(surplus), VERSIONS):
        body = shapes.all_of(surplus[begin : begin + VERSIONS])
        _check_deleted(opensearch.call("POST", f"/{name}/{shapes.DELETE}", body, seconds=PATIENCE_SECONDS))
    for begin in range(0, len(missing), VERSIONS):
        _add(opensearch, name, dict(missing[begin : begin + VERSIONS]), revision)
    opensearch.call("POST", f"/{name}/_refresh", seconds=PATIENCE_SECONDS)
    _note(opensearch, name, revision, is_moving=False)
    logger.info("opensearch_up_to_date", revision=revision, added=len(missing), removed=len(surplus))
    return Outcome(revision, len(missing), len(surplus))


def _wanted() -> Versions:
    """Return the versions in the library's index with the stamps of what of them is in OpenSearch."""
    rows = Version.objects.filter(indexed=True).annotate(
        held=Count("passages"), first=Min("passages"), last=Max("passages")
    )
    rows = rows.filter(held__gt=0).order_by("pk").values_list("pk", "held", *_STAMPED)
    return {(pk, shapes.stamp_of(*rest)): passages for pk, passages, *rest in rows}


def _held(opensearch: Client, name: str) -> Versions:
    """Return the versions in an index."""
    opensearch.call("POST", f"/{name}/_refresh", seconds=PATIENCE_SECONDS)
    held: Versions = {}
    after: Json | None = None
    while True:
        body = shapes.versions_held(after, 1_000)
        found = opensearch.call("POST", f"/{name}/{shapes.SEARCH}", body, seconds=PATIENCE_SECONDS)
        page = found["aggregations"]["versions"]
        for bucket in page["buckets"]:
            held[bucket["key"]["version"], bucket["key"]["stamp"]] = bucket["doc_count"]
        after = page.get("after_key")
        if not after or not page["buckets"]:
            return held


def _add(opensearch: Client, name: str, stamps: dict[int, str], revision: int) -> None:
    passages = Passage.objects.filter(version__in=stamps).order_by("pk").select_related("version__document")
    passages = passages.defer("version__text")
    ids = list(passages.values_list("pk", flat=True))
    for begin in range(0, len(ids), BATCH):
        lines = []
        for passage in passages.filter(pk__in=ids[begin : begin + BATCH]):
            action = {"_id": f"p{passage.pk}", "version": revision, "version_type": "external_gte"}
            lines.append({"index": action})
            lines.append(_document(passage, stamps[passage.version_id]))
        _check(opensearch.bulk(name, lines, seconds=PATIENCE_SECONDS))


def _document(passage: Passage, stamp: str) -> Json:
    version, document = passage.version, passage.version.document
    shelf = base_language(document.language)
    days = {"effective_from": version.effective_from, "effective_until": version.effective_until}
    return {
        "kind": "passage",
        "passage": passage.pk,
        "version": version.pk,
        "stamp": stamp,
        "shelf": shelf,
        "audience": document.audience,
        "category": document.category,
        "slug": document.slug,
        "terms": sorted(weigh(passage.heading, passage.text, shelf)),
        **{name: day.isoformat() for name, day in days.items() if day},
    }


def _check(items: Sequence[Json]) -> None:
    """Raise for the first action that failed; the next try does all of them again."""
    for item in items:
        error = item.get("error") or {}
        if item["status"] == _CONFLICT:
            raise Superseded(str(error.get("reason", "")))
        if item["status"] in (429, 503):
            raise Away(str(error.get("reason", "")))
        if item["status"] >= 300:
            raise Refused(item["status"], str(error.get("type", "")), str(error.get("reason", "")))


def _check_deleted(told: Json) -> None:
    """Raise where something is left that should have gone; the next try finds it again."""
    if told["timed_out"] or told["failures"] or told["version_conflicts"]:
        left = {name: told[name] for name in ("timed_out", "version_conflicts", "deleted", "total")}
        raise Away(f"not everything was deleted: {left}")


def _note(opensearch: Client, name: str, revision: int, *, is_moving: bool) -> None:
    """Note how far the index is: an even number before a change, the next one after it.

    Raises:
        Superseded: a later revision is noted already.
    """
    number = 2 * revision + (0 if is_moving else 1) + 2
    path = f"/{name}/_doc/{shapes.STATE_ID}?version={number}&version_type=external_gte"
    body = {"kind": "state", "revision": revision, "is_moving": is_moving}
    try:
        opensearch.call("PUT", path, body, seconds=PATIENCE_SECONDS)
    except Refused as error:
        if error.status == _CONFLICT:
            raise Superseded(str(error)) from error
        raise
