"""Every way of deleting takes the words out of search at once, and remembers what answers may cite."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from knowledge.documents.publish import save_draft, withdraw_version
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Passage, PassageTerms, RemovedText, Version, Word
from knowledge.search import Query, index_state, search
from tests.knowledge.conftest import Publish


def found(question: str) -> list[str]:
    return [hit.slug for hit in search(Query(question)).hits]


WAYS: dict[str, Callable[[Document], object]] = {
    "document": lambda document: document.delete(),
    "documents": lambda document: Document.objects.filter(pk=document.pk).delete(),
    "version": lambda document: document.versions.get().delete(),
    "versions": lambda document: Version.objects.filter(document=document).delete(),
    "related versions": lambda document: document.versions.all().delete(),
    "loaded long ago": lambda document: Version(pk=document.versions.get().pk, indexed=False).delete(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_of_deleting_leaves_postings(publish: Publish, way: Callable[[Document], object]) -> None:
    document = publish("pets", "Dogs fly for 50 euros.").document
    publish("bags", "Bags fly for 20 euros.")
    way(document)
    assert found("dogs fly euros") == ["bags"]
    assert index_state()["ok"]
    assert PassageTerms.objects.exclude(passage__in=Passage.objects.all()).count() == 0
    assert not Word.objects.filter(text="dogs").exists()
    assert Word.objects.get(text="fly").passages == 1


def test_former_version_holds_again_when_the_newer_is_deleted(publish: Publish) -> None:
    publish("pets", "Dogs fly for 50 euros.", effective_from=date(2020, 1, 1))
    publish("pets", "Dogs fly for 60 euros.", effective_from=date(2021, 1, 1)).delete()
    assert [hit.text for hit in search(Query("dogs")).hits] == ["Dogs fly for 50 euros."]


def test_covered_version_comes_back_into_search(publish: Publish) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    publish("pets", "Dogs fly for 60 euros.").delete()
    assert [hit.text for hit in search(Query("dogs")).hits] == ["Dogs fly for 50 euros."]
    assert index_state()["ok"]


def test_deletion_that_is_rolled_back_changes_nothing(publish: Publish) -> None:
    document = publish("pets", "Dogs fly for 50 euros.").document
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        document.delete()
        raise ZeroDivisionError
    assert found("dogs") == ["pets"] and index_state()["ok"] and not RemovedText.objects.exists()


def test_single_passage_of_a_text_in_search_stays(publish: Publish) -> None:
    version = publish("pets", "Dogs fly for 50 euros.")
    for way in (version.passages.get().delete, version.passages.all().delete):
        with pytest.raises(DocumentRefused, match="goes only with its version"), transaction.atomic():
            way()
    assert found("dogs") == ["pets"]
    withdraw_version(version)
    version.passages.all().delete()
    assert index_state()["ok"]


def test_removed_texts_are_remembered_but_drafts_are_not(publish: Publish) -> None:
    version = publish("goodwill", "Vouchers for 50 euros.", audience="staff")
    passage = version.passages.get().pk
    save_draft(version.document, "More vouchers.")
    version.document.delete()
    removed = RemovedText.objects.get()
    assert (removed.first_passage, removed.last_passage) == (passage, passage)
    assert (removed.title, removed.audience) == ("Goodwill", "staff")
