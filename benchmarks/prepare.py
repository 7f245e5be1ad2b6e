"""Fills a product's database for a benchmark: tables, the sample policies, signed-in customers.

``python -m benchmarks.prepare 1000`` runs with the settings of the product and prints one line of JSON a
customer: the session their cookie carries, and a conversation of theirs. It goes straight to the database,
because a thousand sign-ins through the page would hash a thousand passwords.
"""

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from accounts.models import User

POLICIES = Path(__file__).resolve().parent.parent / "knowledge" / "sample" / "policies"
BATCH = 1_000


def publish_policies() -> None:
    """Publish the sample policies, if the library does not have them."""
    from knowledge.documents.importing import import_folder

    report = import_folder(POLICIES)
    if report.refused:
        raise SystemExit(f"policies refused: {report.refused}")


def add_people(count: int, *, is_staff: bool = False) -> list[tuple[str, str]]:
    """Make people with a session and a conversation each; return session keys and conversation ids."""
    from accounts.models import User
    from chat.models import Conversation

    known = User.objects.count()
    names = [f"{'staff' if is_staff else 'customer'}-{known + number:06d}" for number in range(count)]
    users = User.objects.bulk_create(
        [User(username=name, email=f"{name}@example.com", password="!", is_staff=is_staff) for name in names],
        batch_size=BATCH,
    )
    conversations = Conversation.objects.bulk_create(
        [Conversation(owner=user) for user in users], batch_size=BATCH
    )
    keys = add_sessions(users)
    return [(key, str(conversation.pk)) for key, conversation in zip(keys, conversations, strict=True)]


def add_sessions(users: "list[User]") -> list[str]:
    """Sign users in through the configured session engine; return the session keys in their order."""
    from django.conf import settings

    engine = import_module(settings.SESSION_ENGINE)
    stores = [engine.SessionStore() for _ in users]
    for store, user in zip(stores, users, strict=True):
        store.update(signed_in(user))
    if hasattr(engine.SessionStore, "create_model_instance"):
        rows = [store.create_model_instance(dict(store.items())) for store in stores]
        type(rows[0]).objects.bulk_create(rows, batch_size=BATCH)
        return [row.session_key for row in rows]
    for store in stores:
        store.create()
    return [store.session_key for store in stores]


def signed_in(user: "User") -> dict[str, Any]:
    """Return what Django's sign-in leaves in a session."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    return {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }


def main(count: int, *, is_staff: bool) -> None:
    """Bring everything into place and print the people."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    publish_policies()
    for session, conversation in add_people(count, is_staff=is_staff):
        sys.stdout.write(json.dumps([session, conversation]) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prepare", description=__doc__)
    parser.add_argument("customers", type=int, help="how many to make")
    parser.add_argument("--staff", action="store_true", help="make staff instead")
    asked = parser.parse_args()
    main(asked.customers, is_staff=asked.staff)
