"""The compose file, the image and Prometheus' discovery, checked without a Docker engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from hp_tui.heartpulse.roster import ROSTER

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
PROMETHEUS = yaml.safe_load((ROOT / "consul/prometheus/prometheus.yml").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(ROSTER))
def test_each_service_of_the_fleet_runs_and_finds_consul_by_name(name):
    service = COMPOSE["services"][name]
    assert service["command"].split()[:2] == ["fleet", name]
    assert service["environment"] == {
        "CONSUL_HTTP_ADDR": "consul-server:8500",
        "CONSUL_GRPC_ADDR": "consul-server:8502",
    }
    assert service["depends_on"]["consul-server"]["condition"] == "service_healthy"


def test_nothing_of_the_old_discovery_is_left():
    text = "".join((ROOT / name).read_text("utf-8") for name in ("docker-compose.yml", "Dockerfile"))
    for gone in ("docker.sock", "AOL_CORE_HOST", "AOL_CORE_PORT"):
        assert gone not in text


def test_consul_keeps_its_data_in_a_volume_and_starts_from_our_configuration():
    consul = COMPOSE["services"]["consul-server"]
    assert "consul-data:/consul/data" in consul["volumes"]
    assert "consul-data" in COMPOSE["volumes"]
    assert "-config-file=/consul/config/consul-config.hcl" in consul["command"]
    assert 'data_dir   = "/consul/data"' in (ROOT / "consul/config/consul-config.hcl").read_text("utf-8")


def test_every_file_that_is_mounted_exists():
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file(), source


def test_every_path_the_image_copies_exists_and_is_not_ignored():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert source.split("/")[0] in kept, source


def test_the_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert "USER hp-tui" in lines
    assert lines.index("USER hp-tui") < next(n for n, line in enumerate(lines) if line.startswith("ENTRYPOINT"))


def test_prometheus_discovers_the_four_services_through_consul():
    jobs = {job["job_name"]: job["consul_sd_configs"] for job in PROMETHEUS["scrape_configs"]}
    assert jobs == {name: [{"server": "consul-server:8500", "services": [name]}] for name in ROSTER}


@pytest.mark.parametrize("name", sorted(ROSTER))
def test_prometheus_scrapes_the_metrics_port_not_the_grpc_port(name):
    rules = next(job["relabel_configs"] for job in PROMETHEUS["scrape_configs"] if job["job_name"] == name)
    rule = next(rule for rule in rules if rule["target_label"] == "__address__")
    labels = {
        "__meta_consul_service_address": "10.0.0.7",
        "__meta_consul_service_metadata_metrics_port": str(ROSTER[name].metrics_port),
    }
    joined = rule["separator"].join(labels[label] for label in rule["source_labels"])
    found = re.fullmatch(rule["regex"], joined)
    assert found is not None
    address = rule["replacement"].replace("${1}", found[1]).replace("${2}", found[2])
    assert address == f"10.0.0.7:{ROSTER[name].metrics_port}"
