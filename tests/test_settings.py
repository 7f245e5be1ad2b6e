"""A bad setting stops the start with one line that names it."""

import importlib
import subprocess
import sys

import pytest

import chatsite
from tests.serving import environment, free_port, manage

BAD = [
    ({"SECRET_KEY": ""}, "SECRET_KEY"),
    ({"PORT": "eighty"}, "PORT"),
    ({"PORT": "0"}, "PORT"),
    ({"DEBUG": "perhaps"}, "DEBUG"),
    ({"SITE_URL": "desk.example.org"}, "SITE_URL"),
    ({"LLM_CHAIN": "oracle"}, "LLM_CHAIN"),
    ({"LLM_CHAIN": "openai,extractive", "OPENAI_API_KEY": ""}, "LLM_CHAIN"),
    ({"TURN_LEASE_SECONDS": "0"}, "TURN_LEASE_SECONDS"),
    ({"TURN_DEADLINE_SECONDS": "soon"}, "TURN_DEADLINE_SECONDS"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ({"OTEL_EXPORTER_OTLP_HEADERS": "no pair"}, "OTEL_EXPORTER_OTLP_HEADERS"),
    ({"OTEL_TRACES_SAMPLER": "sometimes"}, "OTEL_TRACES_SAMPLER"),
    ({"OTEL_TRACES_SAMPLER_ARG": "2"}, "OTEL_TRACES_SAMPLER_ARG"),
    ({"OPENAI_BASE_URL": "api.openai.com"}, "OPENAI_BASE_URL"),
    ({"LLM_CHAIN": "compatible", "COMPATIBLE_MODEL": ""}, "LLM_CHAIN"),
    ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/does/not/exist"}, "SECRET_KEY"),
]


STRONG = "".join(map(str, range(60)))
PUBLIC = {
    "SITE_URL": "https://desk.example.org",
    "SECRET_KEY": STRONG,
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "DATABASE_URL": "postgres://desk@127.0.0.1/desk",
}
UNSAFE = [
    ({"DEBUG": "true"}, "DEBUG"),
    ({"DEBUG": "true", "SECRET_KEY": ""}, "DEBUG"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"SECRET_KEY": "abab" * 20}, "SECRET_KEY"),
    ({"SECRET_KEY": "django-insecure-" + STRONG}, "SECRET_KEY"),
    ({"SECRET_KEY": "debug-only-" + "0" * 50}, "SECRET_KEY"),
    ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "desk.example.org,*"}, "ALLOWED_HOSTS"),
    ({"TRUSTED_ORIGINS": "https://*.example.org"}, "TRUSTED_ORIGINS"),
    ({"REDIS_URL": ""}, "REDIS_URL"),
    ({"SITE_URL": "http://desk.example.org"}, "SITE_URL"),
    ({"SITE_URL": "http://192.168.1.5:8000"}, "SITE_URL"),
]


@pytest.mark.parametrize(("changes", "name"), BAD, ids=[name for _, name in BAD])
def test_bad_setting_is_named_in_one_line(tmp_path, changes, name):
    done = manage("check", env=environment(tmp_path, free_port()) | changes)
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0
    assert len(lines) == 1, done.stderr
    assert name in lines[0]


def read_settings(monkeypatch):
    """Read all settings anew, as a process that starts does; those in force stay what they are."""
    for name in [name for name in sys.modules if name.split(".")[:2] == ["chatsite", "settings"]]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(chatsite, "settings", None, raising=False)
    importlib.import_module("chatsite.settings")


@pytest.mark.parametrize(("changes", "name"), UNSAFE, ids=[" ".join(changes) for changes, _ in UNSAFE])
def test_unsafe_site_is_refused(monkeypatch, changes, name):
    """In process, through the very settings; a whole server is tried below."""
    for variable in ("DEBUG", "ALLOWED_HOSTS", "TRUSTED_ORIGINS", "SECRET_KEY_FALLBACKS"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in (PUBLIC | changes).items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as refused:
        read_settings(monkeypatch)
    assert "setting refused" in str(refused.value)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "changes", [{}, {"SITE_URL": "http://127.0.0.1:8000", "DEBUG": "true", "REDIS_URL": "", "SECRET_KEY": ""}]
)
def test_safe_site_and_this_machine_are_not(monkeypatch, changes):
    for variable, value in (PUBLIC | changes).items():
        monkeypatch.setenv(variable, value)
    read_settings(monkeypatch)


@pytest.mark.parametrize(
    "command", ["uvicorn chatsite.asgi:application --port 0", "celery -A chatsite inspect ping"]
)
def test_no_process_starts_unsafe(tmp_path, command):
    env = environment(tmp_path, free_port()) | PUBLIC | {"DEBUG": "true"}
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "DEBUG" in done.stderr


def test_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text("from-a-file-" + "x" * 40 + "\n")
    env = environment(tmp_path, free_port())
    del env["SECRET_KEY"]
    done = manage(
        "shell", "-v0", "-c", "from django.conf import settings; print(settings.SECRET_KEY)",
        env=env | {"SECRET_KEY_FILE": str(tmp_path / "key")},
    )  # fmt: skip
    assert done.stdout.strip().splitlines()[-1] == "from-a-file-" + "x" * 40


def test_production_settings_pass_the_deployment_check(tmp_path):
    env = environment(
        tmp_path, free_port(), SITE_URL="https://desk.example.org", SECRET_KEY="".join(map(str, range(60)))
    )
    env |= {"REDIS_URL": "redis://127.0.0.1:6379/0", "DATABASE_URL": "postgres://desk@127.0.0.1/desk"}
    done = manage("check", "--deploy", "--fail-level", "WARNING", env=env)
    assert done.returncode == 0, done.stderr
