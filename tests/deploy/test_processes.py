"""The image's entry points in a plain folder: what the image would hold, on real services.

Nothing may be written into that folder, as the container's root is read-only; nginx, where the machine has
it, stands in front with the very file that compose gives it.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import httpx
import pytest
from django.conf import settings
from websockets.sync.client import connect

from benchmarks.fake_provider import FakeProvider
from tests.services import PostgresServer, RedisServer, free_port

pytestmark = pytest.mark.skipif(not settings.REDIS_URL, reason="the image runs the scaled set")

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "How heavy may a checked bag be?"
STREAMED = "Up to 23 kg [1]. " * 30


@dataclass
class Container:
    """One process of the image, without a container around it."""

    app: Path
    folder: Path
    environment: dict[str, str]

    def command(self, *words: str) -> dict:
        """Return the arguments that run the entry point."""
        self.folder.mkdir(exist_ok=True)
        variables = {
            **self.environment,
            "VAR_DIR": str(self.folder),
            "ALIVE_FILE": str(self.folder / "alive"),
        }
        return {"args": ["sh", "deploy/entrypoint.sh", *words], "cwd": self.app, "env": variables}

    def run(self, *words: str) -> str:
        """Run a role that ends; return what it printed."""
        done = subprocess.run(
            **self.command(*words), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, role: str) -> subprocess.Popen:
        """Start a role that stays."""
        log = (self.folder.parent / f"{self.folder.name}.log").open("wb")
        return subprocess.Popen(**self.command(role), stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def is_healthy(self) -> bool:
        """Ask as the image's HEALTHCHECK does."""
        asked = [sys.executable, "deploy/healthcheck.py"]
        where = {key: value for key, value in self.command("x").items() if key != "args"}
        return subprocess.run(asked, **where, capture_output=True, check=False).returncode == 0


def put_together(app: Path) -> None:
    """Copy what ``.dockerignore`` admits, and collect static files as the Dockerfile does."""
    for name in re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.M):
        source, target = ROOT / name, app / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, target)
    (app / "node_modules").symlink_to(ROOT / "node_modules")
    step = re.search(
        r"^RUN SECRET_KEY=.*?manage\.py (.+?) \\$", (ROOT / "deploy/Dockerfile").read_text(), re.S | re.M
    )
    variables = {**os.environ, "SECRET_KEY": secrets.token_urlsafe(60), "STATIC_ROOT": str(app / "collected")}
    variables |= {"VAR_DIR": str(app.parent / "build"), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("REDIS_URL", "DATABASE_URL"):
        variables.pop(name, None)
    subprocess.run([sys.executable, "manage.py", *step[1].split()], cwd=app, env=variables, check=True)
    (app / "node_modules").unlink()


def files_of(app: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_mtime_ns) for path in app.rglob("*")}


def wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``/app`` of the image."""
    app = tmp_path_factory.mktemp("image") / "app"
    app.mkdir()
    put_together(app)
    return app


@dataclass
class Set:
    """The processes that run."""

    web: Container
    worker: Container
    beat: Container
    processes: dict[str, subprocess.Popen]
    address: str
    provider: FakeProvider
    key: str

    def client(self, address: str = "") -> httpx.Client:
        """Return a client of Alice's."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=address or self.address, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def desk(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    """Prepared, then one process of each role."""
    folder, port = tmp_path_factory.mktemp("set"), free_port()
    with RedisServer() as redis, PostgresServer() as postgres, FakeProvider(text=STREAMED) as provider:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
        environment = {
            **kept, "SECRET_KEY": secrets.token_urlsafe(60),
            "REDIS_URL": redis.url, "DATABASE_URL": postgres.url,
            "SITE_URL": f"http://localhost:{port}", "PORT": str(port),
            "STATIC_ROOT": str(image / "collected"),
            "PYTHONDONTWRITEBYTECODE": "1", "WEB_WORKERS": "1", "LLM_CHAIN": "compatible",
            "COMPATIBLE_BASE_URL": provider.base_url, "COMPATIBLE_MODEL": "fake", "TRUSTED_PROXIES": "1",
            "ANSWER_CACHE_SECONDS": "0",
        }  # fmt: skip
        web, worker, beat = (
            Container(image, folder / role, environment) for role in ("web", "worker", "beat")
        )
        web.run("prepare")
        web.run("wait")
        web.run("manage", "load_sample", "--verbosity", "0")
        key = web.run("manage", "api_key", "alice").split()[-1]
        processes = {
            name: part.start(name) for name, part in (("web", web), ("worker", worker), ("beat", beat))
        }
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: answers(f"{address}/health/ready"))
            wait_for(worker.is_healthy)
            yield Set(web, worker, beat, processes, address, provider, key)
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                process.wait(60)


def test_every_role_is_found_healthy(desk):
    for part in (desk.web, desk.worker, desk.beat):
        wait_for(part.is_healthy)


def test_question_is_answered_and_pages_have_their_files(desk):
    with desk.client() as client:
        page = client.get("/accounts/sign-in/")
        style = re.search(r'href="(/static/[^"]+\.css)"', page.text)
        assert client.get(style[1]).status_code == 200
        thread = client.post("/api/v1/conversations/").json()["id"]
        accepted = client.post(f"/api/v1/conversations/{thread}/messages/", json={"text": QUESTION})
        with client.stream("GET", accepted.json()["events"]) as events:
            told = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert told[-1]["type"] == "turn.completed"


@pytest.fixture
def front(desk, tmp_path) -> Iterator[str]:
    """The very file that compose gives nginx, in front of the web process; yields the address."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        pytest.skip("no nginx on this machine")
    port = free_port()
    text = (ROOT / "deploy/nginx/chatsite.conf").read_text()
    # Here no name server of Docker's tells the addresses, and the port must be free.
    text = text.replace("resolver 127.0.0.11 valid=5s;", "").replace(
        "listen 8080", f"listen 127.0.0.1:{port}"
    )
    text = text.replace("server web:8000 resolve;", f"server {desk.address.removeprefix('http://')};")
    assert "web:8000" not in text
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/site.conf; "
        + " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + " }\n"
    )  # fmt: skip
    server = subprocess.Popen([program, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    try:
        wait_for(lambda: answers(f"http://localhost:{port}/health/live"))
        yield f"localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


def test_answer_streams_through_nginx_as_it_is_written(desk, front):
    """The first words come while the rest is still being written."""
    site = {"Host": desk.web.environment["SITE_URL"].removeprefix("http://")}
    desk.provider.script(text=STREAMED, interval=0.02, lasts=True)  # until it has been looked at
    try:
        with desk.client(f"http://{front}") as client:
            thread = client.post("/api/v1/conversations/", headers=site).json()["id"]
            where = f"/api/v1/conversations/{thread}/messages/"
            accepted = client.post(where, json={"text": QUESTION}, headers=site).json()
            with client.stream("GET", accepted["events"], headers=site) as events:
                lines = (line for line in events.iter_lines() if line.startswith("event: "))
                first = next(line for line in lines if line == "event: turn.delta")
                turn = client.get(f"/api/v1/turns/{accepted['turn']}/", headers=site).json()
                desk.provider.script(lasts=False)
                last = list(lines)[-1]
    finally:
        desk.provider.script(interval=0.0, lasts=False)
    assert first and turn["status"] == "running"
    assert last == "event: turn.completed"


def test_socket_passes_nginx(desk, front):
    site = desk.web.environment["SITE_URL"].removeprefix("http://")
    with desk.client() as client:
        thread = client.post("/api/v1/conversations/").json()["id"]
    headers = {"Authorization": f"Bearer {desk.key}"}
    address = f"ws://{site}/ws/conversations/{thread}/"
    door = create_connection(tuple(front.split(":")), 10)  # the address names the site, as a browser's would
    with connect(address, sock=door, additional_headers=headers) as socket:
        assert json.loads(socket.recv(timeout=10))["type"] == "ready"


def test_metrics_do_not_pass_nginx(front):
    assert httpx.get(f"http://{front}/metrics").status_code == 404


def test_nothing_is_written_beside_the_code(image, desk):
    before = files_of(image)
    with desk.client() as client:
        client.post("/api/v1/conversations/")
    assert files_of(image) == before


def test_unknown_role_is_refused(image, tmp_path):
    refused = subprocess.run(
        **Container(image, tmp_path / "x", dict(os.environ)).command("cook"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "no role 'cook'" in refused.stderr


def test_process_that_is_told_to_end_ends_the_answer_it_writes(desk):
    """Last in the file: the worker is gone afterwards."""
    desk.provider.script(text=STREAMED, interval=0.02, lasts=True)  # until the worker has been told
    with desk.client() as client:
        thread = client.post("/api/v1/conversations/").json()["id"]
        accepted = client.post(f"/api/v1/conversations/{thread}/messages/", json={"text": QUESTION}).json()
        with client.stream("GET", accepted["events"]) as events:
            lines = (line for line in events.iter_lines() if line.startswith("data: "))
            next(line for line in lines if '"turn.delta"' in line)
            desk.processes["worker"].terminate()
            desk.provider.script(lasts=False)
            last = json.loads(list(lines)[-1][6:])
    assert last["type"] == "turn.completed"
    assert last["id"].startswith("1-")
    assert desk.processes["worker"].wait(60) == 0
