"""Bringing files in by hand, as Carol would; Bob is refused everywhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from knowledge.documents.batches import read_batch
from knowledge.models import Document, Import, ImportedFile, Version
from tests.knowledge.documents.test_batches import PETS, VISAS, batch_of
from tests.knowledge.documents.test_importing import zipped

LIST = "/admin/knowledge/import/"
ADD = f"{LIST}add/"


@pytest.fixture
def staff(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Run what is put off until the commit; the background is this thread, and done when the block ends."""
    monkeypatch.setattr("knowledge.background._begin", lambda task, arguments: task(*arguments))
    return lambda: django_capture_on_commit_callbacks(execute=True)


def form(files: dict[str, bytes], **values: str) -> dict[str, Any]:
    """A filled-in upload form."""
    filled = {"publish": "yes", "category": "", "audience": "public", "language": "", "note": ""}
    uploads = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return filled | values | {"files": uploads}


def page_of(batch: Import) -> str:
    return f"{LIST}{batch.pk}/change/"


def test_files_are_uploaded_read_and_listed(staff: Client, committed: Callable[[], Any]) -> None:
    files = {"pets.md": PETS, "photo.png": b"\x89PNG", "all.zip": zipped({"visas.md": VISAS})}
    with committed():
        response = staff.post(ADD, form(files, note="Spring"))
    batch = Import.objects.get()
    assert response["Location"] == page_of(batch)
    html = staff.get(page_of(batch)).content.decode()
    document = Document.objects.get(slug="pets")
    assert f'<a href="/admin/knowledge/document/{document.pk}/change/">Pets</a>' in html
    assert "all.zip: </span>visas.md" in html and "Files ending in “.png” cannot be read." in html
    assert "Done: 2 published, 1 refused." in html and "data-running" not in html
    assert set(Version.objects.values_list("note", "author__username")) == {("Spring", "carol")}


def test_options_of_the_form_are_kept(staff: Client) -> None:
    staff.post(ADD, form({"a.md": PETS}, publish="no", category="old", audience="staff", language="ES"))
    batch = Import.objects.get()
    assert (batch.publish, batch.category, batch.audience, batch.language) == (False, "old", "staff", "es")
    assert batch.note == "Imported"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"language": "english!"}, "no language code"),
        ({"audience": "nobody"}, "Select a valid choice"),
        ({"publish": "perhaps"}, "Select a valid choice"),
        ({"category": "x" * 41}, "at most 40"),
        ({"files": []}, "Choose at least one file."),
    ],
)
def test_bad_form_is_sent_back_and_keeps_nothing(staff: Client, values: dict[str, Any], words: str) -> None:
    html = staff.post(ADD, form({"a.md": PETS}) | values).content.decode()
    assert words in html and not Import.objects.exists()


def test_large_file_is_refused_and_the_others_taken(
    staff: Client, committed: Callable[[], Any], settings: Any
) -> None:
    settings.DOCUMENT_MAX_BYTES = 10_000
    with committed():
        staff.post(ADD, form({"large.md": b"word " * 5_000, "pets.md": PETS}))
    html = staff.get(page_of(Import.objects.get())).content.decode()
    assert "It is larger than 0.01 MB." in html and "Done: 1 published, 1 refused." in html


@pytest.mark.parametrize(("name", "most"), [("UPLOAD_MAX_BYTES", 20_000), ("UNPACKED_MAX_FILES", 1)])
def test_too_large_upload_is_refused_in_words(staff: Client, settings: Any, name: str, most: int) -> None:
    setattr(settings, name, most)
    response = staff.post(ADD, form({"a.md": b"word " * 5_000, "b.md": PETS}, note="Spring"))
    html = response.content.decode()
    assert response.status_code == 200 and "Nothing was kept" in html
    assert 'value="Spring"' in html and not Import.objects.exists()


def test_many_files_come_in_one_request(staff: Client) -> None:
    staff.post(ADD, form({f"policy-{number}.md": b"# Policy\n\nText." for number in range(300)}))
    assert ImportedFile.objects.count() == 300
    assert bytes(ImportedFile.objects.first().content) == b"# Policy\n\nText."


def test_page_of_a_running_batch_updates_itself(staff: Client) -> None:
    batch = batch_of({"pets.md": PETS, "photo.png": b"\x89PNG"})
    html = staff.get(page_of(batch)).content.decode()
    assert "data-running" in html and "import_watch.js" in html
    assert '<noscript><meta http-equiv="refresh"' in html and "0 of 2 files read." in html
    read_batch(batch.pk)
    part = staff.get(f"{LIST}{batch.pk}/progress/").content.decode()
    assert "Done: 1 published, 1 refused." in part and "data-running" not in part and "<html" not in part


def test_files_are_narrowed_by_outcome_and_paged(staff: Client) -> None:
    many = {f"photo-{number}.png": b"\x89PNG" for number in range(120)}
    batch = batch_of(many | {"pets.md": PETS})
    read_batch(batch.pk)
    assert staff.get(page_of(batch), {"outcome": "published"}).content.decode().count('<tr id="file-') == 1
    second = staff.get(page_of(batch), {"outcome": "refused", "page": "2"}).content.decode()
    assert second.count('<tr id="file-') == 20 and "?page=1&amp;outcome=refused" in second


def test_pages_cost_a_fixed_number_of_queries(staff: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(3):
        read_batch(batch_of({f"policy-{number}-{n}.md": b"# P\n\nText." for n in range(20)}).pk)
    with django_assert_max_num_queries(12):
        staff.get(LIST)
    with django_assert_max_num_queries(12):
        staff.get(page_of(Import.objects.first()))


def test_list_counts_outcomes(staff: Client) -> None:
    batch = batch_of({"pets.md": PETS, "photo.png": b"\x89PNG", "all.zip": zipped({"visas.md": VISAS})})
    read_batch(batch.pk)
    html = staff.get(LIST).content.decode()
    assert '<td class="field-file_count">3</td><td class="field-published_count">2</td>' in html
    assert '<td class="field-refused_count">1</td>' in html


def test_deleted_batch_leaves_the_documents(staff: Client) -> None:
    batch = batch_of({"pets.md": PETS})
    read_batch(batch.pk)
    confirmation = staff.get(f"{LIST}{batch.pk}/delete/").content.decode()
    assert "The documents stay." in confirmation
    staff.post(f"{LIST}{batch.pk}/delete/", {"post": "yes"})
    assert not Import.objects.exists() and not ImportedFile.objects.exists()
    assert Document.objects.published().count() == 1


def test_chosen_batches_are_deleted(staff: Client) -> None:
    chosen = [str(batch_of({"pets.md": PETS}).pk) for _ in range(2)]
    staff.post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not Import.objects.exists()


def test_deleted_document_is_told_in_the_list(staff: Client) -> None:
    batch = batch_of({"pets.md": PETS})
    read_batch(batch.pk)
    Document.objects.all().delete()
    assert "deleted since" in staff.get(page_of(batch)).content.decode()


def test_document_list_leads_to_the_import(staff: Client) -> None:
    assert f'href="{ADD}">Import files</a>' in staff.get("/admin/knowledge/document/").content.decode()


def test_customer_is_sent_to_the_sign_in(client: Client, bob: User) -> None:
    client.force_login(bob)
    batch = batch_of({"pets.md": PETS})
    for page in (LIST, ADD, page_of(batch), f"{LIST}{batch.pk}/progress/", f"{LIST}{batch.pk}/delete/"):
        assert client.get(page).status_code == 302, page
    assert client.post(ADD, form({"a.md": PETS})).status_code == 302
    assert Import.objects.count() == 1


def allow(person: User, *rights: str) -> None:
    person.is_staff = True
    person.save()
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))


@pytest.mark.parametrize(
    "rights", [(), ("add_import",), ("add_import", "add_document"), ("add_document", "change_document")]
)
def test_staff_without_every_right_are_refused(client: Client, bob: User, rights: tuple[str, ...]) -> None:
    allow(bob, *rights)
    client.force_login(bob)
    batch = batch_of({"pets.md": PETS})
    for page in (LIST, ADD, page_of(batch), f"{LIST}{batch.pk}/progress/"):
        assert client.get(page).status_code == 403, page
    assert client.post(ADD, form({"a.md": PETS})).status_code == 403
    assert Import.objects.count() == 1


def test_staff_with_the_rights_import_and_watch_but_do_not_delete(client: Client, bob: User) -> None:
    allow(bob, "add_import", "add_document", "change_document")
    client.force_login(bob)
    client.post(ADD, form({"a.md": PETS}))
    batch = Import.objects.get()
    assert batch.author == bob
    assert "Delete this list" not in client.get(page_of(batch)).content.decode()
    assert client.post(f"{LIST}{batch.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "Import files" in client.get("/admin/knowledge/document/").content.decode()
    allow(bob, "change_document")
    assert "Import files" not in client.get("/admin/knowledge/document/").content.decode()


def test_unknown_batch_is_no_error(staff: Client) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert staff.get(f"{LIST}{nobody}/progress/").status_code == 404
    assert staff.get(f"{LIST}{nobody}/change/").status_code == 302


@pytest.mark.parametrize("page", ["", "add/"])
def test_pages_have_nothing_inline(staff: Client, page: str) -> None:
    html = staff.get(f"{LIST}{page}").content.decode()
    assert "onclick" not in html and "<style" not in html and "javascript:" not in html


def test_name_of_a_file_is_text_on_the_page(staff: Client) -> None:
    batch = batch_of({"<img src=x onerror=alert(1)>.md": b"# <b>Bold</b>\n\nText."})
    read_batch(batch.pk)
    html = staff.get(page_of(batch)).content.decode()
    assert "<img" not in html and "&lt;img src=x" in html and "<b>Bold" not in html
