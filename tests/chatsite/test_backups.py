"""A desk that is kept and put back: everything is there, or nothing has changed."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings

from chatsite.backups import postgres
from tests.knowledge.search.opensearch_server import opensearch_server
from tests.serving import environment, free_port, manage

KEY, OTHER_KEY = "k" * 30 + "0123456789" * 3, "o" * 30 + "0123456789" * 3
FILL = """
from asgiref.sync import async_to_sync
from accounts.models import User
from chat import conversations
from chat.dispatch import serve_here
from chat.models import Conversation, Message
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from tests.conftest import POLICIES
alice = User.objects.create_user("alice", "alice@example.com", "correct-horse-42")
for slug, title, text in POLICIES:
    publish_version(save_draft(Document.objects.create(slug=slug, title=title), text))
QUESTION = "My card is 4111 1111 1111 1111. How heavy may a bag be?"
thread = conversations.open_conversation(alice)
async def ask():
    serve_here()
    done = await conversations.submit(alice, thread.pk, QUESTION)
    return [frame async for frame in conversations.follow(done.turn)]
async_to_sync(ask)()
"""
TELL = """
import json
from django.contrib.auth import authenticate
from accounts.models import User
from chat import conversations
from chat.models import Conversation
from knowledge.search import index_state
alice = User.objects.filter(username="alice").first()
thread = Conversation.objects.filter(owner=alice).first()
print(json.dumps({
    "conversation": conversations.export(alice, thread.pk) if thread else None,
    "index": {name: value for name, value in index_state().items() if name != "revision"},
    "signs_in": alice is not None and alice.check_password("correct-horse-42"),
}, default=str))
"""


LOSE = """
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
document = Document.objects.create(slug="lost", title="Umbrellas")
publish_version(save_draft(document, "Umbrellas travel free."))
"""


def database(name: str) -> str:
    """Return the address of a new, empty PostgreSQL database on the tests' server."""
    parts = urlsplit(os.environ["TEST_DATABASE_URL"])
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Make desks, each with an empty database of its own, of the kind that this run is about."""
    folder = tmp_path_factory.mktemp("desks")

    def make(**changes):
        name = f"desk_{uuid.uuid4().hex[:8]}"
        if not settings.REDIS_URL:
            address = f"sqlite:///{folder / name}.sqlite3"
        elif not shutil.which("pg_dump"):
            pytest.skip("no pg_dump on this machine")
        else:
            address = database(name)
        changes = {"DATABASE_URL": address, "SECRET_KEY": KEY, "ANSWER_CACHE_SECONDS": "0", **changes}
        return environment(folder, free_port(), **changes)

    return make


def done(*words: str, env: dict[str, str]) -> str:
    finished = manage(*words, env=env)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def refused(*words: str, env: dict[str, str]) -> str:
    finished = manage(*words, env=env)
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    return finished.stderr


def state(env: dict[str, str]) -> dict:
    return json.loads(done("shell", "-v0", "-c", TELL, env=env).splitlines()[-1])


@dataclass(frozen=True)
class Kept:
    """A desk with documents and an answered question, what it tells, and its backup. No test changes it."""

    env: dict[str, str]
    told: dict
    path: Path


@pytest.fixture(scope="module")
def kept(desk, tmp_path_factory):
    env, folder = desk(), tmp_path_factory.mktemp("kept")
    done("migrate", "-v0", env=env)
    done("shell", "-v0", "-c", FILL, env=env)
    done("backup", str(folder), env=env)
    return Kept(env, state(env), next(folder.iterdir()))


def changed(path: Path, target: Path, **changes: object) -> Path:
    """Return a copy whose manifest says other things, or whose dump is another (its digest set right)."""
    with tarfile.open(path) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
        dump = archive.extractfile("database.dump").read()
    if "dump" in changes:
        dump = changes.pop("dump")(dump)
        manifest["digest"] = sha256(dump).hexdigest()
    with tarfile.open(target, "w") as archive:
        for name, body in (
            ("manifest.json", json.dumps(manifest | changes).encode()),
            ("database.dump", dump),
        ):
            head = tarfile.TarInfo(name)
            head.size = len(body)
            archive.addfile(head, io.BytesIO(body))
    return target


def test_desk_is_the_same_after_it_was_put_back(kept, desk):
    second = desk()
    assert "are back" in done("restore", str(kept.path), env=second)
    assert state(second) == kept.told
    assert kept.told["signs_in"] and kept.told["index"]["ok"]
    assert "23 kg" in json.dumps(kept.told["conversation"])
    assert kept.path.stat().st_mode & 0o077 == 0


def test_desk_that_holds_something_is_replaced_only_when_that_is_said(kept, desk):
    second = desk()
    done("migrate", "-v0", env=second)
    empty = "from accounts.models import User; User.objects.create_user('alice', 'alice@example.com')"
    done("shell", "-v0", "-c", empty, env=second)
    assert "--replace" in refused("restore", str(kept.path), env=second)
    assert state(second)["conversation"] is None
    done("restore", str(kept.path), "--replace", env=second)
    assert state(second) == kept.told


UNFIT = [
    ({"key": "0" * 16}, "--any-key"),
    ({"migrations": ["chat.9999_from_the_future"]}, "later version"),
    ({"format": 99}, "later version"),
    ({"database": "oracle"}, "oracle"),
    ({"digest": "0" * 64}, "damaged"),
    ({"dump": lambda whole: whole[: len(whole) // 2]}, ""),
]


def test_backup_that_does_not_fit_changes_nothing(kept, tmp_path):
    for how, words in UNFIT:
        unfit = changed(kept.path, tmp_path / "unfit.tar", **how)
        assert words in refused("restore", str(unfit), "--replace", env=kept.env)
    assert state(kept.env) == kept.told


def test_program_that_is_ended_may_leave_words_unread():
    with subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE) as program:
        program.stdin.write(b"DROP SCHEMA public CASCADE;")  # held here until the pipe is closed
        program.kill()
        program.wait()
        postgres._end_at_once(program)


def test_opensearch_goes_back_with_the_library(kept, desk):
    """By itself, and whatever revisions the lost publications had."""
    with opensearch_server() as server:
        found = {"OPENSEARCH_URL": server.url, "OPENSEARCH_INDEX": server.alias, "OPENSEARCH_SECONDS": "20"}
        second = desk(SEARCH_ENGINE="opensearch", **found)
        done("restore", str(kept.path), env=second)
        done("shell", "-v0", "-c", LOSE, env=second | {"SEARCH_ENGINE": "built-in"})
        done("index_opensearch", env=second)
        assert "lost" in {passage["slug"] for passage in server.seen()}
        done("restore", str(kept.path), "--replace", env=second)
        assert "0 versions added, 1 taken out" in done("index_opensearch", env=second)
        assert "lost" not in {passage["slug"] for passage in server.seen()}


def test_key_of_then_still_opens_what_it_sealed(kept, desk):
    assert "--any-key" in refused("restore", str(kept.path), env=desk(SECRET_KEY=OTHER_KEY))
    second = desk(SECRET_KEY=OTHER_KEY, SECRET_KEY_FALLBACKS=KEY)
    done("restore", str(kept.path), env=second)
    assert state(second)["conversation"] == kept.told["conversation"]


@pytest.mark.parametrize("name", ["garbage.tar", "nothing.tar"])
def test_garbage_is_refused(kept, tmp_path, name):
    (tmp_path / "garbage.tar").write_bytes(b"no archive")
    assert "cannot be read" in refused("restore", str(tmp_path / name), env=kept.env)


def test_only_the_newest_are_kept(kept, tmp_path):
    for day in (1, 2, 3):
        (tmp_path / f"chatsite-2020010{day}T000000Z.tar").write_bytes(b"")
    done("backup", str(tmp_path), "--keep", "2", env=kept.env)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names[0] == "chatsite-20200103T000000Z.tar"
    assert len(names) == 2


def test_backup_beside_writers_is_of_one_instant(kept, tmp_path, desk):
    """Rows come while it is written; the counts that it notes are those of what it holds."""
    second = desk()
    done("restore", str(kept.path), env=second)
    write = "from accounts.models import User as U; "
    write += "[U.objects.create_user(f'w{n}', f'w{n}@example.com') for n in range(300)]"
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", write]
    with subprocess.Popen(command, env={**os.environ, **second}):
        done("backup", str(tmp_path), env=second)
    done("restore", str(next(tmp_path.iterdir())), env=desk())
