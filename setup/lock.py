"""Renews every file of pins: Python packages with hashes for all platforms, browser packages for npm."""

import argparse
import shutil
import subprocess
import sys

import browser_packages
from layout import ROOT, VENV

# In this order: the tests' pins follow the product's.
PIN_FILES = ("requirements", "requirements-dev", "requirements-uv", "requirements-node")
COMPILE = [
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--custom-compile-command", "make lock"),
]
# No addresses: the lock then fits every mirror of the registry.
NPM_OPTIONS = [
    *("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"),
    "--omit-lockfile-registry-resolved",
]


def compile_pins(name: str, uv: str, *, upgrade: bool) -> None:
    """Write ``NAME.txt`` from ``NAME.in``; without ``upgrade`` every pin that still fits stays as it is."""
    command = [uv, *COMPILE, f"{name}.in", "--output-file", f"{name}.txt"]
    if name == "requirements-dev":
        command += ["--constraint", "requirements.txt"]
    subprocess.run(command + ["--upgrade"] * upgrade, cwd=ROOT, check=True)


def lock_browser_packages(*, upgrade: bool) -> None:
    """Write ``package-lock.json`` from ``package.json``."""
    node = browser_packages.find_node()
    if node is None:
        raise SystemExit("chatsite: Node is missing; install Node 24 with npm, then run this again")
    subprocess.run([*node.npm, "update" if upgrade else "install", *NPM_OPTIONS], cwd=ROOT, check=True)


def main() -> None:
    """Renew all pins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest version of everything")
    upgrade = parser.parse_args().upgrade
    uv = shutil.which("uv") or shutil.which("uv", path=str(VENV / "bin"))
    if uv is None:
        raise SystemExit("chatsite: uv is missing; install it (pip install uv), then run this again")
    for name in PIN_FILES:
        compile_pins(name, uv, upgrade=upgrade)
        print(f"  {name}.txt")
    lock_browser_packages(upgrade=upgrade)
    print("  package-lock.json")


if __name__ == "__main__":
    sys.exit(main())
