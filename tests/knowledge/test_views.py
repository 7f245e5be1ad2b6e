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


def test_draft_is_shown_to_staff_alone(client: Client, publish: Publish, bob: User, carol: User) -> None:
    draft = save_draft(publish("pets", TEXT).document, "Draft words.")
    passage = Passage.objects.create(version=draft, position=1, text="Draft words.", start=0, end=12)
    client.force_login(bob)
    assert client.get(passage.get_absolute_url()).status_code == 404
    client.force_login(carol)
    assert "This is a draft. Customers do not see it." in page(client, passage.get_absolute_url())
    carol.is_superuser = False  # may enter admin, may not read documents there
    carol.save()
    assert client.get(passage.get_absolute_url()).status_code == 404


def test_staff_document_is_not_there_for_customers(
    client: Client, publish: Publish, bob: User, carol: User
) -> None:
    version = publish("goodwill", TEXT, audience="staff")
    urls = [version.document.get_absolute_url(), passage_url(version)]
    client.force_login(bob)
    assert [client.get(url).status_code for url in urls] == [404, 404]
    client.force_login(carol)
    assert "For staff only" in page(client, urls[0])


def test_withdrawn_staff_text_is_not_there_for_customers(
    client: Client, publish: Publish, bob: User, carol: User
) -> None:
    version = publish("goodwill", TEXT, audience="staff")
    withdraw_document(version.document)
    client.force_login(bob)
    assert client.get(passage_url(version)).status_code == 404
    client.force_login(carol)
    assert "has been withdrawn" in page(client, passage_url(version))


def test_day_selects_the_text(as_alice: Client, publish: Publish) -> None:
    url = publish("pets", TEXT).document.get_absolute_url()
    publish("pets", TEXT.replace("50", "70"), effective_from=date(2999, 6, 1))
    html = page(as_alice, f"{url}?on=2999-06-01")
    assert "Dogs fly for 70 euros." in html
    assert 'in force on <time datetime="2999-06-01">1 June 2999</time>' in html and f'href="{url}"' in html
    before = page(as_alice, f"{url}?on=2999-05-31")
    assert "Dogs fly for 50 euros." in before and "also the text in force today" in before


@pytest.mark.parametrize(
    "on", ["", "tomorrow", "2999-02-30", "2999-13-01", "9" * 50, "2999-06-01T00:00", "\0"]
)
def test_bad_day_is_today(as_alice: Client, publish: Publish, on: str) -> None:
    url = publish("pets", TEXT).document.get_absolute_url()
    publish("pets", TEXT.replace("50", "70"), effective_from=date(2999, 1, 1))
    response = as_alice.get(url, {"on": on})
    assert "Dogs fly for 50 euros." in response.content.decode() and response.context["on"] is None


def test_day_without_a_text_has_no_page(as_alice: Client, publish: Publish) -> None:
    url = publish("pets", TEXT, effective_from=date(2999, 1, 1)).document.get_absolute_url()
    assert as_alice.get(url).status_code == 404
    assert "Today none is in force." in page(as_alice, f"{url}?on=2999-01-01")


@pytest.mark.parametrize("way", ["document", "version"])
def test_deleted_passage_leads_to_a_page_that_says_so(as_alice: Client, publish: Publish, way: str) -> None:
    version = publish("pets", TEXT)
    url = passage_url(version)
    (version.document if way == "document" else version).delete()
    response = as_alice.get(url)
    assert response.status_code == 410
    assert "“Pets” was removed on" in response.content.decode()


def test_deleted_staff_text_was_never_there_for_customers(
    client: Client, publish: Publish, bob: User, carol: User
) -> None:
    version = publish("goodwill", TEXT, audience="staff")
    url = passage_url(version)
    version.document.delete()
    client.force_login(bob)
    assert client.get(url).status_code == 404
    client.force_login(carol)
    assert client.get(url).status_code == 410
    client.logout()
    assert client.get(url).status_code == 302


def test_page_of_the_file_is_named(as_alice: Client, publish: Publish) -> None:
    url = passage_url(publish("pets", TEXT))
    Passage.objects.update(page=3)
    assert "page 3 of the file" in page(as_alice, url)


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
