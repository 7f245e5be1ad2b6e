"""Imports over REST: many files or a zip, read after they were saved, each with its outcome."""

import zipfile
from io import BytesIO

import pytest

from knowledge.documents.batches import read_batch
from knowledge.models import Document, Import, ImportedFile, Version

URL = "/api/v1/imports/"


def named(name, content):
    file = BytesIO(content)
    file.name = name
    return file


def zipped(**files):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.md", text)
    return content.getvalue()


def send(client, *files, **fields):
    return client.post(URL, {"files": [named(*file) for file in files]} | fields, format="multipart")


def outcomes(client, batch):
    files = client.get(f"{URL}{batch}/files/").json()["results"]
    return {file["name"]: (file["outcome"], file["code"]) for file in files}


def test_files_wait_until_they_are_read(carols, carol):
    answer = send(carols, ("pets.md", b"Dogs."), ("bags.md", b"Bags."), note="All of them")
    batch = answer.json()
    assert (answer.status_code, answer["Location"]) == (202, f"{URL}{batch['id']}/")
    assert (batch["status"], batch["author"], batch["note"], batch["publish"]) == (
        "waiting", "carol", "All of them", True,
    )  # fmt: skip
    assert (batch["counts"]["file"], batch["counts"]["waiting"]) == (2, 2)
    read_batch(batch["id"])
    batch = carols.get(answer["Location"]).json()
    assert (batch["status"], batch["counts"]["published"], batch["counts"]["waiting"]) == ("done", 2, 0)
    assert batch["finished_at"]


def test_bad_file_stops_no_other(carols, settings):
    settings.DOCUMENT_MAX_BYTES = 1_000
    files = [("pets.md", b"Dogs."), ("a.exe", b"MZ"), ("large.md", b"x" * 1_001), ("empty.md", b"")]
    batch = send(carols, *files).json()["id"]
    read_batch(batch)
    assert outcomes(carols, batch) == {
        "pets.md": ("published", ""),
        "a.exe": ("refused", "kind"),
        "large.md": ("refused", "size"),
        "empty.md": ("refused", "empty"),
    }
    files = carols.get(f"{URL}{batch}/files/").json()["results"]
    assert [bool(file["reason"]) for file in files] == [False, True, True, True]
    assert files[0]["document"] == "pets"


def test_zip_is_unpacked(carols):
    batch = send(carols, ("all.zip", zipped(pets="Dogs.", bags="Bags."))).json()["id"]
    read_batch(batch)
    assert outcomes(carols, batch) == {
        "all.zip": ("unpacked", ""),
        "pets.md": ("published", ""),
        "bags.md": ("published", ""),
    }


def test_texts_may_be_kept_as_drafts(carols):
    fields = {"publish": "false", "category": "special", "audience": "staff", "language": "es"}
    read_batch(send(carols, ("pets.md", b"Dogs."), **fields).json()["id"])
    document = Document.objects.get()
    assert (document.category, document.audience, document.language) == ("special", "staff", "es")
    assert Version.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("fields", "status"), [({"files": ""}, 400), ({"audience": "bob"}, 400), ({"language": "!"}, 400)]
)
def test_bad_import_is_a_problem(carols, fields, status):
    body = {"files": [named("pets.md", b"Dogs.")]} | fields
    answer = carols.post(URL, body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid")
    assert not Import.objects.exists()


def test_import_that_is_too_large_is_refused(carols, settings):
    settings.UPLOAD_MAX_BYTES = 1_000
    assert send(carols, ("a.md", b"x" * 700), ("b.md", b"x" * 700)).status_code == 413
    answer = send(carols, ("a.md", b"x" * 200_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "size")
    assert not Import.objects.exists()


def test_imports_and_files_are_listed_at_one_price(carols, carol, django_assert_max_num_queries):
    for _ in range(12):
        batch = Import.objects.create(author=carol)
        ImportedFile.objects.bulk_create(
            ImportedFile(batch=batch, name=f"{number}.md", content=b"x") for number in range(12)
        )
    with django_assert_max_num_queries(2):
        listed = carols.get(URL).json()["results"]
    assert (len(listed), listed[0]["id"], listed[0]["counts"]["file"]) == (12, str(batch.pk), 12)
    with django_assert_max_num_queries(2):
        assert len(carols.get(f"{URL}{batch.pk}/files/").json()["results"]) == 12


@pytest.mark.parametrize("words", [("add", "change"), ("add_import", "add"), ("add_import", "change")])
def test_import_needs_every_permission(staff_who_may, words):
    assert send(staff_who_may(*words), ("pets.md", b"Dogs.")).status_code == 403
    assert not Import.objects.exists()


def test_permissions_suffice_for_an_import(staff_who_may):
    client = staff_who_may("add_import", "view_import", "add", "change")
    answer = send(client, ("pets.md", b"Dogs."))
    assert (answer.status_code, client.get(answer["Location"]).status_code) == (202, 200)


def test_customers_see_no_imports(bobs, client, carol):
    batch = Import.objects.create(author=carol)
    for path in ("", f"{batch.pk}/", f"{batch.pk}/files/"):
        assert bobs.get(URL + path).json()["code"] == "permission_denied"
        assert client.get(URL + path).json()["code"] == "not_authenticated"
    assert send(bobs, ("pets.md", b"Dogs.")).status_code == 403


def test_unknown_import_is_not_there(carols):
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in (f"{unknown}/", f"{unknown}/files/"):
        assert carols.get(URL + path).status_code == 404
