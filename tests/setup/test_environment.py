"""Each target sees what it needs of the caller's shell and nothing else."""

from pathlib import Path

import environment
import pytest
from progress import SetupError

SHELL = {
    "PATH": "/usr/bin",
    "REDIS_URL": "redis://elsewhere/0",
    "DATABASE_URL": "postgres://elsewhere/shop",
    "OPENAI_API_KEY": "sk-1",
    "REQUIRE_SERVICES": "1",
}


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for the secret key."""
    monkeypatch.setattr(environment, "VAR", tmp_path / "var")
    return tmp_path / "var"


def test_demo_leaves_other_databases_alone() -> None:
    seen = environment.for_demo(SHELL)
    assert "REDIS_URL" not in seen
    assert seen["DATABASE_URL"].startswith("sqlite:///")
    assert seen["OPENAI_API_KEY"] == "sk-1"


def test_secret_key_is_made_once_and_kept_private(var: Path) -> None:
    key_file = Path(environment.for_demo({})["SECRET_KEY_FILE"])
    made = key_file.read_text()
    assert len(made) >= 60
    assert key_file.stat().st_mode & 0o077 == 0
    assert Path(environment.for_demo({})["SECRET_KEY_FILE"]).read_text() == made


def test_own_secret_key_is_used(var: Path) -> None:
    assert "SECRET_KEY_FILE" not in environment.for_demo({"SECRET_KEY": "mine"})
    assert not var.exists()


@pytest.mark.parametrize("missing", ["REDIS_URL", "DATABASE_URL"])
def test_scaled_names_the_missing_address(missing: str) -> None:
    given = {name: value for name, value in SHELL.items() if name != missing}
    with pytest.raises(SetupError, match=f"^{missing} is not set; for example: make up {missing}="):
        environment.for_scaled(given)


def test_checks_see_no_key_and_no_address() -> None:
    seen = environment.for_checks({**SHELL, "TEST_REDIS_URL": "redis://127.0.0.1/1"})
    assert seen.keys() == {"PATH", "REQUIRE_SERVICES", "TEST_REDIS_URL", "SECRET_KEY"}
