"""Where the set-up puts things, and which files decide whether it must run again."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var")
LOG = VAR / "setup.log"

# The two levels of a set-up: "test" holds everything that "demo" does.
REQUIREMENTS = {"demo": ROOT / "requirements.txt", "test": ROOT / "requirements-dev.txt"}
UV_REQUIREMENTS = ROOT / "requirements-uv.txt"
NODE_REQUIREMENTS = ROOT / "requirements-node.txt"
PACKAGE_LOCK = ROOT / "package-lock.json"
