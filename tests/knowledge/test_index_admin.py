"""The page that says how search stands, and its buttons."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from knowledge.documents.publish import save_draft, withdraw_document
from knowledge.models import Document, Import, Version
from knowledge.resemblance.finding import find_resemblances
from knowledge.search import index
from knowledge.tasks import reindex_documents
from tests.knowledge.conftest import Publish

pytestmark = pytest.mark.django_db
PAGE = "/admin/knowledge/indexstate/"


@pytest.fixture
def staff(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


def shown(client: Client) -> str:
    return " ".join(client.get(PAGE).content.decode().split())


def test_empty_library(staff: Client) -> None:
    page = shown(staff)
    assert "Complete." in page
    assert "There are none yet." in page
    assert "Off: no endpoint for embeddings" in page


def test_counts_by_language_and_state(staff: Client, publish: Publish) -> None:
    publish("bags", "# Bags\n\nBags are weighed.")
    publish("maletas", "# Maletas\n\nSe pesan las maletas.", language="es")
    withdraw_document(publish("old", "# Old\n\nOld rules.").document)
    save_draft(Document.objects.create(slug="new", title="New"), "# New\n\nNew rules.")
    context = staff.get(PAGE).context
    assert context["state"]["passages"] == 2
    assert [(shelf.language, shelf.passages) for shelf in context["shelves"]] == [("en", 1), ("es", 1)]
    assert context["documents"] == [("Published", 2), ("Withdrawn", 1), ("Draft", 1)]


def test_versions_that_are_missing_are_named(staff: Client, publish: Publish) -> None:
    version = publish("bags", "# Bags\n\nBags are weighed.")
    Version.objects.filter(pk=version.pk).update(indexed=False)
    page = shown(staff)
    assert "Not complete." in page
    assert "1 version should be in the index and is not" in page
    assert f"/admin/knowledge/document/{version.document_id}/change/" in page
    assert "Set it right" in page


@pytest.mark.parametrize(("how", "sent"), [("missing", "missing"), ("all", "all"), ("nonsense", "all")])
def test_buttons_send_the_work_to_the_background(
    staff: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: object,
    how: str,
    sent: str,
) -> None:
    begun: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(
        "knowledge.background._begin", lambda task, arguments: begun.append((task.name, arguments))
    )
    with django_capture_on_commit_callbacks(execute=True):
        response = staff.post(PAGE + "reindex/", {"how": how}, follow=True)
    assert begun == [("knowledge.tasks.reindex_documents", (sent,))]
    assert list(response.context["messages"])


def test_task_sets_the_index_right(publish: Publish) -> None:
    version = publish("bags", "# Bags\n\nBags are weighed.")
    index.lock_library()
    index.remove([version])
    reindex_documents("missing")
    version.refresh_from_db()
    assert version.indexed


def test_marks_chain_imports_and_pairs(
    staff: Client, carol: User, publish: Publish, settings: object
) -> None:
    settings.SEARCH_REFUSE_BELOW, settings.LLM_CHAIN = 2.75, ["compatible", "extractive"]
    Import.objects.create(author=carol)
    rule = "# R\n\nCabin bags over the limit go into the hold at the gate for €65.\n"
    publish("bags", rule)
    publish("gate", rule.replace("65", "50"))
    assert "2 texts still to be compared" in shown(staff)
    find_resemblances()
    page = shown(staff)
    for part in (
        "2.75",
        "compatible: fake",
        "extractive: quotes the documents",
        "1 pair may contradict",
        "Waiting",
    ):
        assert part in page


def test_customers_are_sent_to_sign_in(client: Client, bob: User) -> None:
    client.force_login(bob)
    for response in (client.get(PAGE), client.post(PAGE + "reindex/")):
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]


def test_who_only_reads_documents_starts_nothing(client: Client, db: None) -> None:
    dave = User.objects.create_user("dave", "dave@example.com", "x", is_staff=True)
    client.force_login(dave)
    assert client.get(PAGE).status_code == 403
    dave.user_permissions.add(Permission.objects.get(codename="view_document"))
    assert "Make the index anew" not in shown(client)
    assert client.post(PAGE + "reindex/").status_code == 403
    assert client.get(PAGE + "reindex/").status_code == 405
