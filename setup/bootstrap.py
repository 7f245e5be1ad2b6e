"""Runs one target of the Makefile: makes the environment first, then becomes the target's own process.

Usage: python3 setup/bootstrap.py TARGET [ARGUMENT ...]

Needs nothing but Python's standard library. This file alone must also be readable by a Python that is too
old, because it is the one that says so.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)  # the newest version for which every pinned package has a wheel


def fitting_python():
    """Return the path of the newest ``python3.N`` on the PATH that fits, or None."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        path = shutil.which("python3.%d" % minor)  # noqa: UP031 - an old Python must be able to read this
        if path and answers(path):
            return path
    return None


def answers(path):
    """Tell whether the program at ``path`` runs; a version manager's shim may have no Python behind it."""
    return subprocess.call([path, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def use_fitting_python():
    """Carry on in a Python that fits; end with one line when there is none."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    other = fitting_python()
    if other:
        os.execv(other, [other, *sys.argv])
    sys.exit(
        "chatsite: needs Python 3.%d to 3.%d, and this is %d.%d; install one (Debian, Ubuntu: "  # noqa: UP031
        "sudo apt-get install python3.%d python3.%d-venv), then run the same command again"
        % (OLDEST[1], NEWEST[1], sys.version_info[0], sys.version_info[1], OLDEST[1], OLDEST[1])
    )


if __name__ == "__main__":
    use_fitting_python()
    from targets import run_target

    sys.exit(run_target(sys.argv[1:]))
