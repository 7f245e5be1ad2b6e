"""The settings that tests run under, set before Django reads them (pytest loads this with ``-p``)."""

import os
from pathlib import Path

VAR_DIR = Path(__file__).resolve().parent.parent / "var" / "tests"
VAR_DIR.mkdir(parents=True, exist_ok=True)

os.environ.setdefault("VAR_DIR", str(VAR_DIR))
os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 40)
os.environ.setdefault("LLM_CHAIN", "extractive")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("LOG_FORMAT", "console")
