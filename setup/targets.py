"""What each target of the Makefile does once a fitting Python has been found."""

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import browser_packages
import environment
import python_packages
from layout import ROOT, VAR, VENV_PYTHON
from progress import CommandError, SetupError

INTERRUPTED = 128 + signal.SIGINT


def run_target(words: Sequence[str]) -> int:
    """Run one target and return its exit code; a target that starts takes this process over for good."""
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return _target(words)
    except CommandError as failure:
        print(f"{failure.tail}\n\nchatsite: {failure}", file=sys.stderr)
        return 1
    except (SetupError, OSError) as error:
        print(f"chatsite: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED


def _stop(*_signal: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _target(words: Sequence[str]) -> int:
    name, *arguments = words or ["help"]
    targets: Mapping[str, Callable[[list[str]], int]] = {
        "demo": _demo,
        "up": _up,
        "manage": _manage,
        "checks": _checks,
        "run": _run,
        "lock": _lock,
    }
    if name not in targets:
        raise SetupError(f"no target {name!r}; there are {', '.join(targets)}")
    return targets[name](arguments)


def _demo(arguments: list[str]) -> int:
    install("demo")
    return _become(["manage.py", "demo", *arguments], environment.for_demo(os.environ))


def _up(arguments: list[str]) -> int:
    # Asked first: nobody should wait for an installation to hear that an address is missing.
    scaled = environment.for_scaled(os.environ)
    install("demo")
    return _become(["setup/scaled.py", *arguments], scaled)


def _manage(arguments: list[str]) -> int:
    """Run one of Django's commands: on the database of DATABASE_URL, or else on the demonstration's."""
    install("demo")
    scaled = os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")
    chosen = environment.for_scaled if scaled else environment.for_demo
    return _become(["manage.py", *arguments], chosen(os.environ))


def _checks(arguments: list[str]) -> int:
    install("test")
    return _become(["setup/checks.py", *arguments], environment.for_checks(os.environ))


def _run(arguments: list[str]) -> int:
    """Run Python with ``arguments`` where everything for tests is installed."""
    install("test")
    return _become(arguments, environment.for_checks(os.environ))


def _lock(arguments: list[str]) -> int:
    install("test")
    return _become(["setup/lock.py", *arguments], os.environ)


def install(level: str) -> None:
    """Bring both package folders to ``level``; two set-ups at once wait for each other."""
    with _alone():
        python_packages.ensure(level)
        browser_packages.ensure(level)


@contextmanager
def _alone() -> Iterator[None]:
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  another set-up is running in this folder; waiting for it ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _become(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Replace this process, so that Ctrl-C and exit codes reach the target itself."""
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.execve(VENV_PYTHON, [str(VENV_PYTHON), *arguments], environment.with_venv(variables))
