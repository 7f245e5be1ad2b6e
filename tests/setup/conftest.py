"""The set-up's modules are run as scripts from their own folder, so the tests look there too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "setup"))
