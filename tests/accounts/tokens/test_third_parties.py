"""Applications of others: let in by the person, as far as granted, until taken back."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.idp.oidc.models import Client as Application
from allauth.idp.oidc.models import Token
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.privacy.parts import parts
from accounts.tokens.access import READ, WRITE
from accounts.tokens.endings import forget_expired
from tests.accounts.tokens.conftest import CONVERSATIONS, Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
BACK = "https://app.example/back"
VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def application(**kwargs) -> Application:
    fields = {
        "id": "app", "name": "Trip <planner>", "type": Application.Type.PUBLIC, "redirect_uris": BACK,
        "scopes": f"{READ}\n{WRITE}", "default_scopes": READ,
        "grant_types": "authorization_code\nrefresh_token",
    }  # fmt: skip
    return Application.objects.create(**{**fields, **kwargs})


@pytest.fixture
def app(db):
    return application()


@pytest.fixture
def browser(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    return browser


@pytest.fixture
def signing_key(settings):
    """The desk's own key, so that it can say who somebody is."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    settings.IDP_OIDC_PRIVATE_KEY = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return key


def asked(**changes) -> str:
    query = {
        "response_type": "code", "client_id": "app", "redirect_uri": BACK, "scope": f"{READ} {WRITE}",
        "state": "s1", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return "/oauth/authorize?" + urlencode(
        {name: value for name, value in query.items() if value is not None}
    )


def answer_page(browser, page, action="grant", scopes=(READ, WRITE)):
    form = page.context["form"]
    sent = {"request": form["request"].value(), "scopes": scopes, "action": action}
    return browser.post("/oauth/authorize", {**sent, "csrfmiddlewaretoken": str(page.context["csrf_token"])})


def led_to(answer) -> dict[str, str]:
    """Where the person is led, by redirect or by page."""
    target = answer["Location"] if answer.status_code == 302 else answer.context["target"]
    assert target.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def code_for(browser, **changes) -> str:
    page = browser.get(asked(**changes))
    assert page.status_code == 200, page.content
    back = led_to(answer_page(browser, page, scopes=changes.get("scope", f"{READ} {WRITE}").split()))
    assert back["state"] == "s1"
    return back["code"]


def exchange(code, **changes):
    body = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "app",
        "code_verifier": VERIFIER, **changes,
    }  # fmt: skip
    return Client().post("/oauth/token", {name: value for name, value in body.items() if value is not None})


def let_in(browser, **changes) -> tuple[Program, dict]:
    tokens = exchange(code_for(browser, **changes)).json()
    program = Program()
    program.bearer = tokens["access_token"]
    return program, tokens


def test_person_lets_an_application_in(browser, app):
    page = browser.get(asked())
    text = page.content.decode()
    assert "Trip &lt;planner&gt;" in text
    assert "Ask questions in your name" in text
    program, tokens = let_in(browser)
    assert set(tokens["scope"].split()) == {READ, WRITE}
    assert program.is_let_in
    assert program.post(CONVERSATIONS).status_code == 201


def test_person_grants_less_than_was_asked(browser, app):
    page = browser.get(asked())
    code = led_to(answer_page(browser, page, scopes=[READ]))["code"]
    program = Program()
    program.bearer = exchange(code).json()["access_token"]
    assert program.is_let_in
    answer = program.post(CONVERSATIONS)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_person_says_no(browser, app):
    assert led_to(answer_page(browser, browser.get(asked()), "cancel")) == {
        "error": "access_denied",
        "state": "s1",
    }
    assert not Token.objects.exists()


def test_stranger_signs_in_first(client, app):
    answer = client.get(asked())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/?next=")


def test_consent_needs_the_page(browser, app):
    page = browser.get(asked())
    sent = {"request": page.context["form"]["request"].value(), "scopes": [READ], "action": "grant"}
    assert browser.post("/oauth/authorize", sent).status_code == 403


WRONG = {
    "no PKCE": {"code_challenge": None, "code_challenge_method": None},
    "plain PKCE": {"code_challenge_method": "plain"},
    "implicit": {"response_type": "token"},
    "unknown scope": {"scope": f"{READ} staff"},
    "scope beyond the offer": {"scope": "openid"},
    "another address": {"redirect_uri": "https://evil.example/back"},
    "longer address": {"redirect_uri": BACK + "/more"},
    "unknown application": {"client_id": "other"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_wrong_request_stays_here(browser, app, changes):
    page = browser.get(asked(**changes))
    assert page.status_code in (200, 400)
    assert "asked wrongly" in page.content.decode()
    assert not Token.objects.exists()


def test_scope_that_the_application_may_not_ask_for(browser, db):
    application(scopes=READ)
    assert led_to(browser.get(asked()))["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "wrong" * 10},
        {"code_verifier": None},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "other"},
        {"code": "invented"},
    ],
)
def test_code_is_good_for_its_application_only(browser, app, changes):
    application(id="other", name="Other")
    code = code_for(browser)
    assert exchange(**{"code": code, **changes}).status_code in (400, 401)
    assert not Token.objects.exists()


def test_code_is_good_once(browser, app):
    code = code_for(browser)
    assert exchange(code).status_code == 200
    assert exchange(code).status_code == 400


def test_refresh_rotates(browser, app):
    _, tokens = let_in(browser)
    body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "app"}
    renewed = Client().post("/oauth/token", body)
    program = Program()
    program.bearer = renewed.json()["access_token"]
    assert program.is_let_in
    assert Client().post("/oauth/token", body).status_code == 400


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_application_gives_its_token_back(browser, app, which):
    program, tokens = let_in(browser)
    assert Client().post("/oauth/revoke", {"token": tokens[which], "client_id": "app"}).status_code == 200
    assert not program.is_let_in


def test_person_takes_it_back(browser, app, alice, bob):
    program, _ = let_in(browser)
    page = browser.get("/accounts/keys/")
    assert "Trip &lt;planner&gt;" in page.content.decode()
    bobs = Client()
    bobs.force_login(bob)
    assert "Trip" not in bobs.get("/accounts/keys/").content.decode()
    assert bobs.post("/accounts/keys/applications/app/revoke/").status_code == 404
    assert program.is_let_in
    csrf = {"csrfmiddlewaretoken": str(page.context["csrf_token"])}
    assert browser.post("/accounts/keys/applications/app/revoke/", csrf).status_code == 302
    assert not program.is_let_in
    assert not Token.objects.exists()
    acts = AuditEntry.objects.filter(object_id="app").order_by("pk").values_list("act", "actor_id")
    assert list(acts) == [("token-created", alice.pk), ("token-revoked", alice.pk)]


def test_new_password_takes_everything_back(browser, app, alice):
    program, tokens = let_in(browser)
    alice.set_password("another-horse-43")
    alice.save()
    assert not program.is_let_in
    body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "app"}
    assert Client().post("/oauth/token", body).status_code == 400


def test_nightly_task_clears_away_what_has_expired(browser, app):
    assert any(part.old is forget_expired for part in parts())
    program, _ = let_in(browser)
    Token.objects.filter(type=Token.Type.REFRESH_TOKEN).update(expires_at=timezone.now())
    forget_expired(timezone.now())
    assert program.is_let_in  # the access token is good for an hour yet
    Token.objects.update(expires_at=timezone.now())
    forget_expired(timezone.now())
    assert not Token.objects.exists()


def test_deactivation_ends_it(browser, app, alice):
    program, _ = let_in(browser)
    alice.is_active = False
    alice.save()
    assert not program.is_let_in


def test_no_scope_carries_rights_of_staff(carol, app):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(carol)
    program, _ = let_in(browser)
    assert program.is_let_in
    closed = ("/api/v1/documents/", "/api/v1/search/?q=x", "/api/v1/me/keys/", "/api/v1/me/export/")
    for path in closed:
        answer = program.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), path
    assert program.get("/admin/").status_code == 302
    own = Program()
    own.sign_in(carol)
    assert own.get("/api/v1/documents/").status_code == 200


def test_bob_is_not_alice(browser, app, bob):
    program, _ = let_in(browser)
    conversation = program.post(CONVERSATIONS).json()["id"]
    other = Client(enforce_csrf_checks=True)
    other.force_login(bob)
    bobs, _ = let_in(other)
    assert bobs.get(f"{CONVERSATIONS}{conversation}/").status_code == 404


def test_token_in_the_query_opens_nothing(browser, app):
    _, tokens = let_in(browser)
    assert Client().get(f"{CONVERSATIONS}?access_token={tokens['access_token']}").status_code == 401


def test_client_credentials_act_as_the_owner(alice, db):
    service = application(
        type=Application.Type.CONFIDENTIAL, owner=alice, grant_types="client_credentials", redirect_uris=""
    )
    service.set_secret("s3cret" * 8)
    service.save()
    body = {
        "grant_type": "client_credentials",
        "scope": READ,
        "client_id": "app",
        "client_secret": "s3cret" * 8,
    }
    program = Program()
    program.bearer = Client().post("/oauth/token", body).json()["access_token"]
    assert program.is_let_in
    assert program.post(CONVERSATIONS).status_code == 403
    assert Client().post("/oauth/token", {**body, "client_secret": "wrong"}).status_code == 401
    assert Client().post("/oauth/token", {**body, "scope": "staff"}).status_code == 400


def test_password_grant_is_not_offered(alice, app):
    body = {"grant_type": "password", "username": "alice", "password": PASSWORD, "client_id": "app"}
    assert Client().post("/oauth/token", body).status_code in (400, 401)


def test_token_for_another_site_is_not_given(browser, app):
    page = browser.get(asked(resource="https://elsewhere.example/"))
    assert page.status_code != 500
    assert not Token.objects.exists()


def test_discovery_tells_what_there_is(client, db, signing_key, settings):
    said = client.get("/.well-known/openid-configuration").json()
    assert said["issuer"] == settings.SITE_URL
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["response_types_supported"] == ["code"]
    assert "openid" in said["scopes_supported"]
    for name, address in said.items():
        if name.endswith(("endpoint", "uri")):
            path = address.removeprefix(settings.SITE_URL)
            assert client.get(path).status_code != 404, name


def test_without_a_key_there_is_oauth_but_no_openid(client, db):
    said = client.get("/.well-known/oauth-authorization-server").json()
    assert said["scopes_supported"] == [READ, WRITE]
    assert "jwks_uri" not in said
    assert client.get("/.well-known/jwks.json").status_code == 404
    assert client.get("/oauth/userinfo").status_code == 404


def test_openid_says_who_it_is(browser, db, alice, signing_key, settings):
    application(scopes=f"openid\nprofile\n{READ}")
    program, tokens = let_in(browser, scope="openid profile", nonce="n1")
    claims = jwt.decode(
        tokens["id_token"], signing_key.public_key(), algorithms=["RS256"], audience="app",
        issuer=settings.SITE_URL,
    )  # fmt: skip
    assert (claims["sub"], claims["nonce"]) == (str(alice.pk), "n1")
    assert program.get("/oauth/userinfo").json()["preferred_username"] == "alice"
    assert program.get(CONVERSATIONS).status_code == 403
    assert Client().get("/.well-known/jwks.json").json()["keys"]
    program.bearer = tokens["id_token"]
    assert not program.is_let_in
