"""How the desk reaches OpenSearch, and what it leaves out so that a server takes its requests."""

import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledge.models import Audience
from knowledge.search.opensearch import asking, keeping, shapes
from knowledge.search.opensearch.client import Client, client
from knowledge.search.opensearch.errors import Away
from knowledge.search.postings import Lists
from knowledge.search.question import Weighed
from knowledge.search.visibility import Reader
from tests.knowledge.search.opensearch_server import OpenSearchServer, opensearch_server

READER = Reader(date(2026, 11, 21), Audience.PUBLIC)


def certificate(folder: Path) -> tuple[Path, str]:
    """Return a file with a key and its certificate for 127.0.0.1, signed by itself, and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "search")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = folder / "server.pem"
    file.write_text(private + pem)
    return file, pem


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[tuple[OpenSearchServer, str]]:
    file, pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with opensearch_server(lambda plain: context.wrap_socket(plain, server_side=True)) as server:
        yield server, pem


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(
    behind_tls: tuple[OpenSearchServer, str], settings: Any
) -> None:
    server, pem = behind_tls
    settings.OPENSEARCH_URL, settings.OPENSEARCH_INDEX = server.url, server.alias
    settings.OPENSEARCH_CA, settings.OPENSEARCH_SECONDS = pem, 20.0
    assert asking.state_of(client(), server.alias) is None
    settings.OPENSEARCH_CA = ""
    with pytest.raises(Away, match="SSLError"):
        client().call("GET", "/_alias/any")


def test_a_password_goes_as_utf_8(server: OpenSearchServer) -> None:
    """As OpenSearch reads it; another reading refuses every password with an accent."""
    asking.state_of(Client(server.url, "desk", "señor€", 20.0), server.alias)
    assert server.authorization == {"Basic ZGVzazpzZcOxb3Ligqw="}


def test_a_question_in_many_languages_keeps_to_what_a_server_takes(filled: OpenSearchServer) -> None:
    terms = [
        Weighed(number, f"word{number % 150}", 1, 10_000 - number, Lists(), f"language{number // 150}")
        for number in range(1_500)
    ]
    told = client().call("POST", f"/{filled.alias}/_search", shapes.question(terms, READER, 200))
    assert told["hits"]["hits"] == []
    sent = str(shapes.question(terms, READER, 200))
    assert sent.count("'constant_score'") == shapes.MOST_TERMS
    assert "'word0'" in sent and "'language9'" not in sent, "the heaviest are kept"
    _, are_all = asking.offers(terms, READER, asking.state_of(client(), filled.alias).revision, 5)
    assert not are_all, "what the others would have found may be missing"


def test_a_deletion_that_leaves_something_is_no_success() -> None:
    clean = {"timed_out": False, "failures": [], "version_conflicts": 0, "deleted": 3, "total": 3}
    keeping._check_deleted(clean)
    for wrong in ({"timed_out": True}, {"failures": [{}]}, {"version_conflicts": 1, "deleted": 2}):
        with pytest.raises(Away, match="deleted"):
            keeping._check_deleted({**clean, **wrong})
