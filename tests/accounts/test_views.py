"""The theme; everything else about accounts is in ``tests.accounts.identity``."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("neon", None)])
def test_theme_is_kept_in_a_cookie(client, chosen, kept):
    client.post("/accounts/theme/", {"theme": chosen})
    cookie = client.cookies.get("theme")
    assert (cookie.value if cookie else None) == kept


def test_theme_does_not_lead_to_foreign_sites(client):
    answer = client.post("/accounts/theme/", {"theme": "dark"}, headers={"referer": "https://evil.example/"})
    assert answer["Location"] == "/chat/"
