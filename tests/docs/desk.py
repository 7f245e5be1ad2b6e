"""A desk for the documentation's examples: a real server, Alice and Carol with keys, a model to answer."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.fake_provider import FakeProvider
from tests.docs.pages import ROOT
from tests.serving import environment, free_port, manage, server

PASSWORD: Final = "correct-horse-42"
ANSWER: Final = "A checked bag may weigh up to 23 kg [1]."
PREPARE: Final = """
import json
from allauth.account.models import EmailAddress
from accounts.models import ApiKey, User
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from tests.chat.test_personal_data import travel_of
from tests.conftest import POLICIES
from tests.docs.desk import PASSWORD
people = {
    "alice": User.objects.create_user("alice", "alice@example.com", PASSWORD, first_name="Alice"),
    "carol": User.objects.create_superuser("carol", "carol@example.com", PASSWORD, first_name="Carol"),
}
for person in people.values():
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
travel_of(people["alice"])
for slug, title, text in POLICIES:
    publish_version(save_draft(Document.objects.create(slug=slug, title=title), text))
print(json.dumps({name: ApiKey.objects.issue(person, "docs")[1] for name, person in people.items()}))
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A running desk, what examples find in their environment, and its model."""

    variables: dict[str, str]
    provider: FakeProvider

    def pace(self, *, held: bool = False, delay: float = 0.0) -> None:
        """Have the model say nothing until it is paced anew, or wait so many seconds before it speaks."""
        self.provider.script(held=held, delay=delay)


@contextmanager
def running_desk(folder: Path) -> Iterator[Desk]:
    """Run a desk of its own in ``folder`` until the block ends.

    Raises:
        RuntimeError: it cannot be made or does not come up.
    """
    with FakeProvider(text=ANSWER, interval=0.005) as provider:
        settings = {
            "RATELIMIT_ENABLE": "false", "ANSWER_CACHE_SECONDS": "0", "LLM_CHAIN": "compatible",
            "COMPATIBLE_BASE_URL": provider.base_url, "DATABASE_URL": f"sqlite:///{folder / 'desk.sqlite3'}",
        }  # fmt: skip
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        env = environment(folder, port, SITE_URL=address, TRUSTED_ORIGINS=address, **settings)
        for arguments in (("migrate", "-v0"), ("shell", "-v0", "-c", PREPARE)):
            done = manage(*arguments, env=env)
            if done.returncode:
                raise RuntimeError(done.stderr)
        keys = json.loads(done.stdout.splitlines()[-1])
        with server(env):
            yield Desk({"DESK": address, **_of_people(keys)}, provider)


def _of_people(keys: dict[str, str]) -> dict[str, str]:
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"KEY": keys["alice"], "STAFF_KEY": keys["carol"], "PASSWORD": PASSWORD, "PATH": path}
