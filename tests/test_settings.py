"""A bad setting stops the start with one line that names it."""

import pytest

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
    ({"OPENAI_BASE_URL": "api.openai.com"}, "OPENAI_BASE_URL"),
    ({"LLM_CHAIN": "compatible", "COMPATIBLE_MODEL": ""}, "LLM_CHAIN"),
    ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/does/not/exist"}, "SECRET_KEY"),
]


@pytest.mark.parametrize(("changes", "name"), BAD, ids=[name for _, name in BAD])
def test_bad_setting_is_named_in_one_line(tmp_path, changes, name):
    done = manage("check", env=environment(tmp_path, free_port()) | changes)
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0
    assert len(lines) == 1, done.stderr
    assert name in lines[0]


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
