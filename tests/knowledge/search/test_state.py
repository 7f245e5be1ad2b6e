"""How the index stands, and setting it right."""

from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from knowledge.documents.publish import save_draft, withdraw_document
from knowledge.models import Document, Passage, PassageTerms, Posting, Shelf, Version, Word
from knowledge.search import Query, bm25, index_state, search
from knowledge.search.after_migration import fill_index
from knowledge.search.postings import digest
from knowledge.search.state import problems, rebuild_version, repair
from tests.knowledge.conftest import Publish


@pytest.fixture
def pets(publish: Publish) -> Version:
    publish("bags", "Bags cost 60 euros.")
    return publish("pets", "Dogs fly for 50 euros.")


def slugs(question: str) -> list[str]:
    return [hit.slug for hit in search(Query(question)).hits]


@pytest.mark.usefixtures("pets")
def test_library_in_order_has_no_problems() -> None:
    assert not problems()
    assert index_state()["ok"]


def test_draft_withdrawn_and_superseded_texts_are_no_problem(publish: Publish, pets: Version) -> None:
    publish("pets", "Dogs fly for 60 euros.")
    save_draft(pets.document, "Dogs fly free.")
    withdraw_document(publish("seats", "Seats cost 8 euros.").document)
    assert not problems()


def test_version_out_of_the_index_is_named_and_put_back(pets: Version) -> None:
    Version.objects.filter(pk=pets.pk).update(indexed=False)
    assert problems().missing == (pets,)
    assert not index_state()["ok"]
    PassageTerms.objects.filter(passage__version=pets).delete()
    Posting.objects.filter(term=digest("dog")).delete()
    repair()
    assert not problems() and slugs("dogs") == ["pets"]


def test_version_in_the_index_for_nothing_is_named_and_taken_out(pets: Version) -> None:
    Version.objects.filter(pk=pets.pk).update(status=Version.Status.WITHDRAWN)
    assert problems().surplus == (pets,)
    repair()
    assert not problems() and index_state()["ok"] and not Word.objects.filter(text="dogs").exists()


def test_passages_deleted_by_hand_leave_the_index(pets: Version) -> None:
    Passage.objects.filter(version=pets)._raw_delete("default")
    assert problems().left_over == 1 and not index_state()["ok"]
    repair()
    assert not problems()
    assert index_state()["ok"] and Shelf.objects.get(pk="en").passages == 1
    assert not Posting.objects.filter(term=digest("dog")).exists()
    assert Posting.objects.filter(term=digest("euro")).exists()


def test_rebuilding_changes_nothing_when_nothing_changed(pets: Version) -> None:
    def content() -> tuple[object, ...]:
        words = sorted(Word.objects.values_list("folded", "language", "passages"))
        rows = sorted(
            (row[0], row[1], sorted(bytes(row[2])))
            for row in Posting.objects.values_list("block", "term", "data")
        )
        return words, rows, sorted(Shelf.objects.values_list())

    before = content()
    call_command("reindex_documents", verbosity=0)
    assert content() == before
    assert rebuild_version(pets) and content() == before


@pytest.mark.usefixtures("pets")
def test_reindexing_follows_a_change_in_how_words_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "stems_of", lambda words, language: [f"{word}~" for word in words])
    call_command("reindex_documents", verbosity=0)
    assert slugs("dogs") == []
    assert Posting.objects.filter(term=digest("dogs~")).exists()
    assert not Posting.objects.filter(term=digest("dog")).exists()
    monkeypatch.undo()
    call_command("reindex_documents", verbosity=0)
    assert slugs("dogs") == ["pets"] and index_state()["ok"]


def test_draft_is_not_rebuilt(pets: Version) -> None:
    assert not rebuild_version(save_draft(pets.document, "Dogs fly free."))
    assert slugs("free") == []


def test_check_says_what_is_wrong(pets: Version, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reindex_documents", "--check")
    assert "in order" in capsys.readouterr().out
    Version.objects.filter(pk=pets.pk).update(indexed=False)
    with pytest.raises(CommandError, match="not in order"):
        call_command("reindex_documents", "--check")
    assert "(pets): not in the index" in capsys.readouterr().err
    assert Version.objects.get(pk=pets.pk).indexed is False


def test_missing_alone_can_be_set_right(pets: Version, capsys: pytest.CaptureFixture[str]) -> None:
    repair()
    Version.objects.filter(pk=pets.pk).update(indexed=False)
    PassageTerms.objects.filter(passage__version=pets).delete()
    call_command("reindex_documents", "--missing")
    assert "0 versions rebuilt, 1 added, 0 taken out." in capsys.readouterr().out


def test_index_is_filled_after_a_migration_that_emptied_it(pets: Version) -> None:
    from django.apps import apps

    fill_index(apps=apps, using="default")
    assert index_state()["revision"] == 2  # nothing to do
    for model in (Posting, PassageTerms, Word, Shelf):
        model.objects.all().delete()
    Version.objects.update(indexed=False)
    fill_index(apps=apps, using="elsewhere")
    fill_index(apps=None, using="default")
    assert slugs("dogs") == []
    fill_index(apps=apps, using="default")
    assert slugs("dogs") == ["pets"] and index_state()["ok"]


@pytest.mark.django_db(transaction=True)
def test_reader_misses_nothing_while_all_is_rebuilt(publish: Publish) -> None:
    for number in range(6):
        publish(f"pets-{number}", f"Dogs of kind {number} fly.")
    begun, done, seen = Event(), Event(), []

    def read() -> None:
        while not done.is_set():
            seen.append(sorted(slugs("dogs fly kind")))
            begun.set()
        connection.close()

    reader = Thread(target=read)
    reader.start()
    try:
        assert begun.wait(30)
        for _ in range(3):
            call_command("reindex_documents", verbosity=0)
    finally:
        done.set()
        reader.join()
    assert {tuple(one) for one in seen} == {tuple(f"pets-{number}" for number in range(5))}
    assert Document.objects.count() == 6
