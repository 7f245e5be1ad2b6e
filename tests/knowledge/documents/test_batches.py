"""Uploaded batches: read once, by one process at a time, and to the end whatever dies."""

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections
from django.utils import timezone

from accounts.models import User
from knowledge.documents import batches, taking
from knowledge.documents.archives import Member
from knowledge.documents.batches import read_batch, receive, unattended
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Import, ImportedFile, Version
from knowledge.search import Query, search
from tests.knowledge.documents.test_importing import zipped

PETS = b"# Pets\n\nDogs fly for 50 euros.\n"
VISAS = b"# Visas\n\nBring a passport.\n"

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process ends here."""


def upload(**files: bytes) -> Import:
    return batch_of({name.replace("_", "."): content for name, content in files.items()})


def batch_of(files: dict[str, bytes], **options: Any) -> Import:
    uploads = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return receive(Import(note="Imported", **options), uploads)


def outcomes(batch: Import) -> dict[str, str]:
    return dict(batch.files.order_by("pk").values_list("name", "outcome"))


def let_the_lease_run_out(batch: Import) -> None:
    Import.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def die_over(monkeypatch: pytest.MonkeyPatch, word: bytes) -> None:
    """End the process when a file with that word is read."""
    parse = taking.parse

    def deadly(name: str, content: bytes) -> Any:
        if word in content:
            raise Killed
        return parse(name, content)

    monkeypatch.setattr(taking, "parse", deadly)


def test_every_file_gets_its_outcome(carol: User) -> None:
    batch = batch_of({"pets.md": PETS, "photo.png": b"\x89PNG", "empty.md": b""}, author=carol)
    assert read_batch(batch.pk)
    assert outcomes(batch) == {"pets.md": "published", "photo.png": "refused", "empty.md": "refused"}
    batch.refresh_from_db()
    assert batch.is_done and batch.finished_at and batch.lease_until is None
    pets = batch.files.get(name="pets.md")
    assert (pets.slug, pets.document.title, pets.passages, pets.content) == ("pets", "Pets", 1, None)
    version = Version.objects.get()
    assert (version.author, version.note, version.file_name) == (carol, "Imported", "pets.md")
    assert [hit.text for hit in search(Query("dogs")).hits] == ["Dogs fly for 50 euros."]


def test_content_is_kept_no_longer_than_needed() -> None:
    batch = upload(pets_md=PETS, photo_png=b"\x89PNG", all_zip=zipped({"visas.md": VISAS}))
    assert batch.files.exclude(content=None).count() == 3
    read_batch(batch.pk)
    assert not batch.files.exclude(content=None).exists()


def test_options_of_the_batch_are_used() -> None:
    batch = batch_of({"pets.md": PETS}, publish=False, category="old", audience="staff", language="es")
    read_batch(batch.pk)
    assert outcomes(batch) == {"pets.md": "draft"}
    document = Document.objects.get()
    assert (document.category, document.audience, document.language) == ("old", "staff", "es")
    assert search(Query("dogs", language="es")).hits == ()


def test_unchanged_text_makes_no_version() -> None:
    read_batch(upload(pets_md=PETS).pk)
    batch = upload(pets_md=PETS)
    read_batch(batch.pk)
    assert outcomes(batch) == {"pets.md": "unchanged"} and Version.objects.count() == 1


def test_second_file_of_a_name_is_refused_in_words() -> None:
    batch = batch_of({"pets.md": PETS, "all.zip": zipped({"01-pets.md": VISAS})})
    read_batch(batch.pk)
    second = batch.files.get(name="01-pets.md")
    assert (second.outcome, second.code) == ("refused", "duplicate")
    assert "“pets.md”" in second.reason


def test_zip_is_listed_with_its_files() -> None:
    files = {"policies/pets.md": PETS, "policies/visas.md": VISAS, "policies/in.zip": zipped({"x.md": PETS})}
    batch = upload(all_zip=zipped(files))
    read_batch(batch.pk)
    expected = {"all.zip": "unpacked", "pets.md": "published", "visas.md": "published", "in.zip": "refused"}
    assert outcomes(batch) == expected
    assert {file.archive.name for file in batch.files.exclude(archive=None)} == {"all.zip"}


def test_archive_inside_an_archive_is_not_unpacked_whoever_lists_it(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = Member("in.zip", zipped({"x.md": PETS}))
    monkeypatch.setattr(batches, "members", lambda name, content: iter([inner]))
    batch = upload(all_zip=b"zip")
    read_batch(batch.pk)
    assert outcomes(batch) == {"all.zip": "unpacked", "in.zip": "refused"}


def test_bad_archive_lists_nothing_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def bomb(name: str, content: bytes) -> Any:
        yield Member("pets.md", PETS)
        raise DocumentRefused("bomb", "It unpacks to too much.")

    monkeypatch.setattr(batches, "members", bomb)
    batch = batch_of({"all.zip": b"zip", "visas.md": VISAS})
    read_batch(batch.pk)
    assert outcomes(batch) == {"all.zip": "refused", "visas.md": "published"}


def test_too_large_file_is_listed_and_the_others_taken(settings: Any) -> None:
    settings.DOCUMENT_MAX_BYTES, settings.UPLOAD_MAX_BYTES = 1_000, 1_000_000
    batch = batch_of({"large.md": b"word " * 1_000, "pets.md": PETS})
    large = batch.files.get(name="large.md")
    assert (large.outcome, large.code, large.content) == ("refused", "size", None)
    read_batch(batch.pk)
    assert outcomes(batch) == {"large.md": "refused", "pets.md": "published"}


@pytest.mark.parametrize(
    ("limit", "code"), [("UPLOAD_MAX_BYTES", "upload_size"), ("UNPACKED_MAX_FILES", "files")]
)
def test_too_large_upload_leaves_nothing(settings: Any, limit: str, code: str) -> None:
    setattr(settings, limit, 1)
    with pytest.raises(DocumentRefused) as refusal:
        upload(pets_md=PETS, visas_md=VISAS)
    assert refusal.value.code == code and not Import.objects.exists()


def test_upload_without_files_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="at least one file"):
        receive(Import(), [])


def test_batch_is_taken_up_where_a_process_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "GROUP_CHARACTERS", 1)  # each file a transaction
    batch = batch_of({"pets.md": PETS, "visas.md": VISAS, "bags.md": b"# Bags\n\nOne bag.\n"})
    with monkeypatch.context() as patch, pytest.raises(Killed):
        die_over(patch, b"passport")
        read_batch(batch.pk)
    assert outcomes(batch) == {"pets.md": "published", "visas.md": "waiting", "bags.md": "waiting"}
    assert read_batch(batch.pk) is False and unattended() == []  # the lease still holds
    let_the_lease_run_out(batch)
    assert unattended() == [batch.pk]
    die_over(monkeypatch, b"Dogs")  # would be noticed if the first file were read again
    assert read_batch(batch.pk)
    assert set(outcomes(batch).values()) == {"published"} and Version.objects.count() == 3


def test_group_whose_process_died_is_read_again_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of({"pets.md": PETS, "visas.md": VISAS})
    with monkeypatch.context() as patch, pytest.raises(Killed):
        die_over(patch, b"passport")
        read_batch(batch.pk)
    assert set(outcomes(batch).values()) == {"waiting"} and not Document.objects.exists()
    let_the_lease_run_out(batch)
    read_batch(batch.pk)
    assert set(outcomes(batch).values()) == {"published"} and Version.objects.count() == 2


def test_file_that_ends_every_process_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of({"pets.md": PETS, "visas.md": VISAS})
    die_over(monkeypatch, b"passport")
    for _ in range(batches.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            read_batch(batch.pk)
        let_the_lease_run_out(batch)
    assert read_batch(batch.pk)
    assert outcomes(batch) == {"pets.md": "published", "visas.md": "refused"}
    assert batch.files.get(name="visas.md").code == "crashed"


def test_archive_is_unpacked_once_when_a_process_died_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    unpack = batches.members

    def deadly(name: str, content: bytes) -> Any:
        yield next(unpack(name, content))
        raise Killed

    batch = upload(all_zip=zipped({"pets.md": PETS, "visas.md": VISAS}))
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(batches, "members", deadly)
        read_batch(batch.pk)
    assert outcomes(batch) == {"all.zip": "waiting", "pets.md": "waiting"}
    let_the_lease_run_out(batch)
    read_batch(batch.pk)
    assert batch.files.count() == 3
    assert outcomes(batch) == {"all.zip": "unpacked", "pets.md": "published", "visas.md": "published"}


def test_process_that_was_thought_dead_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = upload(pets_md=PETS)
    parse = taking.parse

    def overtaken(name: str, content: bytes) -> Any:
        monkeypatch.setattr(taking, "parse", parse)
        let_the_lease_run_out(batch)
        assert read_batch(batch.pk)  # the other process, from beginning to end
        return parse(name, content)

    monkeypatch.setattr(taking, "parse", overtaken)
    assert read_batch(batch.pk) is False
    assert outcomes(batch) == {"pets.md": "published"} and Version.objects.count() == 1


def test_deleted_batch_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = upload(pets_md=PETS)
    parse = taking.parse

    def deleted(name: str, content: bytes) -> Any:
        Import.objects.all().delete()
        return parse(name, content)

    monkeypatch.setattr(taking, "parse", deleted)
    assert read_batch(batch.pk) is False
    assert not Document.objects.exists() and not ImportedFile.objects.exists()


def test_database_that_goes_away_is_no_fault_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(versions: list[Version]) -> None:
        raise OperationalError("gone")

    batch = upload(pets_md=PETS)
    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(taking, "publish_versions", away)
        read_batch(batch.pk)
    let_the_lease_run_out(batch)
    assert read_batch(batch.pk) and outcomes(batch) == {"pets.md": "published"}


def test_fault_in_unpacking_is_one_archives_misfortune(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(name: str, content: bytes) -> Any:
        yield Member("x.md", PETS)
        raise ZeroDivisionError

    monkeypatch.setattr("knowledge.documents.importing.unpack", faulty)
    batch = batch_of({"all.zip": zipped({"pets.md": PETS}), "visas.md": VISAS})
    read_batch(batch.pk)
    assert outcomes(batch) == {"all.zip": "refused", "visas.md": "published"}
    assert batch.files.get(name="all.zip").code == "failed"


def test_new_batch_is_left_to_whoever_was_told() -> None:
    batch = upload(pets_md=PETS)
    assert unattended() == []
    Import.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert unattended() == [batch.pk]


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_read_a_batch_once() -> None:
    batch = batch_of(
        {f"policy-{number}.md": f"# Policy\n\nNumber {number}.".encode() for number in range(20)}
    )
    together = threading.Barrier(4)
    read: list[bool] = []

    def run() -> None:
        together.wait(10)
        try:
            read.append(read_batch(batch.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(read) == [False, False, False, True]
    assert set(outcomes(batch).values()) == {"published"} and Version.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_lease_is_renewed_while_one_file_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LEASE", timedelta(seconds=0.3))
    batch = upload(pets_md=PETS)
    parse = taking.parse

    def slow(name: str, content: bytes) -> Any:
        first = Import.objects.get(pk=batch.pk).lease_until
        for _ in range(200):
            if Import.objects.get(pk=batch.pk).lease_until > first:
                return parse(name, content)
            threading.Event().wait(0.05)
        raise AssertionError("the lease was not renewed")

    monkeypatch.setattr(taking, "parse", slow)
    assert read_batch(batch.pk) and outcomes(batch) == {"pets.md": "published"}


def test_upload_is_read_one_file_at_a_time() -> None:
    held: list[int] = []

    class Upload(io.BytesIO):
        name, size = "pets.md", 10

        def read(self, *_: object) -> bytes:
            held.append(ImportedFile.objects.count())
            return PETS

    receive(Import(), [Upload(), Upload(), Upload()])
    assert held == [0, 1, 2]  # each was saved before the next was read
