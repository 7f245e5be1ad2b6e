"""Publishing while customers ask: nobody finds a document missing, doubled or half changed.

Every text names its version in every paragraph, so that what a reader gets can be judged by itself. Readers
note which versions may have been in force while they searched: from the last one published before they began
to the last one begun when they ended.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier, Event, Thread, current_thread, main_thread

import psycopg
import pytest
from django.db import connection

from knowledge.documents import publish as steps
from knowledge.models import Document, Version
from knowledge.search import Hit, Query, index_state, search
from tests.knowledge.conftest import Publish

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 3
SECTIONS = ("cabin", "hold", "carrier")


def text_of(number: int) -> str:
    """Return a text of three passages, each with its version's number in words of its own."""
    parts = [f"## {name}\n\n{f'Dogs in the {name} pay fee{number}. ' * 12}" for name in SECTIONS]
    return "# Pets\n\n" + "\n\n".join(parts) + "\n"


@dataclass
class Look:
    """What one reader found, and the bounds of what it may have found."""

    least: int
    hits: tuple[Hit, ...]
    most: int


@dataclass
class Watch:
    """Searches by several readers at once; ``begun`` and ``done`` count what the writer did."""

    begun: int = 1
    done: int = 1
    looks: list[Look] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def look(self, query: Query) -> None:
        least = self.done
        hits = search(query).hits
        self.looks.append(Look(least, hits, self.begun))

    def step(self, number: int, work: Callable[[], object]) -> None:
        self.begun = number
        work()
        self.done = number


@contextmanager
def readers(query: Query) -> Iterator[Watch]:
    """Let readers search all the while."""
    watch, is_over, together = Watch(), Event(), Barrier(READERS + 1, timeout=30)

    def read() -> None:
        try:
            watch.look(query)
            together.wait()
            while not is_over.is_set():
                watch.look(query)
        except Exception as error:  # noqa: BLE001  a thread's exception would go unseen
            watch.errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        together.wait()
        yield watch
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert watch.errors == []


def check_whole(look: Look) -> int:
    """Check that all passages of one version were found, and return its number as its words give it."""
    numbers = {int(number) for hit in look.hits for number in re.findall(r"fee(\d+)", hit.text)}
    assert len(look.hits) == len(SECTIONS) and len(numbers) == 1
    assert len({hit.version_id for hit in look.hits}) == 1
    return numbers.pop()


def test_every_reader_finds_one_whole_version(publish: Publish) -> None:
    publish("pets", text_of(1))
    with readers(Query("dogs pay", limit=10)) as watch:
        for number in range(2, 42):
            watch.step(number, lambda number=number: publish("pets", text_of(number)))
    for look in watch.looks:
        assert look.least <= check_whole(look) <= look.most
    assert index_state()["ok"]


def test_withdrawing_brings_the_former_back_without_a_gap(publish: Publish) -> None:
    publish("pets", text_of(1))
    newer = publish("pets", text_of(2))
    with readers(Query("dogs pay", limit=10)) as watch:
        for _ in range(15):
            steps.withdraw_version(newer)
            steps.publish_version(newer)
    assert {check_whole(look) for look in watch.looks} <= {1, 2}
    assert index_state()["ok"]


def test_renaming_leaves_no_gap(publish: Publish) -> None:
    document = publish("pets", text_of(1)).document
    with readers(Query("dogs pay", limit=10)) as watch:
        for number in range(20):
            document.title = f"Animals {number}"
            document.language = ("en", "es")[number % 2]
            steps.change_details(document)
    for look in watch.looks:
        assert check_whole(look) == 1
        assert len({hit.title for hit in look.hits}) == 1
        assert all(hit.heading.startswith(hit.title) for hit in look.hits)
    assert index_state()["ok"]


def test_deleted_document_is_found_whole_or_not_at_all(publish: Publish) -> None:
    with readers(Query("dogs pay", limit=10)) as watch:
        for number in range(1, 16):
            steps.delete_document(publish("pets", text_of(number)).document)
    found = [look for look in watch.looks if look.hits]
    assert all(check_whole(look) for look in found)
    assert search(Query("dogs pay")).hits == () and index_state()["ok"]


def test_scheduled_texts_follow_each_other_without_a_gap(publish: Publish) -> None:
    publish("pets", text_of(1))
    with readers(Query("dogs pay", limit=10)) as watch:
        for number in range(2, 22):
            publish("pets", text_of(number), effective_from=Version.objects.first().created_at.date())
    assert all(check_whole(look) for look in watch.looks)
    assert Document.objects.published().count() == 1


@pytest.mark.parametrize("step", ["publish", "rename"])
def test_change_before_every_statement_of_a_search_is_not_noticed(
    publish: Publish, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No luck with threads needed: each statement that the search sends waits for one more publication."""
    document = publish("pets", text_of(1)).document
    changes = 1

    def change() -> None:
        if step == "publish":
            publish("pets", text_of(changes))
        else:
            document.title = f"Animals {changes}"
            steps.change_details(document)
        connection.close()

    def change_first(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal changes
        changes += 1
        other = Thread(target=change)
        other.start()
        other.join()
        return execute(*arguments)

    class Watched(psycopg.Cursor):
        """What the search sends past Django's cursors."""

        def execute(self, *arguments: object, **options: object) -> object:
            if current_thread() is main_thread():
                change_first(lambda: None)
            return super().execute(*arguments, **options)

    monkeypatch.setattr(psycopg, "Cursor", Watched)
    with connection.execute_wrapper(change_first):
        hits = search(Query("dogs pay", limit=10)).hits
    assert changes > 4
    assert check_whole(Look(1, hits, changes)) <= changes
    assert len({hit.title for hit in hits}) == 1
    assert index_state()["ok"]
