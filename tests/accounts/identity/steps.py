"""What people do on the account pages, one step each."""

import base64
import hashlib
import hmac
import html
import re
import struct

from django.core import mail
from django.http import HttpResponse
from django.test import Client

from tests.conftest import PASSWORD

NEW_PASSWORD = "plain-horse-78"
NOON = 1_800_000_000.0  # what authenticator apps and the desk agree on; see conftest
NEW = {
    "username": "dora",
    "email": "dora@example.com",
    "password1": "plain-horse-77",
    "password2": "plain-horse-77",
}


def sign_in(client: Client, login: str = "alice", password: str = PASSWORD, **more: str) -> HttpResponse:
    """Send the sign-in form."""
    return client.post("/accounts/sign-in/", {"login": login, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    """Tell whether the conversations open."""
    return client.get("/chat/").status_code == 200


def show_it_is_you(client: Client, password: str = PASSWORD) -> None:
    """Confirm the password, as the pages ask before something that matters."""
    assert client.post("/accounts/confirm/", {"password": password}).status_code == 302


def link_in_mail() -> str:
    """Return the path of the link in the newest message."""
    found = re.search(r"https?://[^/\s]+(/accounts/\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]


def words(response: HttpResponse) -> str:
    """Return a page as text."""
    return html.unescape(response.content.decode())


def code_of(secret: str, *, at: float = NOON) -> str:
    """Return the code that an authenticator app shows (RFC 6238) ``at`` a time, in seconds since 1970."""
    counter = struct.pack(">Q", int(at // 30))
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def set_up_app(client: Client) -> str:
    """Switch the authenticator app on for the signed-in person and return its secret."""
    show_it_is_you(client)
    secret = client.get("/accounts/two-step/totp/activate/").context["form"].secret
    done = client.post("/accounts/two-step/totp/activate/", {"code": code_of(secret)})
    assert done["Location"] == "/accounts/two-step/recovery-codes/"
    return secret
