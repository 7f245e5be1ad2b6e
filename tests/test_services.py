"""The servers that other tests stand on: started, broken and ended as promised."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest
import redis

from tests import services
from tests.services import LocalServer, PostgresServer, RedisServer, ServiceMissingError

ANSWER_SECONDS = 0.2


def fresh(kind: type[LocalServer]) -> LocalServer:
    """Return a new server of ``kind``, or skip where there is none (a failure with REQUIRE_SERVICES=1)."""
    try:
        return kind()
    except ServiceMissingError as missing:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(str(missing))


def run_services(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m tests.services -- command`` to its end, with ``variables`` added to the environment."""
    words = [sys.executable, "-m", "tests.services", "--", *command]
    return subprocess.run(words, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", [RedisServer, PostgresServer])
def test_killed_server_returns_on_its_port(kind: type[LocalServer]) -> None:
    with fresh(kind) as server:
        server.kill()
        assert not server.answers()
        server.start()
        assert server.answers()


def test_paused_redis_holds_connections_silently() -> None:
    with fresh(RedisServer) as server, redis.Redis.from_url(server.url, retry=None) as client:
        client.set("kept", "1")
        server.pause()
        waiting = redis.Redis.from_url(server.url, socket_timeout=ANSWER_SECONDS, retry=None)
        with waiting, pytest.raises(redis.TimeoutError):
            waiting.ping()
        server.resume()
        assert client.get("kept") == b"1"


def test_postgres_keeps_rows_over_a_restart() -> None:
    with fresh(PostgresServer) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.stop()
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_server_leaves_no_folder_behind() -> None:
    with fresh(RedisServer) as server:
        assert server.folder.is_dir()
    assert not server.folder.exists()
    assert server.process.returncode is not None


def test_failing_stop_leaves_no_server_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> None:
        raise TimeoutError("no answer to the request to stop")

    with pytest.raises(TimeoutError), fresh(RedisServer) as server:
        monkeypatch.setattr(server, "stop", failing)
    assert not server.answers()
    assert not server.folder.exists()


def test_command_gets_addresses_and_returns_its_code() -> None:
    given = {"TEST_REDIS_URL": "redis://127.0.0.1:1/0", "TEST_DATABASE_URL": "postgres://127.0.0.1:1/given"}
    done = run_services("sh", "-c", 'echo "$REDIS_URL $DATABASE_URL"; exit 7', **given)
    assert done.stdout.split() == list(given.values())
    assert done.returncode == 7


@pytest.mark.parametrize(("required", "code", "word"), [("", 0, "skipped"), ("1", 1, "failed")])
def test_missing_server_is_told_and_counts_when_required(
    required: str, code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise ServiceMissingError("no redis-server")

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(services, "find_redis", missing)
    monkeypatch.delenv("TEST_REDIS_URL", raising=False)
    monkeypatch.setenv("REQUIRE_SERVICES", required)
    assert services.main(["--", "true"]) == code
    assert capsys.readouterr().out == f"{word}: no redis-server\n"
    signal.signal(signal.SIGTERM, before)
