"""Commands to copy: what a real shell makes of them, and how they reach the agent."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from hp_tui.console.shared.rows import shell
from hp_tui.console.shared.rows.shell import Reach
from hp_tui.engine.first_snapshot import access_of
from hp_tui.model.catalog import Instance
from hp_tui.model.fleet import Access
from hp_tui.settings import Settings
from hp_tui.widgets.escape import visible
from tests import fleets

STRANGE = [
    "with space",
    "it's",
    'say "hi"',
    "-leading",
    "$HOME `id` $(id)",
    "back\\slash",
    "new\nline",
    "\x1b[31mred\x07",
    "bell\x07 and 'quote'",
    "\u202ereversed",
    "評論家",
    "*?[a]",
    "",
    "\x9b\x85é",
]


def named(instance_id: str) -> Instance:
    return Instance(instance_id, "critic-agent", "node-b", "127.0.0.1", 50053)


@pytest.mark.parametrize("text", STRANGE)
def test_a_shell_reads_back_what_was_meant(text: str) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    told = subprocess.run(
        [bash, "--norc", "-c", f"printf '%s' {shell.quoted(text)}"],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8"},
    )
    assert told.stdout.decode() == text


@pytest.mark.parametrize("text", STRANGE)
def test_nothing_in_a_command_is_acted_on_by_the_terminal_it_is_pasted_into(text: str) -> None:
    instance = replace(named(text), node=text)
    for command in (
        shell.deregister(instance, "127.0.0.1:8500"),
        shell.deregister_in_catalog(instance, "127.0.0.1:8500"),
        shell.maintenance(instance, "127.0.0.1:8500", enabled=True, reason=text),
        shell.kv_put(text, "127.0.0.1:8500", 7),
    ):
        assert visible(command) == command


def test_an_id_that_looks_like_an_option_is_none() -> None:
    assert shell.deregister_there(named("-id")) == "consul services deregister -id=-id"
    assert shell.kv_get("-key", "a:1") == "consul kv get -http-addr=a:1 -detailed -- -key"
    assert shell.kv_put("-key", "a:1", 7) == "consul kv put -http-addr=a:1 -cas -modify-index=7 -- -key -"


def test_flags_of_a_value_are_kept_by_the_command_that_writes_it() -> None:
    assert shell.kv_put("k", "a:1", 7, flags=42) == "consul kv put -http-addr=a:1 -cas -modify-index=7 -flags=42 k -"


TLS = Access("/etc/ca.pem", "/etc/me.pem", "/etc/me key.pem", "server.dc1.consul", True, True)


def test_the_tls_files_of_the_console_are_named() -> None:
    command = shell.deregister(named("a"), Reach("consul:8501", TLS))
    assert command == (
        "consul services deregister -http-addr=https://consul:8501 -ca-file=/etc/ca.pem -client-cert=/etc/me.pem "
        "'-client-key=/etc/me key.pem' -tls-server-name=server.dc1.consul -id=a"
    )


def test_curl_is_told_the_same() -> None:
    assert shell.show_service("a", Reach("https://consul:8501", TLS)) == (
        "curl -s --cacert /etc/ca.pem --cert /etc/me.pem --key '/etc/me key.pem' "
        "--connect-to server.dc1.consul:8501:consul:8501 https://server.dc1.consul:8501/v1/health/service/a"
    )
    assert "-k" in shell.show_service("a", Reach("https://consul:8501", Access(verify=False))).split()


def test_curl_takes_the_token_from_the_environment_and_the_console_tells_nobody(tmp_path: Path) -> None:
    settings = Settings(address="a:1", token="s3cret")
    at = Reach("a:1", access_of(settings))
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    curl.chmod(0o755)
    for command in (shell.show_service("a b", at), shell.deregister_in_catalog(named("x"), at)):
        assert "s3cret" not in command
        environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CONSUL_HTTP_TOKEN": "from outside"}
        words = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, text=True, check=True).stdout
        assert "X-Consul-Token: from outside\n" in words
        assert words.splitlines()[-1].startswith("http://a:1/v1/")
    assert "Token" not in shell.show_service("a", Reach("a:1", access_of(Settings(address="a:1"))))


def test_who_does_not_check_certificates_does_not_check_them_in_the_command() -> None:
    command = shell.kv_get("a", Reach("https://consul:8501", Access(verify=False)))
    assert command.startswith("CONSUL_HTTP_SSL_VERIFY=false consul kv get ")


def test_a_socket() -> None:
    at = Reach("unix:///run/consul.sock")
    assert "-http-addr=unix:///run/consul.sock" in shell.deregister(named("a"), at)
    assert shell.show_service("a b", at) == (
        "curl -s --unix-socket /run/consul.sock http://localhost/v1/health/service/a%20b"
    )


def test_another_datacenter_is_named_where_the_command_can() -> None:
    at = Reach("a:1", datacenter="dc2")
    assert "-datacenter=dc2" in shell.kv_get("k", at).split()
    assert shell.show_service("s", at).endswith("/v1/health/service/s?dc=dc2'")
    body = shell.deregister_in_catalog(named("x"), at)
    assert json.loads(body[body.index("{") : body.index("}") + 1]) == {
        "Datacenter": "dc2",
        "Node": "node-b",
        "ServiceID": "x",
    }


def test_the_agents_own_datacenter_is_not() -> None:
    old = fleets.healthy()
    cluster = replace(old.cluster, agent_datacenter=old.cluster.datacenter)
    assert shell.reach(replace(old, cluster=cluster)).datacenter == ""
    assert shell.reach(replace(old, cluster=replace(cluster, datacenter="dc2"))).datacenter == "dc2"
