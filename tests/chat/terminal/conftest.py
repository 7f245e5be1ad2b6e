"""A real server with Alice, Bob and a key for each, whose model is the tests' to pace."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.fake_provider import FakeProvider
from tests.serving import environment, free_port, manage, server

PREPARE = """
import json
from accounts.models import ApiKey, User
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from tests.conftest import POLICIES
people = [User.objects.create_user(name, f"{name}@example.com") for name in ("alice", "bob")]
for slug, title, text in POLICIES:
    publish_version(save_draft(Document.objects.create(slug=slug, title=title), text))
print(json.dumps({user.username: ApiKey.objects.issue(user, "terminal")[1] for user in people}))
"""
QUESTION = "How heavy may a checked bag be?"
ANSWER = "A checked bag may weigh up to 23 kg [1]."


@dataclass(frozen=True)
class Site:
    """A server and what is needed to talk to it."""

    address: str
    keys: dict[str, str]
    env: dict[str, str]
    provider: FakeProvider

    def remote(self, who: str) -> tuple[str, ...]:
        """Return the options that talk to this site as somebody."""
        return ("--url", self.address, "--token", self.keys[who])

    def command(self, *arguments: str) -> list[str]:
        """Return ``manage.py chat`` with arguments."""
        return [sys.executable, "manage.py", "chat", *arguments]

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the environment of a terminal that keeps its state in ``folder``."""
        return {**self.env, "VAR_DIR": str(folder)}

    def chat(self, *arguments: str, folder: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``manage.py chat`` in a process of its own, without a terminal."""
        return subprocess.run(
            self.command(*arguments), env=self.environment(folder), input=typed,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An embedded server, for all tests of the terminal."""
    folder = tmp_path_factory.mktemp("site")
    with FakeProvider() as provider:
        env = environment(
            folder, free_port(), RATELIMIT_ENABLE="false", ANSWER_CACHE_SECONDS="0",
            LLM_CHAIN="compatible", COMPATIBLE_BASE_URL=provider.base_url,
            DATABASE_URL=f"sqlite:///{folder / 'desk.sqlite3'}",
        )  # fmt: skip
        for arguments in (("migrate", "-v0"), ("shell", "-v0", "-c", PREPARE)):
            done = manage(*arguments, env=env)
            assert done.returncode == 0, done.stderr
        with server(env) as address:
            yield Site(address, json.loads(done.stdout), {**os.environ, **env}, provider)


@pytest.fixture
def site(served: Site) -> Site:
    """The server, its model answering in the usual way."""
    served.provider.script(text=ANSWER, delay=0.0, interval=0.0, held=False, lasts=False, faults=[])
    return served
