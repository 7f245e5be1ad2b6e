"""The administration's own doors."""

import pytest
from django.contrib.contenttypes.models import ContentType

from knowledge.models import Document
from tests.conftest import PASSWORD


def who_is_in(client):
    return client.get("/admin/").context["user"].username


@pytest.fixture
def agent(bob):
    bob.is_staff = True
    bob.save()
    return bob


def test_staff_cannot_become_somebody_else_past_the_second_step(client, agent, carol):
    """Django's form would sign in whoever's password comes, and ask for no second step."""
    client.force_login(agent)
    answer = client.post("/admin/login/", {"username": "carol", "password": PASSWORD})
    assert answer["Location"] == "/admin/"
    assert who_is_in(client) == "bob"


def test_view_on_site_leads_to_the_page_and_nonsense_is_not_found(client, carol, library):
    client.force_login(carol)
    kind = ContentType.objects.get_for_model(Document).pk
    page = client.get(f"/admin/r/{kind}/{Document.objects.get(slug='pets').pk}/")
    assert page["Location"].endswith("/knowledge/documents/pets/")
    assert client.get(f"/admin/r/{kind}/nonsense/").status_code == 404
    assert client.get("/admin/r/nonsense/1/").status_code == 404
