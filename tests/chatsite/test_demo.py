"""The demonstration: one command to a desk that answers, and back to the prompt with Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.management.base import CommandError

from chatsite.management.commands import demo
from tests.services import free_port

LAST_LINE = "Ctrl-C stops it."


def start_demo(var: Path, port: int) -> subprocess.Popen[str]:
    """Start ``manage.py demo`` in embedded mode with everything that it keeps under ``var``."""
    own = {"VAR_DIR": str(var), "PORT": str(port), "DATABASE_URL": f"sqlite:///{var}/demo.sqlite3"}
    shared = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=settings.BASE_DIR,
        env={**shared, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def printed_until(line: str, process: subprocess.Popen[str]) -> str:
    """Return what ``process`` prints up to ``line``, or all of it when the line never comes."""
    seen = []
    for printed in process.stdout:
        seen.append(printed)
        if line in printed:
            break
    return "".join(seen)


def test_demo_serves_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    with start_demo(tmp_path, port) as process:
        try:
            words = printed_until(LAST_LINE, process)
            assert f"http://127.0.0.1:{port}/" in words
            page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
            assert page.status_code == 200
            process.send_signal(signal.SIGINT)
            assert "Traceback" not in process.communicate()[0]
            assert process.returncode == 0
        finally:
            process.kill()


def test_port_in_use_is_told_in_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"^port {port} is in use by another program; choose another"):
            demo.listening_socket(port)


def test_changed_static_file_changes_the_digest(tmp_path: Path, settings: object) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    sheet = tmp_path / "own.css"
    sheet.write_text("a{}")
    before = demo.static_digest()
    sheet.write_text("a{color:red}")
    assert demo.static_digest() != before


def test_sign_ins_are_those_of_the_sample() -> None:
    people = (settings.BASE_DIR / "knowledge" / "sample" / "people.json").read_text()
    for name, _ in demo.SIGN_INS:
        assert f'"{name}"' in people
    assert f'"{demo.PASSWORD}"' in people
