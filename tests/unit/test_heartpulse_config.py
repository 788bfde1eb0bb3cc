"""config.yaml, environment and flags: what wins, and what a bad value is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hp_tui.heartpulse.config import FleetConfig, load_config
from hp_tui.heartpulse.errors import ConfigError
from hp_tui.heartpulse.roster import ROSTER

EXAMPLES = Path(__file__).parents[2] / "consul" / "fleet"
SEED = """
consul:
  host: "consul-server"
  port: 8500
  datacenter: "heart-pulse-dc1"
  connect:
    enabled: true
"""


def load(tmp_path: Path, text: str, name: str = "aol-core", **more: Any) -> FleetConfig:
    file = tmp_path / "config.yaml"
    file.write_text(text, "utf-8")
    return load_config(name, file=file, environ=more.pop("environ", {}), **more)


def test_without_file_and_environment_the_migration_guides_defaults_hold() -> None:
    config = load_config("critic-agent", environ={})
    assert config.consul_environ["CONSUL_HTTP_ADDR"] == "consul-server:8500"
    assert config.consul_grpc_addr == "consul-server:8502"
    assert (config.default_port, config.default_health_port, config.default_metrics_port) == (50053, 50203, 8081)
    assert (config.port, config.allow_faults, config.connect) == (None, False, False)


def test_the_migration_guides_consul_block_is_read_as_written(tmp_path: Path) -> None:
    config = load(tmp_path, SEED)
    assert config.datacenter == "heart-pulse-dc1"
    assert config.connect is True
    assert config.consul_environ["CONSUL_HTTP_ADDR"] == "consul-server:8500"


def test_a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default(tmp_path: Path) -> None:
    text = "consul: {host: from-file, port: 1111, grpc_port: 1112}"
    environ = {"CONSUL_HTTP_ADDR": "from-env:2222", "CONSUL_GRPC_ADDR": "from-env:2223", "CONSUL_HTTP_TOKEN": "env"}
    from_file = load(tmp_path, text)
    assert from_file.consul_environ["CONSUL_HTTP_ADDR"] == "from-file:1111"
    assert from_file.consul_grpc_addr == "from-file:1112"
    from_env = load(tmp_path, text, environ=environ)
    assert from_env.consul_environ["CONSUL_HTTP_ADDR"] == "from-env:2222"
    assert from_env.consul_grpc_addr == "from-env:2223"
    flags = {"address": "from-flag:3333", "token": "flag", "ssl_verify": False, "cacert": None, "mouse": True}
    from_flag = load(tmp_path, text, environ=environ, consul_flags=flags)
    assert from_flag.consul_environ == {
        "CONSUL_HTTP_ADDR": "from-flag:3333",
        "CONSUL_GRPC_ADDR": "from-env:2223",
        "CONSUL_HTTP_TOKEN": "flag",
        "CONSUL_HTTP_SSL_VERIFY": "false",
    }


def test_a_port_in_the_file_is_a_default_and_one_given_as_a_flag_is_meant(tmp_path: Path) -> None:
    text = "service: {port: 6001, health_port: 6002}"
    config = load(tmp_path, text, flags={"port": 0, "health_port": None, "check_interval": 1})
    assert (config.port, config.default_port) == (0, 6001)
    assert (config.health_port, config.default_health_port) == (None, 6002)
    assert config.check_interval == 1


def test_the_removed_variables_are_not_read() -> None:
    config = load_config("heart-pulse", environ={"AOL_CORE_HOST": "elsewhere", "AOL_CORE_PORT": "1"})
    assert "elsewhere" not in repr(config)


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("discovery: {method: docker, dockerSocket: /var/run/docker.sock}", "discovery", "Docker socket is gone"),
        ("consul: {hots: x}", "consul.hots", "no such key"),
        ("consul: {port: '8500'}", "consul.port", "a whole number from 1 to 65535"),
        ("consul: {port: 0}", "consul.port", "0; expected"),
        ("consul: {port: true}", "consul.port", "a whole number"),
        ("consul: {host: ''}", "consul.host", "a host name"),
        ("consul: {connect: {enabled: 'yes'}}", "consul.connect.enabled", "true or false"),
        ("consul: {connect: {opn: true}}", "consul.connect.opn", "no such key"),
        ("consul: {connect: true}", "consul.connect", "a block with enabled"),
        ("consul: [1]", "consul", "a block with host"),
        ("service: {version: 1.0}", "service.version", "in quotes"),
        ("service: {check_interval: .nan}", "service.check_interval", "0.1 to 3600"),
        ("service: {check_interval: 0}", "service.check_interval", "0.1 to 3600"),
        ("service: {deregister_after: 5}", "service.deregister_after", "60 to 86400"),
        ("service: {log_level: loud}", "service.log_level", "one of debug, info"),
        ("service: {name: heart-pulse}", "service.name", "'aol-core'"),
        ("services: {}", "services", "service: and consul: blocks"),
        ("1: {}", "1", "service: and consul: blocks"),
        ("just text", "config.yaml", "service: and consul: blocks"),
        ("a: [", "--config", "does not parse"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_is_expected(
    tmp_path: Path, text: str, key: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert key in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_flags_and_variables_that_cannot_be_used_are_named() -> None:
    with pytest.raises(ConfigError, match=r"service name is 'critic'; expected one of aol-core, heart-pulse"):
        load_config("critic", environ={})
    with pytest.raises(ConfigError, match=r"--check-interval is 0\.01; expected a number from 0\.1 to 3600"):
        load_config("aol-core", environ={}, flags={"check_interval": 0.01})
    with pytest.raises(ConfigError, match=r"--log-level is 'loud'"):
        load_config("aol-core", environ={}, flags={"log_level": "loud"})
    with pytest.raises(ConfigError, match=r"CONSUL_GRPC_ADDR is 'consul-server'; expected host:port"):
        load_config("aol-core", environ={"CONSUL_GRPC_ADDR": "consul-server"})
    with pytest.raises(ConfigError, match=r"nowhere\.yaml'; expected a readable YAML file"):
        load_config("aol-core", environ={}, file=Path("nowhere.yaml"))


@pytest.mark.parametrize("name", sorted(ROSTER))
def test_the_example_files_load_and_say_what_the_roster_says(name: str) -> None:
    config = load_config(name, file=EXAMPLES / f"{name}.yaml", environ={})
    member = ROSTER[name]
    ports = (config.default_port, config.default_health_port, config.default_metrics_port)
    assert ports == (member.port, member.health_port, member.metrics_port)
    assert config.datacenter == "heart-pulse-dc1"
    assert config.connect is True
    assert config.host == "0.0.0.0"
