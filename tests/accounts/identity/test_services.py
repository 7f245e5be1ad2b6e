"""Signing in through another service, against an OpenID Connect provider over real HTTP."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from chatsite.identity import sign_in_services
from tests.accounts.identity.oidc_provider import CLIENT_ID, CLIENT_SECRET, OIDCProvider
from tests.accounts.identity.steps import is_signed_in, set_up_app, show_it_is_you, sign_in, words

pytestmark = pytest.mark.django_db

BEGIN = "/accounts/oidc/company/login/"
DORA = {
    "sub": "dora-1",
    "email": "dora@example.com",
    "email_verified": True,
    "preferred_username": "dora",
    "given_name": "Dora",
}
AS_ALICE = {"sub": "somebody-2", "email": "alice@example.com", "email_verified": True}


@pytest.fixture
def company(settings) -> Iterator[OIDCProvider]:
    """The company's own sign-in."""
    with OIDCProvider() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = sign_in_services(
            oidc=("Larkwing staff", provider.url, CLIENT_ID, CLIENT_SECRET),
            google=("", ""),
            microsoft=("", "", ""),
            github=("", ""),
        )
        provider.person = dict(DORA)
        yield provider


def leave(client: Client, *, process: str = "login", more: str = "") -> str:
    """Go to the service; return the address it sends the browser back to."""
    page = client.post(f"{BEGIN}?process={process}{more}")
    assert page.status_code == 200, "a redirect would be stopped by form-action"
    back = requests.get(page.context["target"], allow_redirects=False, timeout=5)
    return back.headers["Location"]


def come_back(client: Client, address: str) -> HttpResponse:
    """Follow the service's redirect."""
    url = urlsplit(address)
    return client.get(f"{url.path}?{url.query}")


def go_through(client: Client, **how: str) -> HttpResponse:
    return come_back(client, leave(client, **how))


def test_new_person_gets_an_account(client, company):
    assert "Continue with Larkwing staff" in words(client.get("/accounts/sign-in/"))
    assert go_through(client)["Location"] == "/chat/"
    dora = User.objects.get()
    assert (dora.username, dora.email, dora.first_name) == ("dora", "dora@example.com", "Dora")
    assert (dora.is_staff, dora.has_usable_password()) == (False, False)
    assert EmailAddress.objects.get().verified
    assert is_signed_in(client)


def test_person_who_was_here_comes_back_to_the_same_account(client, company):
    go_through(client)
    company.person["email"] = "dora@elsewhere.example"  # what counts is the service's id
    other = Client()
    go_through(other)
    assert User.objects.count() == 1
    assert is_signed_in(other)


def test_state_nonce_and_proof_key_are_fresh_each_time(client, company):
    leave(client)
    leave(client)
    first, second = company.requests
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 16
        assert first[name] != second[name]
    assert first["code_challenge_method"] == "S256"


def test_answer_for_another_browser_is_refused(client, company):
    address = leave(client)
    other = Client()
    assert come_back(other, address).status_code == 401
    assert not is_signed_in(other)
    assert User.objects.count() == 0


def test_code_works_once(client, company):
    address = leave(client)
    come_back(client, address)
    client.post("/accounts/sign-out/")
    assert come_back(client, address).status_code == 401


@pytest.mark.parametrize(
    "lies",
    [{"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}],
    ids=["nonce", "no nonce", "audience", "issuer", "expired"],
)
def test_identity_token_that_does_not_fit_is_refused(client, company, lies):
    company.lies = lies
    assert go_through(client).status_code == 401
    assert not is_signed_in(client)
    assert User.objects.count() == 0


def test_identity_token_signed_by_another_is_refused(client, company):
    company.signs_with_another_key = True
    assert go_through(client).status_code == 401
    assert User.objects.count() == 0


def test_code_of_another_request_fails_its_proof_key(client, company):
    first, second = leave(client), leave(client)
    stolen = first.split("code=")[1].split("&")[0]
    state = second.split("state=")[1]
    answer = client.get(f"/accounts/oidc/company/login/callback/?code={stolen}&state={state}")
    assert answer.status_code == 401
    assert company.refusals == ["pkce"]


def test_cancelling_there_is_said(client, company):
    state = leave(client).split("state=")[1]
    answer = client.get(
        f"/accounts/oidc/company/login/callback/?error=access_denied&state={state}", follow=True
    )
    assert "You are not signed in" in words(answer)


def test_service_that_is_away_is_said(client, company):
    address = leave(client)
    company.__exit__()
    assert "That did not work" in words(client.post(BEGIN))
    assert "That did not work" in words(come_back(client, address))
    assert not is_signed_in(client)


@pytest.mark.parametrize("person", [{}, {"sub": ""}, {"sub": "x" * 400}, {"sub": "1", "email": "no address"}])
def test_service_that_says_nonsense_is_refused_or_asks_further(client, company, person):
    company.person = person
    assert go_through(client).status_code in (302, 401)
    assert not is_signed_in(client)


@pytest.mark.parametrize("verified_here", [True, False])
@pytest.mark.parametrize("verified_there", [True, False, "false", "true", 1, None])
def test_address_leads_to_an_account_only_if_both_sides_verified_it(
    client, company, alice, verified_here, verified_there
):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=verified_here, primary=True)
    password = alice.password
    company.person = {**AS_ALICE, "email_verified": verified_there}
    go_through(client)
    both = verified_here and verified_there is True
    assert is_signed_in(client) == both
    assert SocialAccount.objects.filter(user=alice).exists() == both
    alice.refresh_from_db()
    assert alice.password == password  # and nobody is locked out, either


def test_same_with_mandatory_verification(client, company, alice, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    company.person = dict(AS_ALICE)
    assert go_through(client)["Location"] == "/accounts/e-mail/sent/"
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_taken_address_asks_for_another(client, company, alice):
    company.person = dict(AS_ALICE)
    assert go_through(client)["Location"] == "/accounts/connected/signup/"
    answer = client.post("/accounts/connected/signup/", {"username": "dora", "email": "alice@example.com"})
    assert "There is an account with this address" in words(answer)
    client.post("/accounts/connected/signup/", {"username": "dora", "email": "dora@example.com"})
    assert User.objects.get(username="dora").email == "dora@example.com"
    assert SocialAccount.objects.get().user.username == "dora"


def test_connecting_takes_proof_and_then_signs_in(client, company, alice):
    sign_in(client)
    assert go_through(client, process="connect")["Location"] == "/accounts/confirm/"
    show_it_is_you(client)
    assert SocialAccount.objects.get().user == alice
    other = Client()
    go_through(other)
    assert other.get("/accounts/").context["user"] == alice


def test_connected_account_of_alice_cannot_be_taken_by_bob(client, company, alice, bob):
    SocialAccount.objects.create(user=alice, provider="company", uid=str(DORA["sub"]))
    sign_in(client, "bob")
    show_it_is_you(client)
    go_through(client, process="connect")
    assert SocialAccount.objects.get().user == alice
    assert "connected to somebody else" in words(client.get("/accounts/connected/"))


def test_disconnecting_is_for_the_owner_and_never_locks_out(client, company, alice, bob):
    account = SocialAccount.objects.create(user=alice, provider="company", uid="a")
    other = Client()
    sign_in(other, "bob")
    show_it_is_you(other)
    other.post("/accounts/connected/", {"account": account.pk})
    assert SocialAccount.objects.exists()
    sign_in(client)
    show_it_is_you(client)
    client.post("/accounts/connected/", {"account": account.pk})
    assert not SocialAccount.objects.exists()


def test_last_way_in_stays(client, company):
    go_through(client)
    answer = client.post("/accounts/connected/", {"account": SocialAccount.objects.get().pk})
    assert "Set a password first" in words(answer)
    assert SocialAccount.objects.exists()


def test_second_step_is_asked_here_too(client, company, alice):
    SocialAccount.objects.create(user=alice, provider="company", uid=str(DORA["sub"]))
    client.force_login(alice)
    set_up_app(client)
    other = Client()
    assert go_through(other)["Location"].startswith("/accounts/two-step/authenticate/")
    assert not is_signed_in(other)


def test_deactivated_people_do_not_come_in(client, company, alice):
    SocialAccount.objects.create(user=alice, provider="company", uid=str(DORA["sub"]))
    alice.is_active = False
    alice.save()
    assert go_through(client)["Location"] == "/accounts/closed/"
    assert not is_signed_in(client)


def test_coming_back_does_not_lead_to_foreign_sites(client, company):
    assert go_through(client, more="&next=https://evil.example/")["Location"] == "/chat/"


def test_tokens_of_the_service_are_not_kept(client, company):
    go_through(client)
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("service", ["oidc/company", "oidc/unknown", "google", "microsoft", "github"])
@pytest.mark.parametrize("path", ["login/", "login/callback/"])
def test_service_without_settings_is_missing(client, service, path):
    assert client.get(f"/accounts/{service}/{path}").status_code == 404
    assert client.post(f"/accounts/{service}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("service", "host"),
    [("google", "accounts.google.com"), ("microsoft", "login.microsoftonline.com"), ("github", "github.com")],
)
def test_known_services_need_two_settings(client, settings, service, host):
    given = {
        "oidc": ("", "", "", ""),
        "google": ("", ""),
        "microsoft": ("", "", "organizations"),
        "github": ("", ""),
    }
    given[service] = ("id-1", "secret-1", *given[service][2:])
    settings.SOCIALACCOUNT_PROVIDERS = sign_in_services(**given)
    page = client.post(f"/accounts/{service}/login/")
    target = page.context["target"]
    assert urlsplit(target).hostname == host
    assert "client_id=id-1" in target
    assert "code_challenge=" in target
    assert "secret-1" not in words(page)
