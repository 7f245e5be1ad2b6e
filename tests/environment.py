"""The settings that tests run under, set before Django reads them (pytest loads this with ``-p``)."""

import os
import socket
from pathlib import Path

VAR_DIR = Path(__file__).resolve().parent.parent / "var" / "tests"
VAR_DIR.mkdir(parents=True, exist_ok=True)

# A port for this run's model provider; taken for a moment to learn that it is free.
with socket.socket() as _probe:
    _probe.bind(("127.0.0.1", 0))
    PROVIDER_PORT = _probe.getsockname()[1]

os.environ |= {
    "VAR_DIR": str(VAR_DIR),
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "LLM_CHAIN": "extractive",
    "COMPATIBLE_BASE_URL": f"http://127.0.0.1:{PROVIDER_PORT}/v1",
    "COMPATIBLE_MODEL": "fake",
}
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("LOG_FORMAT", "console")
