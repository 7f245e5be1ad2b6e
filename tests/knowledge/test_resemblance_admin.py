"""Staff look at pairs side by side, and say which look right."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from knowledge.models import Dismissal, Resemblance
from knowledge.resemblance.finding import find_resemblances
from tests.knowledge.conftest import Publish

pytestmark = pytest.mark.django_db
PAGE = "/admin/knowledge/resemblance/"
RULE = "# Pets\n\nBook the place of your pet in the cabin at least 48 hours before departure.\n"


@pytest.fixture
def pair(publish: Publish) -> Resemblance:
    publish("pets", RULE)
    publish("crib", RULE.replace("48", "24"), audience="staff")
    find_resemblances()
    return Resemblance.objects.get()


def act(client: Client, pair: Resemblance, action: str, page: str = PAGE) -> object:
    return client.post(page, {"action": action, "_selected_action": [pair.pk]}, follow=True)


def test_both_sentences_stand_side_by_side_with_their_places(
    client: Client, carol: User, pair: Resemblance
) -> None:
    client.force_login(carol)
    page = client.get(PAGE).content.decode()
    for passage in (pair.first, pair.second):
        assert f"/knowledge/passages/{passage.pk}/#cited" in page
        assert f"/admin/knowledge/document/{passage.version.document_id}/change/" in page
    assert "<mark>48</mark>" in page
    assert "<mark>24</mark>" in page
    assert "staff only" in page


def test_what_looks_right_leaves_the_list_and_comes_back(
    client: Client, carol: User, pair: Resemblance
) -> None:
    client.force_login(carol)
    assert "1 pair will not be shown again" in act(client, pair, "looks_right").content.decode()
    assert "<mark>48" not in client.get(PAGE).content.decode()
    assert Dismissal.objects.get().by == carol
    right = PAGE + "?seen=right"
    assert "<mark>48" in client.get(right).content.decode()
    act(client, pair, "look_again", right)
    assert "<mark>48" in client.get(PAGE).content.decode()
    assert not Dismissal.objects.exists()


@pytest.mark.parametrize(("audience", "shown"), [("mixed", True), ("public", False), ("staff", False)])
def test_list_is_filtered_by_audience(
    client: Client, carol: User, pair: Resemblance, audience: str, shown: bool
) -> None:
    client.force_login(carol)
    assert ("<mark>48" in client.get(PAGE, {"audience": audience}).content.decode()) is shown


def test_texts_that_wait_are_told(client: Client, carol: User, publish: Publish) -> None:
    publish("pets", RULE)
    client.force_login(carol)
    assert "1 text still to be compared" in client.get(PAGE).content.decode()


def test_sentences_are_escaped(client: Client, carol: User, pair: Resemblance) -> None:
    Resemblance.objects.update(first_words="<b>48</b> hours")
    client.force_login(carol)
    assert "<b>48" not in client.get(PAGE).content.decode()


def test_customers_are_sent_to_sign_in(client: Client, bob: User, pair: Resemblance) -> None:
    client.force_login(bob)
    for response in (client.get(PAGE), client.post(PAGE, {"action": "looks_right"})):
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]


def test_who_only_reads_documents_cannot_dismiss(client: Client, pair: Resemblance) -> None:
    dave = User.objects.create_user("dave", "dave@example.com", "x", is_staff=True)
    client.force_login(dave)
    assert client.get(PAGE).status_code == 403
    dave.user_permissions.add(Permission.objects.get(codename="view_document"))
    assert "Looks right</option>" not in client.get(PAGE).content.decode()
    act(client, pair, "looks_right")
    assert not Resemblance.objects.filter(dismissed=True).exists()
