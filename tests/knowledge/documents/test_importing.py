"""A folder of files into the library."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.documents import taking
from knowledge.documents.importing import import_folder, import_paths
from knowledge.documents.publish import publish_version, save_draft, withdraw_document
from knowledge.documents.taking import Options
from knowledge.models import Document, Version
from knowledge.search import Query, search
from knowledge.search.index import revision


@pytest.fixture
def folder(tmp_path: Path, db: None) -> Path:
    (tmp_path / "abroad").mkdir()
    (tmp_path / "01-pets.md").write_text("# Pets\n\nDogs fly for 50 euros.\n")
    (tmp_path / "abroad" / "visas.md").write_text(
        "---\ncategory: papers\n---\n# Visas\n\nBring a passport.\n"
    )
    return tmp_path


def test_files_are_published(folder: Path) -> None:
    report = import_folder(folder)
    assert report.published == ["pets", "abroad-visas"]
    assert [hit.category for hit in search(Query("passport")).hits] == ["papers"]


def test_second_import_changes_nothing(folder: Path) -> None:
    import_folder(folder)
    report = import_folder(folder)
    assert (report.published, report.unchanged) == ([], ["pets", "abroad-visas"])
    assert Version.objects.count() == 2


def test_changed_text_is_a_new_version(folder: Path) -> None:
    import_folder(folder)
    (folder / "01-pets.md").write_text("# Pets\n\nDogs fly for 60 euros.\n")
    assert import_folder(folder).published == ["pets"]
    assert Document.objects.get(slug="pets").version_in_force().number == 2


def test_changed_details_are_taken_without_a_version(folder: Path) -> None:
    import_folder(folder)
    (folder / "01-pets.md").write_text("---\naudience: staff\n---\n# Pets\n\nDogs fly for 50 euros.\n")
    assert import_folder(folder).unchanged[0] == "pets"
    assert search(Query("dogs")).hits == ()


def test_bad_files_stop_no_other(folder: Path) -> None:
    (folder / "broken.md").write_bytes(b"\xff\xfe")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "empty.md").write_text("")
    (folder / "headings.md").write_text("# Only\n\n## Headings\n")
    (folder / "02-pets.md").write_text("# Pets again\n\nCats.\n")
    (folder / ".hidden.md").write_text("# Hidden\n\nNot meant.\n")
    report = import_folder(folder)
    assert report.published == ["pets", "abroad-visas"]
    assert sorted(report.refused) == ["02-pets.md", "broken.md", "empty.md", "headings.md", "photo.png"]
    assert set(Document.objects.values_list("slug", flat=True)) == {"pets", "abroad-visas"}


def test_waiting_draft_is_not_overwritten(folder: Path) -> None:
    import_folder(folder)
    save_draft(Document.objects.get(slug="pets"), "Dogs, being rewritten.", note="mine")
    (folder / "01-pets.md").write_text("# Pets\n\nDogs fly for 70 euros.\n")
    assert "draft" in import_folder(folder).refused["01-pets.md"]


def test_withdrawn_text_stays_withdrawn(folder: Path) -> None:
    import_folder(folder)
    withdraw_document(Document.objects.get(slug="pets"))
    assert "pets" in import_folder(folder).unchanged
    assert search(Query("dogs")).hits == ()


def test_edited_document_is_kept_when_asked(folder: Path) -> None:
    import_folder(folder, note="Sample")
    publish_version(save_draft(Document.objects.get(slug="pets"), "Dogs, by the staff.", note="ours"))
    assert import_folder(folder, note="Sample", keep_edited=True).kept == ["pets"]


def test_withdrawn_document_is_kept_when_asked(folder: Path) -> None:
    import_folder(folder, note="Sample")
    withdraw_document(Document.objects.get(slug="pets"))
    (folder / "01-pets.md").write_text("# Pets\n\nDogs fly for 60 euros.\n")
    assert import_folder(folder, note="Sample", keep_edited=True).kept == ["pets"]


def edit_details(**details: str) -> None:
    Document.objects.filter(slug="pets").update(**details)


def details() -> tuple[str, ...]:
    return Document.objects.values_list("title", "category", "audience", "language").get(slug="pets")


@pytest.mark.parametrize("text", ["Dogs fly for 50 euros.", "Dogs fly for 60 euros."])
def test_file_without_details_leaves_those_that_staff_chose(folder: Path, text: str) -> None:
    import_folder(folder)
    edit_details(title="Animals", category="pets", audience="staff", language="es")
    (folder / "01-pets.md").write_text(f"# Pets\n\n{text}\n")
    import_folder(folder)
    assert details() == ("Animals", "pets", "staff", "es")


def test_file_changes_the_details_that_it_names(folder: Path) -> None:
    import_folder(folder)
    edit_details(title="Animals", category="pets", audience="staff")
    (folder / "01-pets.md").write_text(
        "---\ntitle: Beasts\ncategory: cabin\n---\n# Pets\n\nDogs fly for 50 euros.\n"
    )
    import_folder(folder)
    assert details() == ("Beasts", "cabin", "staff", "en")


def test_title_follows_the_heading_that_it_came_from(folder: Path) -> None:
    import_folder(folder)
    (folder / "01-pets.md").write_text("# Pets on board\n\nDogs fly for 50 euros.\n")
    import_folder(folder)
    assert details()[0] == "Pets on board"


def test_details_that_staff_chose_survive_a_reload_of_the_sample(folder: Path) -> None:
    (folder / "01-pets.md").write_text("---\ncategory: cabin\n---\n# Pets\n\nDogs fly.\n")
    import_folder(folder, note="Sample")
    edit_details(category="animals", title="Animals")
    (folder / "01-pets.md").write_text("---\ncategory: cabin\n---\n# Pets\n\nDogs fly free.\n")
    assert import_folder(folder, note="Sample", keep_edited=True).published == ["pets"]
    assert details()[:2] == ("Animals", "animals")


def test_details_of_the_import_are_for_new_documents_without_their_own(folder: Path) -> None:
    import_paths([folder], Options(category="general", audience="staff", language="es"))
    assert details()[1:] == ("general", "staff", "es")
    assert Document.objects.get(slug="abroad-visas").category == "papers"
    import_paths([folder], Options(category="other", audience="public"))
    assert details()[1:] == ("general", "staff", "es")


def test_drafts_show_nothing_to_readers(folder: Path) -> None:
    import_folder(folder)
    (folder / "01-pets.md").write_text("---\naudience: staff\n---\n# Pets\n\nDogs fly for 60 euros.\n")
    report = import_paths([folder], Options(publish=False))
    assert (report.drafts, report.unchanged) == (["pets"], ["abroad-visas"])
    assert details()[2] == "public"
    assert [hit.text for hit in search(Query("dogs")).hits] == ["Dogs fly for 50 euros."]


def test_draft_of_an_import_is_published_by_the_next(folder: Path) -> None:
    import_paths([folder], Options(publish=False))
    assert import_folder(folder).published == ["pets", "abroad-visas"]
    assert list(Version.objects.values_list("number", "status")) == [(1, "published")] * 2


def test_draft_with_headings_alone_is_refused(tmp_path: Path, db: None) -> None:
    (tmp_path / "only.md").write_text("# Only\n\n## Headings\n")
    report = import_paths([tmp_path], Options(publish=False))
    assert list(report.refused) == ["only.md"] and not Document.objects.exists()


def test_version_knows_its_file(folder: Path) -> None:
    import_folder(folder)
    assert set(Version.objects.values_list("file_name", flat=True)) == {"01-pets.md", "abroad/visas.md"}


def test_fault_of_the_program_is_one_files_misfortune(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = taking.publish_versions

    def faulty(versions: list[Version]) -> None:
        publish(versions)
        if any("Dogs" in version.text for version in versions):
            raise ZeroDivisionError

    monkeypatch.setattr(taking, "publish_versions", faulty)
    report = import_folder(folder)
    assert report.published == ["abroad-visas"] and "error in the program" in report.refused["01-pets.md"]
    assert [document.slug for document in Document.objects.all()] == ["abroad-visas"]


def test_unchanged_files_leave_the_library_alone(folder: Path) -> None:
    import_folder(folder)
    before = revision()
    import_folder(folder)
    assert revision() == before


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_zip_gives_the_slugs_of_the_folder_that_was_packed(folder: Path, tmp_path: Path) -> None:
    names = ("01-pets.md", "abroad/visas.md")
    files = {f"policies/{name}": (folder / name).read_bytes() for name in names}
    (folder / "all.zip").write_bytes(zipped(files | {"__MACOSX/._x": b"", "policies/photo.png": b"\x89PNG"}))
    report = import_paths([folder / "all.zip"], Options())
    assert report.published == ["pets", "abroad-visas"]
    assert list(report.refused) == ["all.zip: photo.png"]


def test_too_large_file_is_refused_unread(folder: Path, settings: Any) -> None:
    settings.DOCUMENT_MAX_BYTES = 1_000
    (folder / "large.md").write_text("# Large\n\n" + "word " * 1_000)
    (folder / "broken.zip").write_bytes(b"no zip at all" * 1_000)
    report = import_folder(folder)
    assert report.refused["large.md"].startswith("It is larger than")
    assert sorted(report.refused) == ["broken.zip", "large.md"] and len(report.published) == 2


def test_command_lists_what_it_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG")
    call_command("import_documents", str(folder))
    out, err = capsys.readouterr()
    assert out == "2 published, 0 unchanged, 1 refused.\n"
    assert err.startswith("photo.png: Files ending in “.png” cannot be read")


def test_command_takes_files_with_options(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(folder / "01-pets.md"), str(folder / "abroad")]
    options = {"draft": True, "category": "old", "audience": "staff", "language": "ES", "note": "Moved"}
    call_command("import_documents", *paths, **options)
    assert capsys.readouterr().out == "0 published, 2 kept as drafts, 0 unchanged, 0 refused.\n"
    assert details() == ("Pets", "old", "staff", "es")
    assert set(Version.objects.values_list("note", "status")) == {("Moved", "draft")}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/no/such"], "there is no file or folder /no/such"),
        ([".", "--language", "english"], "no language code"),
        ([".", "--category", "x" * 41], "more than 40"),
        ([".", "--note", "x" * 301], "more than 300"),
    ],
)
def test_command_refuses_what_makes_no_sense(db: None, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_documents", *arguments)


def test_command_fails_when_nothing_could_be_taken(tmp_path: Path, db: None) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    with pytest.raises(CommandError, match="nothing could be taken"):
        call_command("import_documents", str(tmp_path))
