"""Settings of limits: read strictly, and checked where they would not hold."""

import json

import pytest
from django.conf import settings as present
from django.core.checks import run_checks

from chatsite import env
from tests.serving import environment, free_port, manage

PUBLIC = {"SITE_URL": "https://desk.example.org", "SECRET_KEY": "".join(map(str, range(60)))}
SCALED = {"REDIS_URL": "redis://127.0.0.1:6379/0", "DATABASE_URL": "postgres://desk@127.0.0.1/desk"}


def shell(tmp_path, words: str, **changes: str):
    code = f"import json; from django.conf import settings; print(json.dumps({words}))"
    done = manage("shell", "-v0", "-c", code, env=environment(tmp_path, free_port(), **changes))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.parametrize("text", ["30", "m/30", "30/0m", "30/w", "-1/m", "thirty/m"])
def test_bad_rate_is_refused(monkeypatch, text):
    monkeypatch.setenv("LIMIT_USER_MESSAGES", text)
    with pytest.raises(SystemExit, match="LIMIT_USER_MESSAGES"):
        env.rate("LIMIT_USER_MESSAGES", "20/m")


@pytest.mark.parametrize(
    ("text", "rate"), [("7/m", (7, 60)), ("7/5m", (7, 300)), ("200/h", (200, 3_600)), ("0", (0, 60))]
)
def test_rate_is_read(monkeypatch, text, rate):
    monkeypatch.setenv("LIMIT_USER_MESSAGES", text)
    assert env.rate("LIMIT_USER_MESSAGES", "20/m") == rate


WORDS = "[settings.LIMITS['uploads'], settings.TRUSTED_PROXIES, bool(settings.SECURE_PROXY_SSL_HEADER)]"


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"LIMIT_UPLOADS": "0", "BEHIND_PROXY": "true"}, [[0, 60], 1, True]),
        ({"TRUSTED_PROXIES": "2"}, [[60, 60], 2, True]),
    ],
)
def test_limits_and_proxies_come_from_the_environment(tmp_path, changes, read):
    assert shell(tmp_path, WORDS, **changes) == read


@pytest.mark.parametrize(("more", "refused"), [({}, True), (SCALED, False)], ids=["memory", "redis"])
def test_public_site_does_not_count_forms_in_memory(tmp_path, more, refused):
    done = manage("check", env=environment(tmp_path, free_port(), **PUBLIC, **more))
    assert ("REDIS_URL" in done.stderr) == refused
    assert (done.returncode != 0) == refused


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"RATELIMIT_ENABLE": False}, {"accounts.W001"}),
        ({"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}, {"accounts.W002"}),
    ],
)
def test_deployment_check_warns(settings, changes, found):
    for name, value in changes.items():
        setattr(settings, name, value)
    messages = run_checks(tags=["accounts"], include_deployment_checks=True)
    assert {message.id for message in messages if message.id.startswith("accounts.W0")} & {
        "accounts.W001",
        "accounts.W002",
    } == found


def test_servers_leave_forwarded_addresses_to_us():
    procfile = (present.BASE_DIR / "Procfile").read_text()
    assert "--no-proxy-headers" in procfile
