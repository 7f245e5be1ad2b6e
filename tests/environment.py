"""The settings that tests run under, set before Django reads them (pytest loads this with ``-p``)."""

import atexit
import os
import shutil
import tempfile

from tests.ports import free_port

# A folder of its own, so that two runs at once do not share a database.
VAR_DIR = tempfile.mkdtemp(prefix="chatsite-tests-")
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)

# A port for this process's model provider, and one for its collector of traces, where mostly nobody listens.
PROVIDER_PORT = free_port()
OTLP_PORT = free_port()

os.environ |= {
    "VAR_DIR": VAR_DIR,
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "LLM_CHAIN": "extractive",
    "COMPATIBLE_BASE_URL": f"http://127.0.0.1:{PROVIDER_PORT}/v1",
    "COMPATIBLE_MODEL": "fake",
    "COMPATIBLE_CHEAPER_MODEL": "fake-small",
    "PLAN_CACHE_SECONDS": "0",  # a plan or a price of one test must not hold in the next
    "COMPARE_DOCUMENTS": "false",  # or a thread would still compare when the next test has begun
    "WEBHOOK_ALLOW_HTTP": "true",  # the tests' own receivers, also for their workers
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    "LLM_PAUSE_SECONDS": "0",  # what one test does to a provider must not tell in the next
}
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("LOG_FORMAT", "console")
