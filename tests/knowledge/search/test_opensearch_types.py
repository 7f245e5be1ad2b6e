"""Every request of the desk to OpenSearch, and every answer it is tested with, fits the official types."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from knowledge.documents.publish import withdraw_version
from knowledge.models import Audience, Document
from knowledge.search import Query, search
from knowledge.search.opensearch import client, keeping
from knowledge.search.opensearch.errors import OpenSearchError
from tests.knowledge.conftest import Publish
from tests.knowledge.search import opensearch_types as types
from tests.knowledge.search.opensearch_server import Exchange, OpenSearchServer

FIND_NODE = "import sys; sys.path.insert(0, 'setup'); import checks; print(*checks.find_node(), sep='\\n')"


@pytest.fixture
def node() -> list[str]:
    if not (types.OFFICIAL.is_dir() and types.COMPILER.is_file()):
        pytest.skip("npm's development packages are not installed")
    told = subprocess.run(
        [sys.executable, "-c", FIND_NODE], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    return told.stdout.split("\n")[:-1]


@pytest.fixture
def life(filled: OpenSearchServer, publish: Publish) -> list[Exchange]:
    """All that goes over the wire while an index is made, asked, changed, refused, and made anew."""
    for question in ("Can I travel with my dog?", "wieviel wiegt ein Koffer", "do you sell submarines"):
        for audience in Audience.values:
            search(Query(question, audience=audience, history=("I have a heavy bag",)))
    search(Query("dogs", documents=("pets",), languages=("en",), categories=("travel",)))
    publish("umbrellas", "Umbrellas travel free.")
    withdraw_version(Document.objects.get(slug="pets").versions.get())
    filled.refuses_bulk_after = 0
    _fails(keeping.follow)
    filled.refuses_bulk_after = -1
    keeping.follow()
    _fails(lambda: keeping._note(client.client(), filled.served()[0], 1, is_moving=True))
    _fails(lambda: client.client().call("GET", f"/{filled.alias}/_doc/nobody"))
    _fails(lambda: client.client().call("POST", f"/{filled.alias}-none/_search", {"size": 0}))
    keeping.rebuild()
    search(Query("umbrellas"))
    return filled.exchanges


def _fails(act: object) -> None:
    with pytest.raises(OpenSearchError):
        act()


# What is planted into literals of a type, to see that the compiler would find it.
PLANTED = [
    ("Search_Request", '"docvalue_fields"', '"docvalue_field"'),
    ("Search_Request", '"minimum_should_match"', '"minimum_should"'),
    ("Search_Request", '"boost": ', '"boost": "much" + '),
    ("Search_Request", '"track_total_hits": false', '"track_total_hits": "no"'),
    ("Search_Request", '{"_score": "desc"}', '{"_score": "down"}'),
    ("Search_Request", '"preference"', '"preferences"'),
    ("Search_Request", '"composite": {"size"', '"composite": {"sizes"'),
    ("Search_ResponseBody", '"timed_out": false', '"timed_out": "no"'),
    ("Search_ResponseBody", '"_shards": {"total"', '"_shards": {"sum"'),
    ("Search_ResponseBody", '"fields": {', '"fields": 1, "_id": {'),
    ("CompositeAggregate", '"doc_count": ', '"doc_count": "many" + '),
    ("OperationContainer", '"external_gte"', '"external_greater"'),
    ("OperationContainer", '"_id"', '"id"'),
    ("Bulk_ResponseBody", '"status": 201', '"status": "created"'),
    ("Bulk_ResponseBody", '"errors": ', '"error": '),
    ("Index_Request", '"version_type": "external_gte"', '"version_type": "larger"'),
    ("Index_ResponseBody", '"_seq_no": ', '"_sequence": '),
    ("Get_ResponseBody", '"found": ', '"is_found": '),
    ("Indices_Create_Request", '"type": "keyword"', '"type": "word"'),
    ("Indices_Create_Request", '"mappings": ', '"mapping": '),
    ("Indices_Create_Request", '"dynamic": "strict"', '"dynamic": "very"'),
    ("Indices_Create_ResponseBody", '"shards_acknowledged": true', '"shards": true'),
    ("Indices_UpdateAliases_Request", '{"add": ', '{"append": '),
    ("Indices_Refresh_ResponseBody", '"failed": 0', '"failed": "none"'),
    ("DeleteByQuery_Request", '"conflicts": "proceed"', '"conflicts": "ignore"'),
    ("DeleteByQuery_ResponseBody", '"deleted": ', '"gone": '),
    ("Indices_Delete_ResponseBody", '"acknowledged": true', '"acknowledged": "yes"'),
    ("Indices_GetAlias_ResponseBody", '"aliases": ', '"alias": '),
    ("ErrorResponseBase", '"status": ', '"code": '),
]


def test_requests_and_answers_fit_the_official_types_and_wrong_ones_do_not(
    life: list[Exchange], node: list[str], tmp_path: Path
) -> None:
    assert types.used(life) == types.every_operation()
    assert {exchange.status for exchange in life} >= {200, 201, 404, 409}
    right = types.literals(life)
    wrong = [_planted(right, *how) for how in PLANTED]
    found, said = types.wrong_lines([*right, *wrong], tmp_path, node)
    first = len(right)
    assert not [right[place] for place in found if place < first], said
    assert [PLANTED[place] for place in range(len(wrong)) if place + first not in found] == []


def _planted(right: list[tuple[str, str]], kind: str, old: str, new: str) -> tuple[str, str]:
    literal = next(literal for one, literal in right if one == kind and old in literal)
    return kind, literal.replace(old, new, 1)
