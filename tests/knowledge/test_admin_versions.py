"""The pages of a document's versions, driven as Carol would; customers get none of them."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from knowledge.documents.publish import publish_version, save_draft, withdraw_version
from knowledge.models import Document, Version
from knowledge.search import Query, search
from tests.knowledge.conftest import Publish

TEXT = "# Pets\n\n## Fees\n\nDogs fly for 50 euros.\n\n" + "\n\n".join(f"Rule {n} stays." for n in range(20))
STEPS = ("publish", "withdraw", "draft", "discard")


@pytest.fixture
def staff(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


def url(name: str, document: Document, *arguments: object) -> str:
    return reverse(f"admin:knowledge_document_{name}", args=[document.pk, *arguments])


def html(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def take(client: Client, document: Document, number: int, step: str) -> list[str]:
    """Read the question of a step, answer yes, and return what was said."""
    address = url("step", document, number, step)
    seen = client.get(address).context["seen"]
    response = client.post(address, {"seen": seen}, follow=True)
    return [str(message) for message in response.context["messages"]]


def found(question: str) -> list[str]:
    return [hit.text for hit in search(Query(question)).hits]


@pytest.fixture
def document(publish: Publish) -> Document:
    """A policy with a former text, one in force, and a draft."""
    publish("pets", TEXT)
    document = publish("pets", TEXT.replace("50", "60")).document
    save_draft(document, TEXT.replace("50", "70"), note="Dearer again")
    return document


def test_list_says_how_each_version_stands(staff: Client, document: Document) -> None:
    page = html(staff, url("versions", document))
    assert page.count("<strong>in force today</strong>") == 1
    assert "Dearer again" in page
    offered = re.findall(r"versions/(\d)/(publish|withdraw|draft|discard)/", page)
    assert offered == [
        ("3", "publish"),
        ("3", "discard"),
        ("2", "withdraw"),
        ("2", "draft"),
        ("1", "withdraw"),
        ("1", "draft"),
    ]


def test_newest_is_compared_with_the_one_in_force(staff: Client, document: Document) -> None:
    page = html(staff, url("compare", document))
    assert "Dogs fly for <del>60</del><ins>70</ins> euros." in page
    assert '<span class="diff-sign" aria-hidden="true">±</span>' in page and "Changed: " in page
    assert "18 unchanged paragraphs" in page
    assert "<del>Published</del>" in page and "<ins>Dearer again</ins>" in page


def test_any_two_versions_are_compared(staff: Client, document: Document) -> None:
    assert "<del>50</del><ins>70</ins>" in html(staff, url("compare", document) + "?from=1&to=3")
    assert "<del>70</del><ins>50</ins>" in html(staff, url("compare", document) + "?from=3&to=1")
    assert "The texts are the same." in html(staff, url("compare", document) + "?from=2&to=2")


@pytest.mark.parametrize(
    "query", ["?from=9&to=9", "?from=x&to=%00", "?from=-1", "?to=" + "9" * 99, "?from=²"]
)
def test_comparison_of_what_is_not_there_is_the_usual_one(
    staff: Client, document: Document, query: str
) -> None:
    assert "<del>60</del><ins>70</ins>" in html(staff, url("compare", document) + query)


def test_hostile_words_stay_words_in_a_comparison(staff: Client, publish: Publish) -> None:
    publish("pets", "Dogs <script>alert(1)</script> fly.")
    document = publish("pets", "Dogs <script>alert(2)</script> fly.").document
    page = html(staff, url("compare", document) + "?from=1&to=2")
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_version_is_read_as_customers_see_it_and_as_written(staff: Client, document: Document) -> None:
    page = html(staff, url("version", document, 3))
    assert "<h2>Fees</h2>" in page and "## Fees" in page and "Draft" in page


def test_draft_passage_opens_at_its_place(staff: Client, document: Document) -> None:
    page = html(staff, url("version", document, 3) + "?passage=1")
    assert page.count('id="cited"') == 2  # in the text and in its source
    assert 'id="cited"' not in html(staff, url("version", document, 3) + "?passage=99")


def test_passages_are_listed_with_their_places(staff: Client, document: Document) -> None:
    page = html(staff, url("passages", document, 2))
    passage = Version.objects.get(number=2).passages.first()
    assert f"{passage.start}–{passage.end}" in page and f'href="{passage.get_absolute_url()}#cited"' in page
    assert "Search can find them." in page and "Pets › Fees" in page
    draft = html(staff, url("passages", document, 3))
    assert "Publishing it now would make these 1." in draft
    assert f'href="{url("version", document, 3)}?passage=1#cited"' in draft


def test_thousand_passages_are_shown_in_pages(
    staff: Client, publish: Publish, django_assert_max_num_queries: Any
) -> None:
    document = publish(
        "long", "\n\n".join(f"## Part {n}\n\n{'Many words. ' * 40}" for n in range(1_000))
    ).document
    with django_assert_max_num_queries(9):
        page = html(staff, url("passages", document, 1) + "?p=20")
    assert "Part 999" in page and page.count("<details>") == 50


def test_publishing_tells_before_and_after_what_it_replaces(staff: Client, document: Document) -> None:
    assert "From today version 3 holds in place of version 2." in html(
        staff, url("step", document, 3, "publish")
    )
    said = take(staff, document, 3, "publish")
    assert said == ["“Pets” version 3 is published. From today version 3 holds in place of version 2."]
    assert "70 euros" in found("dogs")[0]


def test_later_text_is_scheduled(staff: Client, publish: Publish) -> None:
    document = publish("pets", "Dogs fly for 50 euros.").document
    save_draft(
        document, "Dogs fly free.", effective_from=date(2999, 12, 1), effective_until=date(2999, 12, 31)
    )
    said = take(staff, document, 2, "publish")
    assert said == [
        "“Pets” version 2 is scheduled. From 1 December 2999 until 31 December 2999 version 2 holds in place "
        "of version 1."
    ]
    assert found("dogs") == ["Dogs fly for 50 euros."]


def test_withdrawing_tells_what_holds_then(staff: Client, document: Document) -> None:
    said = take(staff, document, 2, "withdraw")
    assert said == ["“Pets” version 2 is withdrawn. From today version 1 holds in place of version 2."]
    assert "50 euros" in found("dogs")[0]


def test_old_text_becomes_a_draft_again(staff: Client, document: Document) -> None:
    assert "replaces the text of the draft that waits, version 3" in html(
        staff, url("step", document, 1, "draft")
    )
    assert take(staff, document, 1, "draft") == ["Version 3 is a draft with the text of version 1."]
    draft = document.latest_version()
    assert (draft.number, draft.status, draft.author.username) == (3, "draft", "carol")
    assert draft.text == document.versions.get(number=1).text and draft.note == "Text of version 1"


def test_draft_is_discarded(staff: Client, document: Document) -> None:
    assert take(staff, document, 3, "discard") == ["The draft of “Pets”, version 3, is gone."]
    assert document.versions.count() == 2


@pytest.mark.parametrize(("number", "step"), [(2, "publish"), (3, "withdraw"), (3, "draft"), (2, "discard")])
def test_step_that_does_not_fit_is_not_offered(
    staff: Client, document: Document, number: int, step: str
) -> None:
    response = staff.get(url("step", document, number, step), follow=True)
    assert "that step does not fit" in str(next(iter(response.context["messages"])))
    assert [version.status for version in document.versions.order_by("number")] == ["published"] * 2 + [
        "draft"
    ]


def test_step_is_not_taken_when_the_draft_was_rewritten_meanwhile(staff: Client, document: Document) -> None:
    address = url("step", document, 3, "publish")
    seen = staff.get(address).context["seen"]
    save_draft(document, TEXT.replace("50", "9000"))
    response = staff.post(address, {"seen": seen})
    assert "was changed meanwhile" in response.content.decode()
    assert document.latest_version().status == "draft"


def test_step_is_not_taken_twice(staff: Client, document: Document) -> None:
    address = url("step", document, 3, "publish")
    seen = staff.get(address).context["seen"]
    assert [staff.post(address, {"seen": seen}).status_code for _ in range(2)] == [302, 302]
    assert document.versions.published().count() == 3


def test_text_that_a_newer_one_covers_cannot_come_back(staff: Client, document: Document) -> None:
    former = document.versions.get(number=1)
    withdraw_version(former)
    publish_version(document.latest_version())
    assert "a newer version covers them" in html(staff, url("step", document, 1, "publish"))
    assert "a newer version covers all its days" in take(staff, document, 1, "publish")[0]


@pytest.mark.parametrize(
    "address", ["versions/9/", "versions/9/passages/", "versions/1/burn/", "versions/x/"]
)
def test_page_of_nothing_is_not_there(staff: Client, document: Document, address: str) -> None:
    response = staff.get(url("versions", document).removesuffix("versions/") + address)
    assert response.status_code in (302, 404)


def test_empty_document_has_an_empty_list(staff: Client, db: None) -> None:
    document = Document.objects.create(slug="empty", title="Empty")
    assert "There is no text yet." in html(staff, url("versions", document))
    assert staff.get(url("compare", document)).status_code == 404


def addresses(document: Document) -> list[str]:
    pages = [url("versions", document), url("compare", document), url("version", document, 3)]
    return [*pages, url("passages", document, 3), *(url("step", document, 3, step) for step in STEPS)]


def test_customers_get_none_of_it(client: Client, bob: User, document: Document) -> None:
    client.force_login(bob)
    for address in addresses(document):
        assert client.get(address).status_code == client.post(address).status_code == 302
    assert document.latest_version().status == "draft"


def test_staff_without_the_right_are_refused(client: Client, bob: User, document: Document) -> None:
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    for address in addresses(document):
        assert client.get(address).status_code == client.post(address).status_code == 403
    assert document.latest_version().status == "draft"


def test_who_may_only_read_is_offered_no_step(client: Client, bob: User, document: Document) -> None:
    from django.contrib.auth.models import Permission

    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_document"))
    client.force_login(bob)
    assert "/publish/" not in html(client, url("versions", document))
    assert client.post(url("step", document, 3, "publish")).status_code == 403


def test_pages_have_nothing_inline(staff: Client, document: Document) -> None:
    for address in addresses(document)[:5]:
        page = html(staff, address)
        assert (
            "style=" not in page
            and "<style" not in page
            and "onclick" not in page
            and "javascript:" not in page
        )


def test_list_of_versions_costs_a_fixed_number_of_queries(
    staff: Client, publish: Publish, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        document = publish("pets", f"Dogs fly for {number} euros.").document
    with django_assert_max_num_queries(9):
        html(staff, url("versions", document))
