"""Packed lists of passages by term."""

import pytest

from knowledge.documents.publish import withdraw_document
from knowledge.models import Block, Posting
from knowledge.search import Query, index_state, postings, search
from knowledge.search.postings import digest, read, read_long, terms_of
from tests.knowledge.conftest import Publish


def places(term: str) -> dict[bool, int]:
    """Return how many passages hold the term in open and closed blocks."""
    return {
        block.is_open: lists.passages
        for block in Block.objects.all()
        for lists in read([block.pk], [digest(term)]).values()
    }


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "OPEN", 4)


@pytest.mark.usefixtures("small_blocks")
def test_open_block_is_emptied_into_the_closed_one_when_full(publish: Publish) -> None:
    for number in range(3):
        publish(f"pets-{number}", f"Dogs of kind {number} fly.")
    assert places("dog") == {True: 3}
    publish("pets-3", "Dogs of kind 3 fly.")
    assert places("dog") == {False: 4}
    publish("pets-4", "Dogs of kind 4 fly.")
    assert places("dog") == {True: 1, False: 4}
    found = [hit.slug for hit in search(Query("dogs", limit=9)).hits]
    assert found == [f"pets-{number}" for number in range(5)]


@pytest.mark.usefixtures("small_blocks")
def test_passages_leave_open_and_closed_blocks(publish: Publish) -> None:
    versions = [publish(f"pets-{number}", f"Dogs of kind {number} fly.") for number in range(6)]
    for version in (versions[1], versions[5]):
        withdraw_document(version.document)
    assert places("dog") == {True: 1, False: 3}
    assert not places("1") and not places("5") and places("0")
    assert index_state()["ok"]
    for version in versions[:1] + versions[2:5]:
        withdraw_document(version.document)
    assert not Posting.objects.exists() and search(Query("dogs")).hits == ()


def test_many_passages_go_to_the_closed_block_at_once(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "OPEN", 6)
    publish("pets", "".join(f"# Kind {number}\n\n{'Dogs fly far. ' * 40}\n\n" for number in range(3)))
    assert places("dog") == {False: 3}


def test_long_list_is_read_when_it_is_wanted(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "LONG", 4)
    for number in range(3):
        publish(f"pets-{number}", f"Dogs of kind {number} fly.")
    blocks = Block.objects.values_list("pk", flat=True)
    lists = read(blocks, [digest("dog"), digest("2"), digest("never")])
    assert set(lists) == {digest("dog"), digest("2")}
    assert lists[digest("dog")].data == [None] and len(lists[digest("2")].data[0]) == 4
    read_long(lists)
    assert len(lists[digest("dog")].data[0]) == 12
    assert len(search(Query("dogs")).hits) == 3


def test_text_without_words_is_published_and_found_by_nothing(publish: Publish) -> None:
    version = publish("dots", "… !!! —", title="…")
    assert version.indexed and index_state()["ok"]
    assert terms_of([version.passages.get().pk]) != {}
    withdraw_document(version.document)
    assert index_state()["ok"]


def test_digests_never_change_as_they_are_stored() -> None:
    assert (digest("dog"), digest("dog fee")) == (-6945572266024926151, 485319384450683387)
