"""Runs the checks and tests of the project in order; the first failure ends the run with its exit code.

Usage: checks.py [NAME ...]   runs only the steps named; without names, all of them.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import browser_packages
from layout import ROOT, VAR, VENV

PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest"]
# The browser tests run by themselves: Playwright leaves a running event loop in the thread that it worked in.
# The faults have a step of their own, too: they kill what other tests would need.
# So has the API against its description, which takes a minute of processor time and prints what it asked.
WITHOUT_THESE = ["--ignore=tests/browser", "--ignore=tests/faults", "--ignore=tests/schema"]
PACKAGES = ["accounts", "chat", "chatsite", "knowledge", "webhooks"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class ToolMissingError(Exception):
    """A step cannot run on this machine; the message says what it needs."""


@dataclass(frozen=True)
class Step:
    """One check: its name, how to make its command (which may find a tool missing), and its variables."""

    name: str
    command: Callable[[], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Tally:
    """What the steps have come to: numbers of tests by outcome, and the steps that could not run here."""

    tests: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)


def main(names: Sequence[str]) -> int:
    """Run the steps and return the exit code of the first that fails, or 0."""
    steps = all_steps()
    unknown = set(names) - {step.name for step in steps}
    if unknown:
        print(
            f"chatsite: no check {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in steps)}"
        )
        return 2
    VAR.mkdir(parents=True, exist_ok=True)
    chosen = [step for step in steps if not names or step.name in names]
    started, tally = time.monotonic(), Tally()
    for number, step in enumerate(chosen, 1):
        code = run_step(step, f"{number}/{len(chosen)}", tally)
        if code:
            print(f"\nStopped at {step.name!r} (exit code {code}) after {time.monotonic() - started:.0f} s")
            return code
    print(f"\nAll checks passed in {time.monotonic() - started:.0f} s")
    for line in tally.left_out:
        print(f"Not run here: {line}")
    if tally.tests:
        print(f"{tally.tests['passed']} passed, 0 failed, {tally.tests['skipped']} skipped")
    return 0


def run_step(step: Step, place: str, tally: Tally) -> int:
    """Run one step under a header, add its results to ``tally``, and return its exit code."""
    print(f"\n=== {place} {step.name} ===", flush=True)
    started = time.monotonic()
    try:
        command = step.command()
    except ToolMissingError as missing:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            print(f"failed: {missing} (REQUIRE_SERVICES=1 allows no skip)")
            return 1
        print(f"skipped: {missing}")
        tally.left_out.append(f"{step.name} ({missing})")
        return 0
    code, ending = run_teed(command, step.environment)
    tally.tests.update(test_results(ending))
    tally.left_out += [f"{step.name} ({reason})" for reason in re.findall(r"^skipped: (.+)$", ending, re.M)]
    print(
        f"--- {step.name}: {'ok' if code == 0 else 'FAILED'}, {time.monotonic() - started:.1f} s", flush=True
    )
    return code


def run_teed(command: Sequence[str], variables: Mapping[str, str]) -> tuple[int, str]:
    """Run ``command``, copying its output to ours; return its exit code and the end of what it printed."""
    colours = {"FORCE_COLOR": "1"} if sys.stdout.isatty() and "NO_COLOR" not in os.environ else {}
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **colours, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    ending = b""
    with ending_with(child):
        while piece := os.read(child.stdout.fileno(), 65_536):
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
            ending = (ending + piece)[-8_000:]
    return child.returncode, re.sub(r"\x1b\[[0-9;]*m", "", ending.decode(errors="replace"))


@contextmanager
def ending_with(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let a signal end the child first, which may have servers to stop, and then this process."""
    caught: list[int] = []

    def note(number: int, _frame: object) -> None:
        caught.append(number)
        if (
            number == signal.SIGTERM
        ):  # Ctrl-C reaches the child without us: the terminal tells the whole group
            child.terminate()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
        child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:
        print("\nStopped.")
        sys.exit(128 + caught[0])


def test_results(ending: str) -> Counter[str]:
    """Return the numbers in pytest's closing line or in the summary of Node's test runner; empty without."""
    lines = ending.strip().splitlines()
    closing = [line for line in lines if re.search(r"\bin \d+\.\d+s\b", line)]
    if closing:
        return Counter({word: int(n) for n, word in re.findall(r"(\d+) (passed|skipped)", closing[-1])})
    found = {word: int(n) for word, n in re.findall(r"^\S* ?(pass|skipped) (\d+)$", ending, re.MULTILINE)}
    return Counter({"passed": found.get("pass", 0), "skipped": found.get("skipped", 0)} if found else {})


def all_steps() -> list[Step]:
    """Return every step in the order in which they run: the quick ones first."""
    manage = [PYTHON, "manage.py"]
    return [
        Step("lint", lambda: [PYTHON, "-m", "ruff", "check", "."]),
        Step("format", lambda: [PYTHON, "-m", "ruff", "format", "--check", "."]),
        Step(
            "imports",
            lambda: [PYTHON, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        ),
        Step(
            "security",
            lambda: [PYTHON, "-m", "bandit", "--quiet", "-c", "pyproject.toml", "-r", *PACKAGES],
        ),
        Step("secrets", lambda: [*PYTEST, "tests/test_secrets.py"]),
        Step("production", lambda: [*manage, "check", "--deploy", "--fail-level", "WARNING"], production()),
        Step("migrations", lambda: [*manage, "makemigrations", "--check", "--dry-run"], in_memory()),
        Step("embedded", lambda: [*PYTEST, *WITHOUT_THESE, "-n", processes()]),
        Step("scaled", lambda: [PYTHON, "-m", "tests.services", "--", *PYTEST, *WITHOUT_THESE]),
        Step("schema", lambda: [*PYTEST, "-s", "tests/schema"]),
        # Two desks side by side: nearly all of the time is waiting for what was killed or frozen.
        Step("faults", lambda: [*PYTEST, "tests/faults", "-n", "2"]),
        Step("javascript", javascript_tests),
        Step("browser", browser_tests),
    ]


def processes() -> str:
    """Return how many processes share the embedded tests: each has a database and a provider of its own."""
    return str(min(4, os.cpu_count() or 1))


def production() -> dict[str, str]:
    """Return the environment of a scaled site behind https, with a key that nobody keeps."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SITE_URL": "https://desk.example.org",
        "DATABASE_URL": "postgres://chatsite@127.0.0.1/chatsite",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "DEBUG": "false",
    }


def in_memory() -> dict[str, str]:
    """Return the environment for a command that wants a database but keeps nothing in it."""
    return {"DATABASE_URL": "sqlite://:memory:"}


def javascript_tests() -> list[str]:
    """Return the command of the JavaScript tests; Node 20 takes files, not patterns."""
    files = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "js").glob("*.test.mjs"))
    return [*find_node(), "--test", *files]


def find_node() -> list[str]:
    """Return the words that start Node: the machine's, the wheel's, or the one in Playwright's package."""
    found = browser_packages.find_node()
    if found:
        return found.node
    for node in VENV.glob("lib/python3.*/site-packages/playwright/driver/node"):
        return [str(node)]
    raise ToolMissingError("the JavaScript tests need Node 20.19 or newer")


def browser_tests() -> list[str]:
    """Return the command of the browser tests, which find the browser in ``CHROMIUM``."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise ToolMissingError(
            "the browser tests need Chromium (Debian, Ubuntu: sudo apt-get install chromium)"
        )
    os.environ["CHROMIUM"] = found
    return [*PYTEST, "tests/browser"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
