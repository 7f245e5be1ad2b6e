"""A folder of files into the library."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from knowledge.documents.importing import import_folder
from knowledge.documents.publish import publish_version, save_draft, withdraw_document
from knowledge.models import Document, Version
from knowledge.search import Query, search


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


def test_command_lists_what_it_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG")
    call_command("import_documents", str(folder))
    out, err = capsys.readouterr()
    assert out == "2 published, 0 unchanged, 1 refused.\n"
    assert err.startswith("photo.png: Files ending in “.png” cannot be read")


def test_command_names_a_missing_folder(db: None) -> None:
    with pytest.raises(CommandError, match="there is no folder /no/such"):
        call_command("import_documents", "/no/such")
