"""The environment variables that each target runs with; the site itself reads them only in its settings."""

import os
import secrets
from collections.abc import Mapping

from layout import ROOT, VAR, VENV
from progress import SetupError

# What a run of the checks may see of the caller's environment. Everything else stays outside, so that a key
# or an address exported in somebody's shell neither changes a result nor sends a test to a real provider.
KEPT_FOR_CHECKS = {
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE", "TMPDIR"),
    *("CI", "NO_COLOR", "FORCE_COLOR", "LD_LIBRARY_PATH", "VAR_DIR", "CHROMIUM", "REQUIRE_SERVICES"),
}
KEPT_PREFIXES = ("LC_", "XDG_", "TEST_", "PYTEST_", "HYPOTHESIS_", "PYTHON", "BENCH_")


def with_venv(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` with the programs of ``.venv`` found first."""
    path = os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)])
    return {**environment, "PATH": path, "VIRTUAL_ENV": str(VENV)}


def for_demo(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` for the demonstration: one process, SQLite, nothing shared with anything else.

    A database or Redis named in the caller's shell belongs to something else and is left alone; the keys of
    model providers pass through.
    """
    own = {name: value for name, value in environment.items() if name not in ("REDIS_URL", "REDIS_URL_FILE")}
    own.pop("DATABASE_URL_FILE", None)
    own["DATABASE_URL"] = f"sqlite:///{os.path.relpath(VAR, ROOT)}/demo.sqlite3"
    own.setdefault("LOG_LEVEL", "WARNING")
    own.setdefault("LOG_FORMAT", "console")
    return _with_secret_key(own)


def for_scaled(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` for the scaled set; raises ``SetupError`` when an address is not given."""
    for name, example in (
        ("REDIS_URL", "redis://127.0.0.1:6379/0"),
        ("DATABASE_URL", "postgres://chatsite@127.0.0.1:5432/chatsite"),
    ):
        if not (environment.get(name) or environment.get(f"{name}_FILE")):
            raise SetupError(f"{name} is not set; for example: make up {name}={example}")
    return _with_secret_key(environment)


def for_checks(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what tests may see of ``environment``, with a secret key that lives as long as the run."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in KEPT_FOR_CHECKS or name.startswith(KEPT_PREFIXES)
    }
    return {**kept, "SECRET_KEY": secrets.token_urlsafe(60)}


def _with_secret_key(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` with a secret key file, made on first use, unless it brings a key of its own."""
    if environment.get("SECRET_KEY") or environment.get("SECRET_KEY_FILE"):
        return dict(environment)
    key_file = VAR / "secret_key"
    if not (key_file.exists() and key_file.stat().st_size):
        VAR.mkdir(parents=True, exist_ok=True)
        draft = key_file.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(60))
        draft.replace(key_file)
    return {**environment, "SECRET_KEY_FILE": str(key_file)}
