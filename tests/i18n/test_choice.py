"""Whose language a page, a problem, a socket or a message is in."""

import json

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.core import mail
from django.test import AsyncClient, Client
from django.utils import translation

from accounts.language import grouped, known, language_of, preferred
from accounts.models import ApiKey, User
from chatsite.asgi import application
from tests.conftest import PASSWORD

SIGN_IN = "/accounts/sign-in/"
SPANISH = {"accept-language": "es-MX,en;q=0.4"}


def language(page: object) -> str:
    assert f'<html lang="{page["Content-Language"]}"' in page.content.decode()
    return page["Content-Language"]


def choose(client: Client, code: str) -> object:
    return client.post(
        "/accounts/language/", {"language": code}, headers={"referer": "http://testserver" + SIGN_IN}
    )


@pytest.mark.parametrize(
    ("profile", "cookie", "header", "spoken"),
    [
        ("es", "en", "en", "es"),
        ("", "es", "en", "es"),
        ("", "", "fr, es;q=0.5", "es"),
        ("", "xx", "zz;q=nonsense", "en"),
        ("tlh", "", "", "en"),
        ("", "../../etc", "*", "en"),
    ],
)
def test_profile_goes_before_the_choice_and_that_before_the_browser(profile, cookie, header, spoken):
    assert language_of(User(language=profile), cookie=cookie, accept_language=header) == spoken


def test_varieties_are_their_language():
    assert (known("es-AR"), known("pt"), known(""), preferred("EN-gb")) == ("es", "", "", "en")


def test_numbers_are_written_as_the_language_does():
    with translation.override("en"):
        assert grouped(1_234_567) == "1,234,567"
    with translation.override("es"):
        assert grouped(1.5, 2) == "1,50"


@pytest.mark.django_db
def test_choice_is_kept_without_an_account_and_leads_back(client):
    answer = choose(client, "es")
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver" + SIGN_IN)
    assert language(client.get(SIGN_IN)) == "es"
    choose(client, "en")
    assert language(client.get(SIGN_IN, headers=SPANISH)) == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "fr", "<script>", "es\r\nX: y"])
def test_unknown_choice_changes_nothing(client, code):
    assert choose(client, code).status_code == 302
    assert "django_language" not in client.cookies


@pytest.mark.django_db
def test_choice_does_not_lead_to_foreign_sites(client):
    answer = client.post(
        "/accounts/language/", {"language": "es"}, headers={"referer": "https://evil.example/"}
    )
    assert answer["Location"] == "/chat/"


def test_choice_of_alice_is_her_profile_and_nothing_of_bobs(client, alice, bob):
    client.force_login(alice)
    choose(client, "es")
    other = Client()
    other.force_login(bob)
    assert language(other.get("/accounts/")) == "en"
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.language, bob.language) == ("es", "")
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert language(elsewhere.get("/accounts/")) == "es"


def test_bob_after_alice_in_one_browser_has_his_own(client, alice, bob):
    bob.language = "en"
    bob.save()
    client.force_login(alice)
    choose(client, "es")
    client.force_login(bob)
    assert language(client.get("/accounts/")) == "en"


def test_profile_form_changes_the_pages(client, alice):
    client.force_login(alice)
    client.post("/accounts/", {"first_name": "Alice", "last_name": "", "language": "es"})
    assert language(client.get("/accounts/")) == "es"


@pytest.mark.django_db
def test_caches_are_told_what_the_answer_depends_on(client):
    vary = client.get(SIGN_IN)["Vary"]
    assert "Accept-Language" in vary and "Cookie" in vary


@pytest.mark.django_db
def test_one_request_leaves_no_language_for_the_next_work(client):
    client.get(SIGN_IN, headers=SPANISH)
    assert translation.get_language() == "en"


def test_probes_are_not_asked_for_their_language(client, db):
    assert "Content-Language" not in client.get("/health", headers=SPANISH)


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere/", "/api/v1/conversations/00000000-0000-0000-0000-000000000000/"]
)
def test_problems_are_told_in_the_language_with_the_same_code(client, alice, path):
    client.force_login(alice)
    english, spanish = client.get(path).json(), client.get(path, headers=SPANISH).json()
    assert spanish["code"] == english["code"] == "not_found"
    assert spanish["title"] in ("Eso no existe.", "Esa conversación no existe.")
    assert english["title"] != spanish["title"]


def test_key_of_somebody_spanish_gets_spanish_problems(client, alice, bob):
    alice.language = "es"
    alice.save()
    path = "/api/v1/conversations/00000000-0000-0000-0000-000000000000/"
    for person, title in ((alice, "Esa conversación no existe."), (bob, "There is no such conversation.")):
        _, value = ApiKey.objects.issue(person, "program")
        answer = client.get(path, headers={"authorization": f"Bearer {value}"})
        assert answer.json()["title"] == title
        assert answer["Content-Language"] == ("es" if person is alice else "en")


@pytest.mark.django_db
def test_invalid_key_is_refused_in_the_language_of_the_header(client):
    answer = client.get("/api/v1/conversations/", headers={"authorization": "Bearer no", **SPANISH})
    assert (answer.status_code, answer.json()["title"][:10]) == (401, "Esta clave")


@pytest.mark.parametrize("asks_in", ["en", "es"])
def test_messages_are_written_in_the_readers_language(client, alice, bob, asks_in):
    alice.language = "es"
    alice.save()
    for person in (alice, bob):
        client.post(
            "/accounts/password/reset/", {"email": person.email}, headers={"accept-language": asks_in}
        )
    subjects = [message.subject for message in mail.outbox]
    assert subjects[0].endswith("Cree una contraseña nueva")
    assert subjects[1].endswith("Set a new password" if asks_in == "en" else "Cree una contraseña nueva")
    assert "Alguien ha pedido" in mail.outbox[0].body


def test_spanish_sign_in_error_is_not_cached_for_others(client, alice):
    wrong = {"login": "alice", "password": "wrong"}
    assert "no se corresponden" in client.post(SIGN_IN, wrong, headers=SPANISH).content.decode()
    assert "do not belong together" in client.post(SIGN_IN, wrong).content.decode()
    assert client.post(SIGN_IN, {"login": "alice", "password": PASSWORD}).status_code == 302


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("profile", "header", "words"),
    [
        ("es", b"en", "El mensaje está vacío."),
        ("", b"es-ES,es", "El mensaje está vacío."),
        ("", b"en", "The message is empty."),
    ],
)
async def test_socket_speaks_the_persons_language(conversation, alice, profile, header, words):
    alice.language = profile
    await alice.asave()
    client = AsyncClient()
    await client.aforce_login(alice)
    headers = [
        (b"origin", settings.TRUSTED_ORIGINS[0].encode()),
        (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()),
        (b"accept-language", header),
    ]
    socket = WebsocketCommunicator(application, f"/ws/conversations/{conversation.pk}/", headers=headers)
    assert (await socket.connect(timeout=10))[0]
    await socket.receive_from(timeout=10)
    client_id = "8b0d6c9e-4b55-4b9e-9d5f-0f3f6d5f7a11"
    await socket.send_to(text_data=json.dumps({"type": "message.send", "client_id": client_id, "text": " "}))
    assert json.loads(await socket.receive_from(timeout=10))["words"] == words
    await socket.disconnect()
    assert await sync_to_async(translation.get_language)() == "en"
