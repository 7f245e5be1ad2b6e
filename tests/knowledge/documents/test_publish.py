"""Drafts, publishing, withdrawing and deleting: one step each, the index with them."""

from datetime import date
from threading import Event, Thread

import pytest
from django.db import connection

from knowledge.documents import publish as steps
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Passage, Posting, Version, Word
from knowledge.search import Query, index_state, search
from tests.knowledge.conftest import Publish

TODAY = date(2026, 11, 21)
Status = Version.Status


def ask(question: str, on: date = TODAY, **options: object) -> list[int]:
    """Return the version numbers found."""
    return [hit.version_number for hit in search(Query(question, on=on, **options)).hits]


@pytest.fixture
def document(db: None) -> Document:
    return Document.objects.create(slug="pets", title="Pets")


def test_draft_is_rewritten_until_published(document: Document, carol: object) -> None:
    first = steps.save_draft(document, "Dogs.", author=carol, note="first")
    second = steps.save_draft(document, "Cats.", author=carol, note="second")
    assert (first.pk, second.text, second.number, second.note) == (second.pk, "Cats.\n", 1, "second")


def test_change_after_publishing_is_a_new_version(document: Document) -> None:
    steps.publish_version(steps.save_draft(document, "Dogs."))
    assert steps.save_draft(document, "Cats.").number == 2
    assert document.version_in_force().text == "Dogs.\n"


def test_draft_is_not_found(document: Document) -> None:
    steps.save_draft(document, "Dogs fly for 50 euros.")
    assert ask("dogs") == []


def test_publishing_replaces_at_once(publish: Publish) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    publish("pets", "Dogs fly for 60 euros.")
    assert ask("dogs euros") == [2]


def test_replaced_version_leaves_the_index(publish: Publish) -> None:
    publish("pets", "Dogs fly for fifty euros.")
    newer = publish("pets", "Dogs fly for sixty euros.")
    assert list(Version.objects.filter(indexed=True)) == [newer]
    assert not Word.objects.filter(text="fifty").exists()


def test_withdrawn_document_is_gone_but_kept(publish: Publish) -> None:
    version = publish("pets", "Dogs fly for 50 euros.")
    steps.withdraw_document(version.document)
    assert ask("dogs") == []
    assert Passage.objects.get(version=version).text == "Dogs fly for 50 euros."
    assert not Posting.objects.exists() and not Word.objects.exists()


def test_withdrawing_one_version_brings_the_former_back(publish: Publish) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    steps.withdraw_version(publish("pets", "Dogs fly for 5 euros."))
    assert ask("dogs") == [1]


def test_withdrawn_version_can_be_published_again(publish: Publish) -> None:
    version = publish("pets", "Dogs fly.")
    steps.withdraw_document(version.document)
    assert steps.publish_version(version).status == Status.PUBLISHED
    assert ask("dogs") == [1]


@pytest.mark.parametrize(
    ("on", "number"),
    [(date(2026, 11, 30), 1), (date(2026, 12, 1), 2), (date(2026, 12, 31), 2), (date(2027, 1, 1), 1)],
)
def test_day_selects_the_version(publish: Publish, on: date, number: int) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    publish("pets", "Dogs fly free.", effective_from=date(2026, 12, 1), effective_until=date(2026, 12, 31))
    assert ask("dogs", on) == [number]


def test_future_version_is_scheduled(publish: Publish) -> None:
    version = publish("pets", "Dogs fly.", effective_from=date(2999, 1, 1))
    assert ask("dogs") == []
    assert version.document.state() == "scheduled"


def test_delete_takes_everything_out(publish: Publish) -> None:
    version = publish("pets", "Dogs fly.")
    steps.delete_document(version.document)
    assert ask("dogs") == []
    assert index_state() == {"ok": True, "passages": 0, "terms": 0, "revision": 2}


def test_new_title_is_found_and_shown(publish: Publish) -> None:
    document = publish("pets", "# Pets\n\n## Fees\n\nDogs fly for 50 euros.").document
    document.title = "Animals"
    steps.change_details(document)
    hit = search(Query("animals", on=TODAY)).hits[0]
    assert (hit.title, hit.heading) == ("Animals", "Animals › Fees")


def test_new_language_changes_stems(publish: Publish) -> None:
    document = publish("mascotas", "Los perros viajan en cabina.").document
    document.language = "es"
    steps.change_details(document)
    assert {word.language for word in Word.objects.all()} == {"es"}
    assert ask("perro", language="es") == [1]


def test_category_change_leaves_the_index(publish: Publish) -> None:
    document = publish("pets", "Dogs fly.").document
    document.category = "animals"
    steps.change_details(document)
    assert ask("dogs") == [1]


@pytest.mark.parametrize(
    ("text", "dates", "code"),
    [
        ("", {}, "empty"),
        ("<!-- nothing -->", {}, "empty"),
        ("a\0b", {}, "binary"),
        ("Text", {"effective_from": date(2026, 2, 1), "effective_until": date(2026, 1, 1)}, "dates"),
    ],
)
def test_draft_is_refused(document: Document, text: str, dates: dict[str, date], code: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        steps.save_draft(document, text, **dates)
    assert refusal.value.code == code


def test_headings_alone_cannot_be_published(document: Document) -> None:
    draft = steps.save_draft(document, "# Pets\n\n## Fees")
    with pytest.raises(DocumentRefused, match="no text"):
        steps.publish_version(draft)
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    assert index_state()["revision"] == 0


@pytest.mark.parametrize(
    ("step", "code"), [("publish_version", "already_published"), ("withdraw_version", "not_published")]
)
def test_step_that_does_not_fit_is_refused(publish: Publish, step: str, code: str) -> None:
    version = publish("pets", "Dogs fly.")
    if step == "withdraw_version":
        steps.withdraw_document(version.document)
    with pytest.raises(DocumentRefused) as refusal:
        getattr(steps, step)(version)
    assert refusal.value.code == code


def test_older_draft_cannot_hide_behind_newer(publish: Publish) -> None:
    older = publish("pets", "Dogs fly.")
    steps.withdraw_version(older)
    publish("pets", "Dogs fly free.")
    with pytest.raises(DocumentRefused, match="newer version"):
        steps.publish_version(older)


def test_batch_is_published_together_or_not_at_all(document: Document) -> None:
    other = Document.objects.create(slug="bags", title="Bags")
    good, bad = steps.save_draft(document, "Dogs fly."), steps.save_draft(other, "# Bags")
    with pytest.raises(DocumentRefused):
        steps.publish_versions([good, bad])
    assert ask("dogs") == []


@pytest.mark.django_db(transaction=True)
def test_reader_always_finds_exactly_one_version(publish: Publish) -> None:
    publish("pets", "Dogs fly for 1 euro.")
    seen, begun, done = [], Event(), Event()

    def read() -> None:
        while not done.is_set():
            seen.append(ask("dogs euro"))
            begun.set()
        connection.close()

    reader = Thread(target=read)
    reader.start()
    try:
        assert begun.wait(30)
        for price in range(2, 30):
            publish("pets", f"Dogs fly for {price} euros.")
    finally:
        done.set()
        reader.join()
    assert all(len(numbers) == 1 for numbers in seen)
    assert [numbers[0] for numbers in seen] == sorted(numbers[0] for numbers in seen)


@pytest.mark.django_db(transaction=True)
def test_parallel_publishers_keep_the_counts(publish: Publish) -> None:
    def work(worker: int) -> None:
        for number in range(5):
            publish(f"policy-{worker}", f"Dogs, cats and worker {worker} in text {number}.")
        connection.close()

    threads = [Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index_state() | {"terms": 0} == {"ok": True, "passages": 4, "terms": 0, "revision": 20}
    assert Word.objects.get(text="dogs").passages == 4
    assert Word.objects.count() == index_state()["terms"]
