"""What is sent to OpenSearch: the mapping, documents, questions.

The field ``terms`` holds the terms that the desk itself found in a passage (stems, pairs, title stems), so
that languages, synonyms and corrected words are the same with it and without.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from knowledge.models.documents import readable_audiences
from knowledge.search.question import SCALE, Weighed
from knowledge.search.visibility import Reader

STATE_ID: Final = "state"
# Of a question, the heaviest: a server takes 1,024 conditions in all (indices.query.bool.max_clause_count).
MOST_TERMS: Final = 800
# A replica may lag behind what was refreshed (segment replication); the primary never does.
SEARCH: Final = "_search?preference=_primary"
STATE: Final = f"_doc/{STATE_ID}?preference=_primary"
DELETE: Final = "_delete_by_query?conflicts=proceed&preference=_primary"
Json = dict[str, Any]

_KEYWORD: Final[Json] = {"type": "keyword"}
MAPPING: Final[Json] = {
    "settings": {"index": {"refresh_interval": "30s"}},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "kind": _KEYWORD,
            "terms": {"type": "keyword", "doc_values": False},
            "shelf": _KEYWORD,
            "audience": _KEYWORD,
            "category": _KEYWORD,
            "slug": _KEYWORD,
            "effective_from": {"type": "date", "format": "strict_date"},
            "effective_until": {"type": "date", "format": "strict_date"},
            "passage": {"type": "long"},
            "version": {"type": "long"},
            "stamp": _KEYWORD,
            "revision": {"type": "long"},
            "is_moving": {"type": "boolean"},
        },
    },
}


def stamp_of(*details: object) -> str:
    """Return what changes whenever one of a version's details does."""
    return blake2b(repr(details).encode(), digest_size=8).hexdigest()


def question(terms: Sequence[Weighed], reader: Reader, most: int) -> Json:
    """Return the search for the passages with the heaviest terms, among those the reader may see.

    The conditions only spare places among the candidates: who sees what is decided by the database.
    """
    if len(terms) > MOST_TERMS:
        terms = sorted(terms, key=lambda term: (-term.total, term.shelf, term.text))[:MOST_TERMS]
    return {
        "size": most,
        "_source": False,
        "docvalue_fields": ["passage", "shelf"],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": _conditions(reader),
                "should": [_of_shelf(shelf, terms) for shelf in sorted({term.shelf for term in terms})],
                "minimum_should_match": 1,
            }
        },
        "sort": [{"_score": "desc"}, {"passage": "asc"}],
    }


def versions_held(after: Json | None, most: int) -> Json:
    """Return the search for the versions that the index holds, a page after another."""
    sources = [{name: {"terms": {"field": name}}} for name in ("version", "stamp")]
    page = {"after": after} if after else {}
    return {
        "size": 0,
        "query": {"term": {"kind": "passage"}},
        "aggs": {"versions": {"composite": {"size": most, "sources": sources, **page}}},
    }


def all_of(versions: Sequence[tuple[int, str]]) -> Json:
    """Return the search for every passage of versions with these stamps."""
    pairs = [
        {"bool": {"filter": [{"term": {"version": version}}, {"term": {"stamp": stamp}}]}}
        for version, stamp in versions
    ]
    return {"query": {"bool": {"should": pairs, "minimum_should_match": 1}}}


def _of_shelf(shelf: str, terms: Sequence[Weighed]) -> Json:
    """Return the question in one language: each term that is there adds its weight."""
    own = [
        {"constant_score": {"filter": {"term": {"terms": term.text}}, "boost": max(term.total, 1) / SCALE}}
        for term in terms
        if term.shelf == shelf
    ]
    return {"bool": {"filter": [{"term": {"shelf": shelf}}], "should": own, "minimum_should_match": 1}}


def _conditions(reader: Reader) -> list[Json]:
    conditions: list[Json] = [{"term": {"kind": "passage"}}]
    wanted = {
        "audience": readable_audiences(reader.audience),
        "category": reader.categories,
        "slug": reader.documents,
    }
    conditions += [{"terms": {field: list(values)}} for field, values in wanted.items() if values]
    return [
        *conditions,
        _holds("effective_from", "lte", reader.on),
        _holds("effective_until", "gte", reader.on),
    ]


def _holds(field: str, side: str, on: date) -> Json:
    """Return the condition that a day lies on the right side of another, or that there is none."""
    none = {"bool": {"must_not": [{"exists": {"field": field}}]}}
    within = {"range": {field: {side: on.isoformat()}}}
    return {"bool": {"should": [none, within], "minimum_should_match": 1}}
