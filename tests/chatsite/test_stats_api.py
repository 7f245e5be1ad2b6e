"""The figures over REST are those of the page, and for staff only."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chatsite import stats

pytestmark = pytest.mark.django_db
URL = "/api/v1/stats/"


def answer_to(user):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(URL)


def test_figures_are_those_of_the_page(carol, monkeypatch):
    monkeypatch.setattr(stats, "_reports", dict)  # a worker may report between the two
    page = Client()
    page.force_login(carol)
    assert answer_to(carol).json() == page.get("/stats").json()


def test_figures_are_for_staff(bob):
    assert answer_to(bob).status_code == 403
    assert APIClient().get(URL).status_code == 401
