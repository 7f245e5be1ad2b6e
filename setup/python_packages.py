"""Makes ``.venv`` and installs the pinned Python packages into it, each checked against its recorded hash."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from layout import NODE_REQUIREMENTS, REQUIREMENTS, UV_REQUIREMENTS, VENV, VENV_PYTHON
from progress import CommandError, SetupError, run
from stamp import Stamp, digest

# A package without a wheel fails at once instead of asking for a compiler; nothing unpinned gets in.
PINNED = ["--require-hashes", "--only-binary", ":all:"]
QUIET_PIP = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}


def ensure(level: str) -> None:
    """Bring ``.venv`` to ``level`` ("demo" or "test"); does nothing when it is there already."""
    stamp = Stamp(VENV)
    if _is_complete(stamp, level):
        return
    level = stamp.needed_level(level)
    if not stamp.read() or stamp.read().get("python") != _interpreter():
        _make_environment()
    stamp.remove()
    _install("Python packages", REQUIREMENTS[level])
    stamp.write(level, requirements=_requirements_digest(level), python=_interpreter())


def add_node() -> None:
    """Install Node and npm from their wheel into ``.venv``."""
    stamp = Stamp(VENV)
    record = stamp.read()
    stamp.remove()
    _install("Node (none fitting here)", NODE_REQUIREMENTS)
    stamp.write(**record)


def _is_complete(stamp: Stamp, level: str) -> bool:
    reached = stamp.needed_level(level)
    return stamp.fits(level, requirements=_requirements_digest(reached), python=_interpreter())


def _requirements_digest(level: str) -> str:
    return digest([REQUIREMENTS[level]])


def _interpreter() -> str:
    """Return the Python that ``.venv`` stands on; empty when there is none (any more)."""
    return os.path.realpath(VENV_PYTHON) if VENV_PYTHON.exists() else ""


def _make_environment() -> None:
    """Make ``.venv`` anew; whatever is there is unfinished, or stands on a Python that has gone."""
    if VENV.exists():
        shutil.rmtree(VENV)
    uv = shutil.which("uv")
    if uv:
        run("Environment (uv)", [uv, "venv", "--quiet", "--seed", "--python", sys.executable, VENV])
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "Python's venv module is missing; install it "
            "(Debian, Ubuntu: sudo apt-get install python3-venv), then run the same command again"
        )
    run("Environment", [sys.executable, "-m", "venv", VENV])


def _install(title: str, requirements: Path) -> None:
    """Install one file of pins: with uv where it can be had, because pip takes many times longer."""
    uv = _find_uv()
    try:
        if uv:
            run(title, [uv, "pip", "install", "--python", VENV_PYTHON, *PINNED, "-r", requirements])
            return
    except CommandError as failure:
        reason = (failure.tail.splitlines() or ["no reason given"])[-1].strip()
        print(f"  uv could not ({reason}); pip tries now", flush=True)
    _pip_install(title, requirements)


def _find_uv() -> str | None:
    """Return the path of uv: the machine's, or one fetched into ``.venv``; None when it cannot be had."""
    on_path = shutil.which("uv")
    own = VENV / "bin" / "uv"
    if on_path or own.exists():
        return on_path or str(own)
    try:
        _pip_install("Installer (uv)", UV_REQUIREMENTS)
    except CommandError:
        return None
    return str(own)


def _pip_install(title: str, requirements: Path) -> None:
    # Byte code is left to the first import of each module: most of what is installed is never imported.
    command = [VENV_PYTHON, "-m", "pip", "install", "--no-compile", *PINNED, "-r", requirements]
    run(title, command, QUIET_PIP)
