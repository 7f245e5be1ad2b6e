"""No secret stands in what is kept: they come from the environment, or from files that it names.

By their shapes, and by what is assigned to names such as ``password``; entropy finds too much that is
none in a tree full of digests.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHAPES = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=\s]{64}",
    "AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "OpenAI or Anthropic": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{24,}",
    "GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})",
    "Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "Slack": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "Stripe": r"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "token (JWT)": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "key of this desk": r"\bcsk_[A-Za-z0-9_-]{43}",
    "address with a password": r"\b(?:postgres(?:ql)?|rediss?|smtp|submission|amqps?|https?)://"
    r"[^\s:/@\"'{<]+:(?!password@|secret@|\.\.\.)[^\s:/@\"'{<$]{8,}@",
    "assigned": r"(?i)\b(?:secret_key|api_key|password|passwd|client_secret|private_key)[\"']?\s*[:=]\s*[\"']"
    r"(?=[^\"']*[0-9])(?=[^\"']*[a-zA-Z])[A-Za-z0-9+/_=-]{20,}[\"']",
}
# Words that are passwords for nobody: the people of the tests and of the demo, and keys that tests make up.
KNOWN = re.compile(
    r"for-tests-only|larkwing-demo|correct-horse|plain-horse|debug-only|made-up|x{20}|from-a-file-"
)
SKIPPED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".woff2", ".ico", ".pdf", ".zip", ".docx", ".gz", ".npz")
TOO_LARGE = 2_000_000  # bytes; larger files are data


def kept_files() -> list[Path]:
    """Return what git keeps, and what it would take in."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in SKIPPED]


def secrets_in(text: str) -> list[str]:
    """Return the kinds of secrets that a text seems to hold, with the line of each."""
    return [
        f"{kind}, line {text.count(chr(10), 0, found.start()) + 1}"
        for kind, shape in SHAPES.items()
        for found in re.finditer(shape, text)
        if not KNOWN.search(found[0])
    ]


def test_no_secret_is_kept():
    try:
        files = kept_files()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no working tree of git")
    found = {}
    for path in files:
        try:
            if path == Path(__file__) or path.stat().st_size > TOO_LARGE:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:  # what another process of this run has made for a moment
            continue
        if kinds := secrets_in(text):
            found[str(path.relative_to(ROOT))] = kinds
    assert len(files) > 300
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA" * 5,
        "AWS_ACCESS_KEY_ID=AKIA" + "Q3EGRVJ5TT4WZUNA",
        "key: sk-proj-" + "aB3" * 12,
        "ghp_" + "a1B2" * 9,
        "csk_" + "aB3" * 14 + "x",
        "DATABASE_URL=postgres://desk:hunter2hunter2@db.example.org/desk",
        'SECRET_KEY = "u8Jk2m' + "Qp0x9Vt4" * 4 + '"',
        "eyJhbGciOiJIUzI1NiJ9A" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_secrets_are_seen(text):
    assert secrets_in(text)


@pytest.mark.parametrize("text", ['password = request.POST["password"]', "SECRET_KEY=…", 'api_key = "none"'])
def test_code_about_secrets_is_none(text):
    assert not secrets_in(text)


def test_only_the_settings_read_the_environment():
    """A secret can come from a file only where ``env.text`` reads it."""
    read = re.compile(r"os\.environ\[|os\.environ\.get\(|os\.getenv\(")
    packages = [ROOT / name for name in ("accounts", "chat", "chatsite", "knowledge", "webhooks")]
    files = [path for package in packages for path in package.rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in files if read.search(path.read_text())] == []
