"""Making an account, with and without proof of the address."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.identity.steps import NEW, is_signed_in, link_in_mail, sign_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandatory(settings) -> None:
    """Have addresses proven, as with a mail server."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def test_sign_up_makes_a_customer(client):
    answer = client.post("/accounts/sign-up/", NEW)
    dora = User.objects.get(username="dora")
    assert answer["Location"] == "/chat/"
    assert (dora.is_staff, dora.is_superuser) == (False, False)
    assert is_signed_in(client)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "change",
    [
        {"username": "alice"},
        {"username": "ALICE"},
        {"email": "alice@example.com"},
        {"email": "Alice@Example.com"},
        {"email": "not an address"},
        {"password2": "another-horse-77"},
        {"password1": "12345678", "password2": "12345678"},
        {"username": ""},
    ],
)
def test_unfit_sign_up_makes_nobody(client, alice, change):
    assert client.post("/accounts/sign-up/", NEW | change).status_code == 200
    assert User.objects.count() == 1


def test_sign_up_gives_no_rights_that_were_not_asked(client):
    client.post("/accounts/sign-up/", {**NEW, "is_staff": "1", "is_superuser": "1"})
    assert not User.objects.get(username="dora").is_staff


def test_confirming_the_address_signs_in(client, mandatory):
    assert client.post("/accounts/sign-up/", NEW)["Location"] == "/accounts/e-mail/sent/"
    assert not is_signed_in(client)
    assert mail.outbox[0].to == ["dora@example.com"]
    link = link_in_mail()
    assert "Is dora@example.com yours?" in words(client.get(link))
    assert not EmailAddress.objects.get().verified  # opening the link alone, as mail scanners do, is no proof
    client.post(link)
    assert EmailAddress.objects.get().verified
    assert is_signed_in(client)


def test_link_opened_in_another_browser_confirms_and_asks_to_sign_in(client, mandatory):
    client.post("/accounts/sign-up/", NEW)
    other = Client()
    assert other.post(link_in_mail())["Location"] == "/accounts/sign-in/"
    assert not is_signed_in(other)
    assert sign_in(other, "dora", NEW["password1"])["Location"] == "/chat/"


def test_unproven_address_opens_nothing(client, mandatory):
    client.post("/accounts/sign-up/", NEW)
    other = Client()
    assert sign_in(other, "dora", NEW["password1"])["Location"] == "/accounts/e-mail/sent/"
    assert not is_signed_in(other)


def test_known_and_unknown_address_get_the_same_answer(client, alice, mandatory):
    known = client.post("/accounts/sign-up/", NEW | {"email": "alice@example.com"})
    unknown = Client().post("/accounts/sign-up/", NEW)
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.filter(email="alice@example.com").get() == alice
    to_alice, to_dora = mail.outbox
    assert "there is one already" in to_alice.body
    assert "confirm it here" in to_dora.body


def test_altered_link_confirms_nothing(client, mandatory):
    client.post("/accounts/sign-up/", NEW)
    link = link_in_mail()
    assert "This link does not work" in words(client.get(link[:-2] + "x/"))
    assert client.post(link[:-2] + "x/").status_code == 404
    assert not EmailAddress.objects.get().verified


def test_sign_up_can_be_closed(client, settings):
    settings.SIGN_UP_OPEN = False
    assert "Accounts are made by" in words(client.get("/accounts/sign-up/"))
    client.post("/accounts/sign-up/", NEW)
    assert User.objects.count() == 0


def test_mail_server_that_is_away_is_said(client, mandatory, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # the discard port: nobody listens
    answer = client.post("/accounts/sign-up/", NEW, follow=True)
    assert "could not be sent just now" in words(answer)
