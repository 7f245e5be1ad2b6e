"""The files of deploy/: they parse, name what there is, and give the processes the time they need."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
ROLES = {"web", "worker", "beat", "prepare", "wait", "manage"}
# Read by the Procfile, the entry point or the programs themselves, not by the settings.
OF_PROCESSES = {
    *("HOST", "PORT", "WEB_WORKERS", "TURN_THREADS", "HONCHO_PROCESS_NAME", "PATH", "VAR_DIR"),
    *("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"),
}


def known_settings():
    """Return every name that the settings read from the environment."""
    texts = [path.read_text() for path in (ROOT / "chatsite").rglob("*.py")]
    read = re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', "\n".join(texts))
    return {*read, *(f"{name}_FILE" for name in read), *OF_PROCESSES}


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def own_services():
    return {name: body for name, body in compose()["services"].items() if body.get("image") == "chatsite"}


def manifests():
    """Return what the Kubernetes folder comes to, each object by kind and name."""
    paths = [
        path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "prometheus-adapter.yaml"
    ]
    bodies = [body for path in paths for body in yaml.safe_load_all(path.read_text())]
    return {(body["kind"], body.get("metadata", {}).get("name")): body for body in bodies}


def pods():
    """Return the pod templates by role."""
    found = {name: body for (kind, name), body in manifests().items() if kind in ("Deployment", "Job")}
    return {name: body["spec"]["template"]["spec"] for name, body in found.items()}


def test_every_role_is_a_process_of_the_procfile_or_of_the_entry_point():
    named = re.findall(r"^  ([a-z| ]+)\)", (DEPLOY / "entrypoint.sh").read_text(), re.M)
    assert {role.strip() for group in named for role in group.split("|")} == ROLES
    processes = {line.partition(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()}
    assert processes == {"web", "worker", "beat"}
    assert {body["command"] for body in own_services().values()} <= ROLES
    containers = [
        item for pod in pods().values() for item in pod["containers"] + pod.get("initContainers", [])
    ]
    assert {item["args"][0] for item in containers} <= ROLES
    told = re.findall(r"entrypoint\.sh (\w+)", "".join(path.read_text() for path in UNITS))
    assert set(told) <= ROLES


@pytest.mark.parametrize("where", ["compose", "kubernetes", "systemd", "image"])
def test_every_variable_is_a_setting(where):
    named = {
        "compose": [name for body in own_services().values() for name in body["environment"]],
        "kubernetes": re.findall(r"^([A-Z_]+)=", (DEPLOY / "kubernetes/settings.env").read_text(), re.M),
        "systemd": re.findall(
            r"\b([A-Z_]{4,})=", "".join(re.findall(r"^Environment=.*", path.read_text(), re.M)[0]
            for path in UNITS if path.suffix == ".service")
        ),
        "image": re.findall(r"\b([A-Z_]{4,})=", (DEPLOY / "Dockerfile").read_text()),
    }[where]  # fmt: skip
    assert named
    assert set(named) <= known_settings()


def test_whoever_ends_a_process_waits_longer_than_the_longest_turn():
    longest = settings.TURN_DEADLINE_SECONDS
    for body in own_services().values():
        assert int(body["stop_grace_period"].removesuffix("s")) > longest
    for name in ("web", "worker"):
        assert pods()[name]["terminationGracePeriodSeconds"] > longest
    for path in UNITS:
        for seconds in re.findall(r"^TimeoutStopSec=(\d+)", path.read_text(), re.M):
            assert int(seconds) > longest


def test_image_holds_every_app_and_template_and_runs_as_nobody():
    admitted = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.M))
    apps = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "setup"}
    assert apps <= admitted
    assert {"templates", "static", "locale", "manage.py", "Procfile", "requirements.txt"} <= admitted
    image = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER 10001$", image, re.M)
    assert "HEALTHCHECK" in image
    assert "--require-hashes" in image


def test_containers_are_locked_down():
    for body in own_services().values():
        assert body["read_only"] and body["cap_drop"] == ["ALL"]
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"]
        for item in pod["containers"] + pod.get("initContainers", []):
            assert item["securityContext"]["readOnlyRootFilesystem"]


def test_kubernetes_probes_scales_and_keeps_one_of_each():
    objects = manifests()
    for role in ("web", "worker"):
        assert ("PodDisruptionBudget", role) in objects
        assert ("HorizontalPodAutoscaler", role) in objects
        assert pods()[role]["containers"][0]["livenessProbe"]
        assert {"name": "wait", "args": ["wait"]}.items() <= pods()[role]["initContainers"][0].items()
    assert pods()["web"]["containers"][0]["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert objects["Deployment", "beat"]["spec"]["replicas"] == 1
    assert objects["Deployment", "beat"]["spec"]["strategy"]["type"] == "Recreate"


def test_every_address_of_compose_names_a_service():
    body = (DEPLOY / "compose.yaml").read_text()
    services = set(compose()["services"])
    assert set(re.findall(r"(?:redis://|@)(\w+)[:/]", body)) <= services
    for service in compose()["services"].values():
        assert set(service.get("depends_on", {})) <= services
    mounted = re.findall(r'"(\./[\w./-]+):', body)
    assert mounted
    assert all((DEPLOY / path).exists() for path in mounted)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl")
def test_kustomize_builds():
    built = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes")], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    images = re.findall(r"image: (\S+)", built.stdout)
    assert set(images) == {"registry.example.org/chatsite:1"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_units(unit):
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    ours = [
        line for line in checked.stderr.splitlines() if "chatsite" in line and "not executable" not in line
    ]
    assert not ours


def healthcheck(folder, role, **variables):
    (folder / "role").write_text(role)
    environment = {**os.environ, "VAR_DIR": str(folder), "ALIVE_FILE": str(folder / "alive"), **variables}
    asked = [sys.executable, str(DEPLOY / "healthcheck.py")]
    return subprocess.run(asked, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_probe_finds_a_process_ill_that_goes_round_no_more(tmp_path, role):
    assert healthcheck(tmp_path, role) == 1
    (tmp_path / "alive").touch()
    assert healthcheck(tmp_path, role) == 0
    os.utime(tmp_path / "alive", (time.time() - 31, time.time() - 31))
    assert healthcheck(tmp_path, role) == 1


def test_probe_finds_a_web_process_ill_that_does_not_answer(tmp_path):
    assert healthcheck(tmp_path, "web", PORT=str(free_port())) == 1
