"""Every page in Spanish, with nothing left in English."""

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils import timezone, translation

from accounts.models import ApiKey, User
from chat.models import Conversation, Message
from tests.conftest import PASSWORD
from tests.i18n.reading import english_in

OWN = ("Larkwing Air", "English", "alice", "alice@example.com", "127.0.0.1", "127.0.0.1:8000", "testserver")
OPEN = (
    "/accounts/sign-in/",
    "/accounts/sign-up/",
    "/accounts/closed/",
    "/accounts/password/reset/",
    "/accounts/password/reset/sent/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/xx-broken/",
    "/accounts/e-mail/sent/",
    "/accounts/e-mail/broken/",
    "/accounts/connected/login/cancelled/",
    "/accounts/connected/login/error/",
    "/nowhere/",
    "/oauth/authorize?response_type=token",
)
OF_A_PERSON = (
    "/chat/",
    "/accounts/",
    "/accounts/usage/",
    "/accounts/sessions/",
    "/accounts/e-mail/",
    "/accounts/password/",
    "/accounts/keys/",
    "/accounts/data/",
    "/accounts/data/delete/",
    "/accounts/two-step/",
    "/accounts/two-step/totp/activate/",
    "/accounts/two-step/webauthn/",
    "/accounts/two-step/webauthn/add/",
    "/accounts/two-step/recovery-codes/generate/",
    "/accounts/confirm/",
    "/accounts/connected/",
)


@pytest.fixture
def spanish() -> Client:
    """A browser that asks for Spanish."""
    return Client(headers={"accept-language": "es-ES,es;q=0.9,en;q=0.5"})


@pytest.fixture
def signed_in(spanish: Client, alice: User) -> Client:
    """That browser with Alice, who has just shown her password."""
    spanish.post("/accounts/sign-in/", {"login": "alice", "password": PASSWORD})
    return spanish


def in_spanish(page: object, *own: str) -> str:
    """Return a page's text, once it is found to be Spanish alone."""
    html = page.content.decode()
    assert '<html lang="es"' in html
    assert page["Content-Language"] == "es"
    assert english_in(html, *OWN, *own) == []
    return html


@pytest.mark.django_db
@pytest.mark.parametrize("address", OPEN)
def test_pages_for_everybody(spanish, address):
    in_spanish(spanish.get(address))


@pytest.mark.parametrize("address", OF_A_PERSON)
def test_pages_of_a_person(signed_in, address, library):
    page = signed_in.get(address, follow=True)
    assert page.status_code == 200
    in_spanish(page, "Checked baggage", "Travelling with pets")


def test_conversation_and_its_deletion(signed_in, alice):
    talk = Conversation.objects.create(owner=alice, title="Mis maletas", message_count=1)
    Message.objects.create(
        conversation=talk, position=1, role="user", text="And the bag?", created_at=timezone.now()
    )
    html = in_spanish(signed_in.get(f"/chat/{talk.pk}/"))
    assert "Usted" in html and "¿En qué podemos ayudarle, Alice?" in html
    in_spanish(signed_in.get(f"/chat/{talk.pk}/delete/"))


def test_keys_made_and_revoked(signed_in, alice):
    key, _ = ApiKey.objects.issue(alice, "informe")
    answer = signed_in.post(f"/accounts/keys/{key.pk}/revoke/", follow=True)
    own = ("informe", f"{key.prefix}…")  # of which the second is random, and may spell a word
    assert "La clave «informe» está revocada." in in_spanish(answer, *own)


def test_policies_are_shown_with_spanish_around_them(signed_in, library):
    html = in_spanish(signed_in.get("/knowledge/documents/checked-baggage/"), "Checked baggage")
    assert "Versión 1" in html


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["403", "403_csrf", "500", "503"])
def test_pages_of_failure(name, rf):
    with translation.override("es"):
        html = get_template(f"{name}.html").render()
    assert '<html lang="es"' in html
    assert english_in(html, *OWN) == []


def test_wrong_sign_in_is_told_in_spanish(spanish, alice):
    answer = spanish.post("/accounts/sign-in/", {"login": "alice", "password": "wrong"})
    assert "no se corresponden" in in_spanish(answer)


@pytest.mark.django_db
def test_refused_form_is_told_in_spanish(spanish):
    in_spanish(spanish.post("/accounts/sign-up/", {"username": "", "email": "no", "password1": "a"}))


def test_dates_are_written_the_spanish_way(signed_in, alice):
    ApiKey.objects.issue(alice, "informe")
    ApiKey.objects.update(created_at="2026-05-03T10:00Z")
    assert "creada el 3 de mayo de 2026" in signed_in.get("/accounts/keys/").content.decode()


@pytest.mark.django_db
def test_reader_of_pages_finds_what_is_english():
    html = (
        '<html lang="es"><p aria-label="Sign in">Hola</p><p>Ask with the bag</p><p lang="en">The</p></html>'
    )
    assert english_in(html) == ["Sign in", "Ask with the bag"]
