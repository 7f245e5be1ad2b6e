"""How the environment decides about mail and sign-in services."""

import json
from pathlib import Path

import pytest

from tests.serving import environment, free_port, manage

ASK = (
    "import json; from django.conf import settings as s;"
    " print(json.dumps([s.EMAIL_VERIFICATION, s.EMAIL_BACKEND,"
    " s.EMAIL_HOST, s.EMAIL_HOST_PASSWORD, s.SOCIALACCOUNT_PROVIDERS]))"
)


def told(folder: Path, **settings: str) -> list:
    done = manage("shell", "-v0", "-c", ASK, env=environment(folder, free_port()) | settings)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_without_a_mail_server_nothing_has_to_be_proven(tmp_path):
    assert told(tmp_path) == ["none", "django.core.mail.backends.console.EmailBackend", "", "", {}]


def test_mail_server_and_services_by_settings_and_secrets_by_files(tmp_path):
    (tmp_path / "mail").write_text("mail-secret\n")
    (tmp_path / "oidc").write_text("oidc-secret\n")
    verification, backend, host, password, services = told(
        tmp_path,
        EMAIL_HOST="mail.example.org",
        EMAIL_HOST_PASSWORD_FILE=str(tmp_path / "mail"),
        OIDC_SERVER_URL="https://id.example.org/",
        OIDC_CLIENT_ID="desk",
        OIDC_CLIENT_SECRET_FILE=str(tmp_path / "oidc"),
        GITHUB_CLIENT_ID="hub",
        GITHUB_CLIENT_SECRET="hub-secret",
    )
    assert (verification, host, password) == ("mandatory", "mail.example.org", "mail-secret")
    assert backend == "django.core.mail.backends.smtp.EmailBackend"
    assert services["openid_connect"]["APPS"][0]["secret"] == "oidc-secret"
    assert services["openid_connect"]["APPS"][0]["settings"]["server_url"] == "https://id.example.org"
    assert sorted(services) == ["github", "openid_connect"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"EMAIL_VERIFICATION": "perhaps"}, "EMAIL_VERIFICATION"),
        ({"EMAIL_URL": "nonsense"}, "EMAIL_URL"),
        ({"OIDC_CLIENT_ID": "desk"}, "OIDC_SERVER_URL"),
    ],
)
def test_bad_setting_is_named_in_one_line(tmp_path, changes, name):
    done = manage("check", env=environment(tmp_path, free_port()) | changes)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert name in done.stderr
