"""The pages that show policies."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from knowledge.documents.publish import save_draft, withdraw_document
from knowledge.models import Passage, Version
from tests.knowledge.conftest import Publish

TEXT = "# Pets\n\n## In the cabin\n\nDogs fly for 50 euros.\n\nSecond paragraph.\n"


def passage_url(version: Version) -> str:
    return Passage.objects.filter(version=version).first().get_absolute_url()


@pytest.fixture
def as_alice(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def as_carol(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_document_shows_the_text_in_force(as_alice: Client, publish: Publish) -> None:
    document = publish("pets", TEXT, effective_from=date(2026, 1, 1)).document
    html = page(as_alice, document.get_absolute_url())
    assert "<h1>Pets</h1>" in html and "<h2>In the cabin</h2>" in html
    assert "Version 1" in html and "1 January 2026" in html
    assert html.count("<h1") == 1 and 'id="cited"' not in html


def test_passage_is_highlighted(as_alice: Client, publish: Publish) -> None:
    html = page(as_alice, passage_url(publish("pets", TEXT)))
    assert html.count('id="cited"') == 1 and 'href="#cited"' in html
    assert html.index('id="cited"') < html.index("Dogs fly for 50 euros.")


def test_replaced_text_stays_readable_with_a_note(as_alice: Client, publish: Publish) -> None:
    url = passage_url(publish("pets", TEXT))
    publish("pets", "# Pets\n\nDogs fly for 70 euros.\n")
    html = page(as_alice, url)
    assert "Dogs fly for 50 euros." in html and "no longer in force" in html
    assert reverse("document", args=["pets"]) in html


def test_withdrawn_text_stays_readable_with_a_note(as_alice: Client, publish: Publish) -> None:
    version = publish("pets", TEXT)
    withdraw_document(version.document)
    assert "has been withdrawn" in page(as_alice, passage_url(version))
    assert as_alice.get(version.document.get_absolute_url()).status_code == 404


def test_coming_text_says_so(as_alice: Client, publish: Publish) -> None:
    version = publish("pets", TEXT, effective_from=date(2999, 1, 1))
    assert "not in force yet" in page(as_alice, passage_url(version))


def test_draft_is_not_shown(as_carol: Client, publish: Publish) -> None:
    draft = save_draft(publish("pets", TEXT).document, "Draft words.")
    passage = Passage.objects.create(version=draft, position=1, text="Draft words.", start=0, end=12)
    assert as_carol.get(passage.get_absolute_url()).status_code == 404


def test_staff_document_is_not_there_for_customers(
    client: Client, publish: Publish, bob: User, carol: User
) -> None:
    version = publish("goodwill", TEXT, audience="staff")
    urls = [version.document.get_absolute_url(), passage_url(version)]
    client.force_login(bob)
    assert [client.get(url).status_code for url in urls] == [404, 404]
    client.force_login(carol)
    assert "For staff only" in page(client, urls[0])


@pytest.mark.parametrize(("name", "argument"), [("document", "no-such"), ("passage", 4711)])
def test_unknown_page_is_not_there(as_alice: Client, name: str, argument: object) -> None:
    assert as_alice.get(reverse(name, args=[argument])).status_code == 404


@pytest.mark.parametrize(("name", "argument"), [("document", "pets"), ("passage", 1)])
def test_stranger_is_asked_to_sign_in(client: Client, db: None, name: str, argument: object) -> None:
    response = client.get(reverse(name, args=[argument]))
    assert response.status_code == 302 and "next=/knowledge/" in response.url


def test_page_has_nothing_inline(as_alice: Client, publish: Publish) -> None:
    html = page(as_alice, passage_url(publish("pets", TEXT + "\n| a |\n| --: |\n| 1 |\n")))
    assert "style=" not in html and "<style" not in html and "onclick" not in html
