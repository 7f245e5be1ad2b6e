"""Staff register applications of others, on safe terms only."""

import pytest
from allauth.idp.oidc.models import Client as Application

from accounts.tokens.access import READ

pytestmark = pytest.mark.django_db
BACK = "https://app.example/back"

FORM = {
    "name": "Planner", "type": "public", "owner": "", "redirect_uris": BACK,
    "grant_types": ["authorization_code", "refresh_token"], "scopes": [READ],
}  # fmt: skip


def register(client, **changes):
    return client.post("/admin/allauth_idp_oidc/client/add/", {**FORM, **changes})


def test_staff_register_an_application(client, carol):
    client.force_login(carol)
    assert client.get("/admin/allauth_idp_oidc/client/add/").status_code == 200
    assert register(client).status_code == 302
    made = Application.objects.get()
    assert (made.get_scopes(), made.get_response_types(), made.skip_consent) == ([READ], ["code"], False)
    page = client.get(f"/admin/allauth_idp_oidc/client/{made.pk}/change/")
    assert page.context["adminform"].form.initial["scopes"] == [READ]


def test_secret_is_shown_once(client, carol):
    client.force_login(carol)
    page = client.post("/admin/allauth_idp_oidc/client/add/", {**FORM, "type": "confidential"}, follow=True)
    shown = next(str(message) for message in page.context["messages"] if "shown this once" in str(message))
    secret = shown.rsplit(": ", 1)[1]
    made = Application.objects.get()
    assert made.check_secret(secret)
    assert secret not in client.get(f"/admin/allauth_idp_oidc/client/{made.pk}/change/").content.decode()


REFUSED = {
    "plain http": {"redirect_uris": "http://app.example/back"},
    "a pattern": {"redirect_uris": "https://*.example/"},
    "no address": {"redirect_uris": ""},
    "no scope": {"scopes": []},
    "unknown scope": {"scopes": ["staff"]},
    "openid without a key": {"scopes": ["openid"]},
    "implicit": {"grant_types": ["implicit"]},
    "credentials of a public one": {"grant_types": ["client_credentials"]},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_unsafe_registration_is_refused(client, carol, changes):
    client.force_login(carol)
    assert register(client, **changes).status_code == 200
    assert not Application.objects.exists()


def test_customers_register_nothing(client, bob):
    client.force_login(bob)
    assert register(client).status_code == 302
    assert not Application.objects.exists()
