"""Signatures, computed here by the standard library alone, and checked by the code in the documentation."""

import base64
import hashlib
import hmac
import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.utils import timezone

from chat.sealing import Unreadable
from webhooks import signing
from webhooks.models import OVERLAP, Endpoint

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
BODY = '{"id":"evt_1","text":"Köln"}'.encode()


def expected(secret, message_id, timestamp, body):
    key = base64.b64decode(secret.split("_", 1)[1])
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def test_a_secret_has_32_random_bytes():
    one, other = signing.new_secret(), signing.new_secret()
    assert one != other
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32


def test_a_signature_is_what_the_standard_says():
    """The example of the specification of Standard Webhooks."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_arrives_is_signed(delivery, receiver):
    from webhooks.postman import work

    secret = delivery.endpoint.secrets()[0]
    work(delivery.endpoint_id)
    got = receiver.got[0]
    stamp = int(got.headers["webhook-timestamp"])
    assert abs(stamp - time.time()) < 60
    assert got.headers["webhook-id"] == f"evt_{delivery.pk.hex}"
    assert got.headers["webhook-signature"] == expected(secret, got.headers["webhook-id"], stamp, got.body)


def test_during_a_rotation_both_secrets_sign(endpoint):
    former = endpoint.secrets()[0]
    latest = endpoint.give_secret()
    endpoint.save()
    endpoint = Endpoint.objects.get()
    assert endpoint.secrets() == [latest, former]
    made = signing.headers(endpoint.secrets(), "evt_1", 5, BODY)["webhook-signature"]
    assert made.split(" ") == [expected(one, "evt_1", 5, BODY) for one in (latest, former)]
    assert OVERLAP.total_seconds() == 86_400


def test_after_the_rotation_only_the_new_one_signs(endpoint):
    latest = endpoint.give_secret()
    endpoint.former_until = timezone.now()
    assert endpoint.secrets() == [latest]


def test_the_database_alone_reveals_no_secret(endpoint):
    secret = endpoint.secrets()[0]
    assert secret.encode() not in bytes(endpoint.sealed_secret)
    other = Endpoint(sealed_secret=endpoint.sealed_secret)
    with pytest.raises(Unreadable):
        other.secrets()


def _code(language):
    return re.search(
        rf"```{language}\n# verify\n(.*?)```|```{language}\n// verify\n(.*?)```", PAGE.read_text(), re.S
    )


def _verdicts(run, secret):
    stamp, other = int(time.time()), signing.new_secret()
    good = signing.headers([other, secret], "evt_1", stamp, BODY)
    cases = [
        (good, BODY),
        (good, BODY + b" "),
        ({**good, "webhook-id": "evt_2"}, BODY),
        (signing.headers([other], "evt_1", stamp, BODY), BODY),
        (signing.headers([secret], "evt_1", stamp - 3_600, BODY), BODY),
    ]
    return [run(secret, headers, body) for headers, body in cases]


def test_the_python_in_the_documentation_tells_good_from_bad():
    found = _code("python")
    scope: dict = {}
    exec(found[1], scope)
    assert len(found[1].strip().splitlines()) <= 12
    assert _verdicts(scope["verify"], signing.new_secret()) == [True, False, False, False, False]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_javascript_in_the_documentation_tells_good_from_bad(tmp_path):
    (tmp_path / "verify.mjs").write_text(
        _code("javascript")[2]
        + "const [secret, headers, body] = JSON.parse(process.argv[2]);\n"
        + "console.log(verify(secret, headers, Buffer.from(body)));\n"
    )

    def run(secret, headers, body):
        given = json.dumps([secret, headers, body.decode()])
        done = subprocess.run(
            ["node", tmp_path / "verify.mjs", given], capture_output=True, text=True, check=True
        )
        return done.stdout.strip() == "true"

    assert _verdicts(run, signing.new_secret()) == [True, False, False, False, False]
