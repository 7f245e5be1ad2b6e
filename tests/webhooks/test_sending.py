"""One message over real HTTP: what is sent, and what a receiver can do without doing harm."""

import datetime
import gzip
import ipaddress
import ssl
import time
from email.utils import format_datetime

import pytest
from aiohttp import ClientTimeout
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.serving import free_port
from tests.webhooks.receiver import receiving
from webhooks import sending
from webhooks.sending import KEPT_BYTES, clean, send

BODY = b'{"text":"\xc3\xa9"}'


def post(url):
    return send(url, BODY, {"webhook-id": "evt_1"})


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(sending, "_TIMEOUT", ClientTimeout(total=0.4))


def test_the_very_bytes_arrive(receiver):
    outcome = post(receiver.url)
    assert (outcome.status, outcome.error, outcome.response) == (200, "", "thanks")
    got = receiver.got[0]
    assert (got.path, got.body, got.headers["webhook-id"]) == ("/hook", BODY, "evt_1")
    assert got.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_a_refusal_is_a_failure(receiver, status):
    receiver.statuses = [status]
    assert (post(receiver.url).status, post(receiver.url).error) == (status, "status")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver, status):
    with receiving() as elsewhere:
        receiver.statuses, receiver.headers = [status], {"Location": elsewhere.url}
        assert post(receiver.url).error == "redirect"
        assert elsewhere.got == []


def test_a_receiver_that_hangs_is_left(receiver, impatient):
    receiver.hold.clear()
    began = time.monotonic()
    assert post(receiver.url).error == "timeout"
    assert time.monotonic() - began < 5


def test_a_receiver_that_drips_is_left_at_the_end_of_the_whole_time(receiver, impatient):
    receiver.drips = True
    assert post(receiver.url).error == "timeout"


def test_nobody_there(db):
    assert post(f"http://127.0.0.1:{free_port()}/").error == "connect"


def test_what_is_not_http(receiver):
    receiver.headers = {"X": "y" * 100_000}
    assert post(receiver.url).error == "protocol"


def test_only_the_beginning_of_a_huge_answer_is_read(receiver):
    receiver.answer = b"a" * 20_000_000
    assert post(receiver.url).response == "a" * KEPT_BYTES


def test_packed_answers_stay_packed(receiver):
    receiver.answer, receiver.headers = gzip.compress(b"a" * 5_000_000), {"Content-Encoding": "gzip"}
    assert "aaaa" not in post(receiver.url).response
    assert receiver.got[0].headers["Accept-Encoding"] == "identity"


def test_answers_are_cleaned():
    assert clean("a\x1b[31mb\x00c‮d\ne") == "a[31mbcd\ne"


def test_retry_after_in_both_forms(receiver):
    receiver.statuses, receiver.headers = [429], {"Retry-After": "90"}
    assert post(receiver.url).retry_after == 90
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=10)
    receiver.headers = {"Retry-After": format_datetime(later, usegmt=True)}
    assert 590 < post(receiver.url).retry_after <= 600
    for nonsense in ("soon", "-5", "٣", ""):
        receiver.headers = {"Retry-After": nonsense} if nonsense != "٣" else {}
        assert post(receiver.url).retry_after == 0


def test_no_proxy_is_taken_from_the_environment(receiver, monkeypatch):
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert post(receiver.url).error == ""
        assert proxy.got == []


def test_a_name_is_asked_for_once_and_the_answer_is_where_it_goes(receiver, names):
    """What a name leads to a moment later (DNS rebinding) changes nothing."""
    asked = names(["127.0.0.1"], ["10.0.0.1"])
    outcome = post(f"http://receiver.example:{receiver.port}/hook")
    assert (outcome.error, asked) == ("", ["receiver.example"])
    assert receiver.got[0].headers["Host"] == f"receiver.example:{receiver.port}"


def test_a_name_that_was_good_is_looked_at_again(receiver, names):
    names(["127.0.0.1"], ["10.0.0.1"])
    url = f"http://receiver.example:{receiver.port}/hook"
    assert [post(url).error, post(url).error] == ["", "address"]
    assert len(receiver.got) == 1


def test_the_second_address_is_taken_where_the_first_is_dead(receiver, names):
    names(["127.0.0.2", "127.0.0.1"])
    assert post(f"http://receiver.example:{receiver.port}/hook").error == ""


def certificate(folder, name):
    """Return the paths of a certificate for a name, which vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_san(name)]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def _san(name):
    return x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A receiver over TLS whose certificate is for receiver.example, and those who trust it."""
    cert, key = certificate(tmp_path, "receiver.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    said: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: said.append(name)
    with receiving(context) as one:
        one.names, one.trust = said, ssl.create_default_context(cafile=cert)
        yield one


def test_the_certificate_is_that_of_the_name_though_the_address_is_pinned(secure, names, monkeypatch):
    monkeypatch.setattr(sending, "_trust", lambda: secure.trust)
    names(["127.0.0.1"])
    assert post(f"https://receiver.example:{secure.port}/hook").error == ""
    assert secure.names == ["receiver.example"]


def test_a_certificate_for_another_name_is_refused(secure, names, monkeypatch):
    monkeypatch.setattr(sending, "_trust", lambda: secure.trust)
    names(["127.0.0.1"])
    assert post(f"https://other.example:{secure.port}/hook").error == "tls"
    assert secure.got == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure, names):
    names(["127.0.0.1"])
    assert post(f"https://receiver.example:{secure.port}/hook").error == "tls"
    assert secure.got == []
