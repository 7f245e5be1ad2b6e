"""Rules and dashboards: they parse, every alert fires when it must, and they ask for what there is."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

import chatsite.metrics.requests  # noqa: F401  (metrics are registered by importing them)
import webhooks.metrics  # noqa: F401
from chat.turn import metrics  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
ALERTS = ROOT / "tests/deploy/alerts.yaml"
DOCS = ROOT / "docs/monitoring.md"
OF_PROMETHEUS = {"instance", "job", "le", "process", "alertname", "alertstate"}
NOT_OURS = {
    *("up", "ALERTS", "process_cpu_seconds_total"),
    *("process_resident_memory_bytes", "process_open_fds"),
}

needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")


def rules():
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts():
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def panels():
    return [panel for path in DASHBOARDS for panel in json.loads(path.read_text())["panels"]]


def queries():
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [*asked, *(rule["expr"] for rule in rules())]


def exposed():
    """Return the labels of every series that the code gives out, by its name."""
    found = {}
    for collector in set(REGISTRY._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            for name in REGISTRY._collector_to_names[collector]:
                found[name] = set(collector._labelnames)
    for name in ("state", "common"):  # read when asked, so known only to the source
        text = (ROOT / f"chatsite/metrics/{name}.py").read_text()
        found |= {each: {"provider", "model", "state"} for each in re.findall(r'"(chatsite_\w+)"', text)}
    return found


def names_in(query):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for name in recorded:
        query = query.replace(name, "")
    return set(re.findall(r"\b(?:chatsite_\w+|process_\w+|up|ALERTS)\b", query))


def labels_in(query):
    grouped = re.findall(r"\b(?:by|without|on|ignoring) \(([^)]*)\)", query)
    matched = re.findall(r"[{,]\s*(\w+)\s*[=!]", query)
    return {label.strip() for group in grouped for label in group.split(",")} | set(matched)


def run(*words):
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_prometheus_takes_the_configuration_and_the_rules():
    run("check", "config", str(PROMETHEUS / "prometheus.yml"))
    assert f"{len(rules())} rules found" in run("check", "rules", str(PROMETHEUS / "rules.yml"))


@needs_promtool
def test_alerts_fire_when_they_must_and_only_then():
    run("test", "rules", str(ALERTS))


@needs_promtool
def test_alert_that_never_fires_would_be_found(tmp_path):
    text = (PROMETHEUS / "rules.yml").read_text()
    (tmp_path / "rules.yml").write_text(text.replace("chatsite_redis_up) == 0", "chatsite_redis_up) == 7"))
    (tmp_path / "alerts.yaml").write_text(
        ALERTS.read_text().replace("../../deploy/prometheus/rules.yml", "rules.yml")
    )
    found = subprocess.run(
        ["promtool", "test", "rules", str(tmp_path / "alerts.yaml")], capture_output=True, check=False
    )
    assert found.returncode == 1


def test_every_alert_is_tested_both_ways_and_explained():
    tested = {test["name"] for test in yaml.safe_load(ALERTS.read_text())["tests"]}
    headings = {
        line.removeprefix("### ") for line in DOCS.read_text().splitlines() if line.startswith("### ")
    }
    for name, rule in alerts().items():
        assert {f"{name} fires", f"{name} is quiet"} <= tested
        assert rule["annotations"]["runbook"] == f"docs/monitoring.md#{name.lower()}"
        assert name in headings
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_every_metric_asked_for_is_given_out():
    there = exposed()
    for query in queries():
        names = names_in(query)
        assert names or "chatsite:" in query, query
        assert names <= there.keys() | NOT_OURS, query


def test_every_label_asked_for_is_one_of_the_metrics():
    there = exposed()
    for query in queries():
        known = set().union(*(there.get(name, set()) for name in names_in(query)))
        assert labels_in(query) <= known | OF_PROMETHEUS, query


def test_every_metric_is_explained():
    text = DOCS.read_text()
    bases = {
        re.sub(r"_(bucket|sum|count|created)$", "", name)
        for name in exposed()
        if name.startswith("chatsite_")
    }
    totals = {name for name in bases if f"{name}_total" in bases}  # a counter's own name is never seen
    missing = {name for name in bases - totals if f"`{name}`" not in text}
    assert not missing


def test_dashboards_are_provisioned_and_whole():
    assert len(DASHBOARDS) == 2
    datasource = yaml.safe_load(
        (ROOT / "deploy/grafana/provisioning/datasources/prometheus.yaml").read_text()
    )["datasources"][0]
    for path in DASHBOARDS:
        board = json.loads(path.read_text())
        ids = [panel["id"] for panel in board["panels"]]
        assert board["uid"] == path.stem and len(ids) == len(set(ids))
        for panel in board["panels"]:
            assert panel["datasource"]["uid"] == datasource["uid"]
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24


def test_prometheus_scrapes_the_ports_that_compose_opens():
    jobs = {
        job["job_name"]: job["dns_sd_configs"][0]
        for job in yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    }
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    for job, role in (("chatsite-web", "web"), ("chatsite-worker", "worker")):
        assert jobs[job]["names"] == [role] and role in services
    worker = services["worker"]["environment"]
    assert str(jobs["chatsite-worker"]["port"]) == worker["METRICS_PORT"]
    assert worker["METRICS_HOST"] == "0.0.0.0"  # nosec B104
    for role in ("web", "worker"):
        assert "172.16.0.0/12" in services[role]["environment"]["METRICS_ALLOWED_NETWORKS"]
