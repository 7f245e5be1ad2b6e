"""The examples of docs/openai.md run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

from tests.chat.terminal.conftest import Site

PAGE = Path(__file__).resolve().parents[3] / "docs" / "openai.md"


def example(language: str, site: Site) -> str:
    """Return an example, for this desk and Alice's key."""
    text = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    return text.replace("https://desk.example.org", site.address).replace("csk_…", site.keys["alice"])


def test_python_example_runs(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example("python", site)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "A checked bag may weigh up to 23 kg [^1]."
    assert lines[1].startswith(f"Checked baggage {site.address}/knowledge/passages/")
    assert lines[2].startswith("A checked bag may weigh up to 23 kg [^1].")


def test_curl_example_runs(site: Site) -> None:
    done = subprocess.run(
        ["bash", "-c", example("bash", site)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "chat.completion.chunk" in done.stdout, done.stderr
    assert done.stdout.rstrip().endswith("data: [DONE]")
