"""Past one machine: a Redis for each use, a pooler before the database, another search engine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import environment, free_port

SCALED = {"REDIS_URL": "redis://one:6379/0", "DATABASE_URL": "postgres://desk@127.0.0.1/desk"}
READ = """
import json
from chatsite import settings as s
print(json.dumps({
    "broker": s.CELERY_BROKER_URL,
    "cache": s.CACHES["default"].get("LOCATION"),
    "signals": s.CHANNEL_LAYERS["default"].get("CONFIG", {}).get("hosts", [{}])[0].get("address"),
    "events": s.EVENTS_URL,
    "engine": s.SEARCH_ENGINE,
    "authority": s.OPENSEARCH_CA,
    "cursors_off": s.DATABASES["default"].get("DISABLE_SERVER_SIDE_CURSORS", False),
    "prepare": s.DATABASES["default"]["OPTIONS"].get("prepare_threshold", "unset"),
}))
"""


def started(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    env = environment(folder, free_port()) | changes
    return subprocess.run([sys.executable, "-c", READ], env=env, capture_output=True, text=True, check=False)


def read(folder: Path, **changes: str) -> dict[str, object]:
    done = started(folder, **changes)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_redis_serves_every_use(tmp_path: Path) -> None:
    told = read(tmp_path, **SCALED)
    assert {told[use] for use in ("broker", "cache", "signals", "events")} == {SCALED["REDIS_URL"]}
    assert (told["cursors_off"], told["prepare"], told["engine"]) == (False, "unset", "built-in")


def test_each_use_may_have_a_redis_of_its_own(tmp_path: Path) -> None:
    urls = {name: f"redis://{name.lower()}:6379/0" for name in ("BROKER_URL", "CACHE_URL", "EVENTS_URL")}
    told = read(tmp_path, **SCALED, **urls)
    assert [told[use] for use in ("broker", "cache", "signals", "events")] == [
        urls["BROKER_URL"],
        urls["CACHE_URL"],
        urls["EVENTS_URL"],
        urls["EVENTS_URL"],
    ]


def test_behind_a_pooler_nothing_outlives_a_transaction(tmp_path: Path) -> None:
    told = read(tmp_path, **SCALED, DATABASE_POOLER="transaction")
    assert (told["cursors_off"], told["prepare"]) == (True, None)


def test_the_authority_behind_opensearch_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "root-ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    told = read(tmp_path, OPENSEARCH_CA_FILE=str(tmp_path / "root-ca.pem"))
    assert told["authority"] == "-----BEGIN CERTIFICATE-----"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"BROKER_URL": "redis://two:6379/0"}, "BROKER_URL"),
        ({"DATABASE_POOLER": "transaction"}, "DATABASE_POOLER"),
        ({**SCALED, "DATABASE_POOLER": "session"}, "DATABASE_POOLER"),
        ({"SEARCH_ENGINE": "opensearch"}, "OPENSEARCH_URL"),
        ({"SEARCH_ENGINE": "solr"}, "SEARCH_ENGINE"),
        ({"OPENSEARCH_CA_FILE": "/nowhere/root-ca.pem"}, "OPENSEARCH_CA_FILE"),
        ({"SEARCH_ENGINE": "opensearch", "OPENSEARCH_URL": "search:9200"}, "OPENSEARCH_URL"),
    ],
)
def test_what_cannot_work_is_named_in_one_line(tmp_path: Path, changes: dict[str, str], name: str) -> None:
    done = started(tmp_path, **changes)
    assert done.returncode == 1
    assert name in done.stderr and done.stderr.count("\n") == 1
