"""A Consul that speaks TLS and wants client certificates: each failure names its cure."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.ports import free_ports
from hp_tui.registry import ConsulResponseError, ConsulServiceRegistry, ConsulUnreachableError, TLSFiles

pytestmark = pytest.mark.integration

NAME = "server.dc1.consul"


async def make_pki(binary: Path, folder: Path, *certificates: tuple[str, ...]) -> str:
    """A CA and the certificates it signs, in ``folder``; the path of the CA."""
    await asyncio.to_thread(folder.mkdir)
    for arguments in (("ca", "create"), *(("cert", "create", *one) for one in certificates)):
        command = [str(binary), "tls", *arguments]
        await asyncio.to_thread(subprocess.run, command, cwd=folder, check=True, capture_output=True)
    return str(folder / "consul-agent-ca.pem")


def client_of(folder: Path) -> dict[str, str]:
    return {
        "client_cert": str(folder / "dc1-client-consul-0.pem"),
        "client_key": str(folder / "dc1-client-consul-0-key.pem"),
    }


async def start(consul: ConsulAgent) -> int:
    """Start it with HTTPS beside HTTP; the port of HTTPS."""
    (port,) = free_ports(1)
    consul._ports["https"] = port
    await consul.start()
    return port


def agent_tls(folder: Path) -> dict[str, object]:
    return {
        "ca_file": str(folder / "consul-agent-ca.pem"),
        "cert_file": str(folder / "dc1-server-consul-0.pem"),
        "key_file": str(folder / "dc1-server-consul-0-key.pem"),
        "verify_incoming": True,
        "verify_incoming_rpc": False,
    }


async def test_each_failure_of_tls_names_its_cure(
    make_consul: Callable[..., ConsulAgent], consul_binary: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ca = await make_pki(consul_binary, ours, ("-server",), ("-client",))
    other_ca = await make_pki(consul_binary, theirs, ("-client",))
    consul = make_consul(**agent_tls(ours))
    port = await start(consul)
    good = TLSFiles(cacert=ca, server_name=NAME, **client_of(ours))

    async with ConsulServiceRegistry(f"https://127.0.0.1:{port}", tls=good) as registry:
        assert await registry.leader() == consul.rpc_addr

    foreign = client_of(theirs)
    for tls, cure in (
        (replace(good, server_name="other.example"), r"another name: say which \(CONSUL_TLS_SERVER_NAME\)"),
        (replace(good, cacert=other_ca), r"not known here: name it \(CONSUL_CACERT or CONSUL_CAPATH\)"),
        (replace(good, cacert=""), r"name .*\(CONSUL_CACERT or CONSUL_CAPATH\)"),
        (replace(good, client_cert="", client_key=""), r"CONSUL_CLIENT_CERT"),
        (replace(good, client_cert=foreign["client_cert"], client_key=foreign["client_key"]), r"CONSUL_CLIENT_CERT"),
    ):
        async with ConsulServiceRegistry(f"https://127.0.0.1:{port}", tls=tls, timeout=10) as registry:
            with pytest.raises(ConsulUnreachableError, match=cure) as caught:
                await registry.leader()
            assert caught.value.reason.startswith("TLS: ")


async def test_http_to_https_and_back_name_the_other(
    make_consul: Callable[..., ConsulAgent], consul_binary: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pki"
    ca = await make_pki(consul_binary, folder, ("-server",))
    consul = make_consul(**agent_tls(folder))
    port = await start(consul)
    async with ConsulServiceRegistry(f"http://127.0.0.1:{port}", timeout=10) as plain:
        with pytest.raises(ConsulResponseError, match="speaks TLS; expected https://"):
            await plain.leader()
    async with ConsulServiceRegistry(f"https://{consul.http_addr}", tls=TLSFiles(cacert=ca), timeout=10) as secure:
        with pytest.raises(ConsulUnreachableError, match="it speaks no TLS: use http://"):
            await secure.leader()
