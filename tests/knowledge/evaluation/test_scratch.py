"""A library of its own: the site's is neither read nor changed, and nothing is left behind."""

from typing import Any

import pytest
from django.db import connection

from knowledge.documents.publish import publish_version, save_draft
from knowledge.evaluation.scratch import scratch_library
from knowledge.models import Document, Library, Version
from knowledge.search import Query, search


def publish_penguins() -> None:
    publish_version(
        save_draft(Document.objects.create(slug="penguins", title="Penguins"), "Penguins fly free.")
    )


def test_scratch_library_is_apart_from_the_site(library: dict[str, Version]) -> None:
    before = Library.objects.get().revision
    with scratch_library():
        assert not Document.objects.exists()
        publish_penguins()
        assert [hit.slug for hit in search(Query("penguins, and checked baggage")).hits] == ["penguins"]

    assert {hit.slug for hit in search(Query("penguins, and checked baggage")).hits} <= set(library)
    assert not Document.objects.filter(slug="penguins").exists()
    assert Library.objects.get().revision == before


@pytest.mark.django_db
def test_site_is_back_after_an_error() -> None:
    site = connection.settings_dict["NAME"]
    with pytest.raises(ZeroDivisionError), scratch_library():
        publish_penguins()
        raise ZeroDivisionError

    assert connection.settings_dict["NAME"] == site
    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publishing_there_starts_no_work_on_the_site(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.COMPARE_DOCUMENTS = True
    begun: list[str] = []
    monkeypatch.setattr("knowledge.background._begin", lambda task, arguments: begun.append(task.name))
    with scratch_library():
        publish_penguins()

    assert begun == []
    publish_penguins()
    assert begun  # the same on the site does


@pytest.mark.django_db(transaction=True)
def test_no_table_that_lasts_is_made_or_filled() -> None:
    before = lasting_tables()
    with scratch_library():
        publish_penguins()
        assert Document.objects.count() == 1

    assert lasting_tables() == before
    assert not Document.objects.exists()


def lasting_tables() -> list[tuple[str, ...]]:
    """Return the tables of the site's database that outlive a session, in every schema."""
    statement = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    if connection.vendor == "postgresql":
        statement = (
            "SELECT relnamespace::regnamespace::text, relname FROM pg_class "
            "WHERE relkind = 'r' AND relpersistence <> 't' ORDER BY 1, 2"
        )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
