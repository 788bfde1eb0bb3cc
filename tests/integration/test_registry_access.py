"""Tokens, TLS, sockets, and things at the address that are no Consul."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.ports import free_ports
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import (
    ConsulForbiddenError,
    ConsulResponseError,
    ConsulServiceRegistry,
    ConsulUnreachableError,
    KVOp,
    MalformedResponseError,
    NotConsulError,
    RegistryClosedError,
    RegistryError,
    TLSFiles,
    TooManyConnectionsError,
    WatchRules,
)

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
MakeConsul = Callable[..., ConsulAgent]
ONE = ServiceDefinition("api", "api-1", "127.0.0.1", 1, checks=(CheckDefinition("ttl", ttl=600),))


async def make_token(address: str, management: str, rules: str) -> str:
    """A token of its own policy."""
    async with aiohttp.ClientSession(f"http://{address}", headers={"X-Consul-Token": management}) as http:
        policy = {"Name": f"p{abs(hash(rules))}", "Rules": rules}
        async with http.put("/v1/acl/policy", json=policy) as answer:
            made = await answer.json()
        async with http.put("/v1/acl/token", json={"Policies": [{"ID": made["ID"]}]}) as answer:
            return str((await answer.json())["SecretID"])


async def test_a_consul_with_acls(
    make_consul: MakeConsul, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    consul = make_consul(acl={"enabled": True, "default_policy": "deny"})
    await consul.start(wait=False)

    async def bootstrap() -> str:
        async with (
            aiohttp.ClientSession(f"http://{consul.http_addr}") as http,
            http.put("/v1/acl/bootstrap") as answer,
        ):
            return str((await answer.json())["SecretID"]) if answer.status == 200 else ""

    async def try_bootstrap() -> str:
        try:
            return await bootstrap()
        except aiohttp.ClientError:
            return ""

    management = await eventually(try_bootstrap)
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "00000000-0000-0000-0000-000000000000")

    async with ConsulServiceRegistry(consul.http_addr, token=management) as registry:
        await registry.register(ONE)
        await registry.kv.put("a/b", "1", cas=0)
        assert (await registry.agent()).node == consul.name

    async with ConsulServiceRegistry(consul.http_addr, rules=WatchRules(first_backoff=0.1, max_backoff=0.3)) as nobody:
        for ask, permission in (
            (nobody.agent(), "agent:read"),
            (nobody.register(ONE), 'service "api" policy "write"'),
            (nobody.kv.put("a/b", "2", cas=0), 'key "a/b" policy "write"'),
            (nobody.kv.txn([KVOp("set", "a/b", b"x")]), 'key "a/b" policy "write"'),
        ):
            with pytest.raises(ConsulForbiddenError) as caught:
                await ask
            assert permission in str(caught.value)
            assert "CONSUL_HTTP_TOKEN" in str(caught.value)
        assert await nobody.leader() == consul.rpc_addr  # needs no token
        assert await nobody.datacenters()
        assert await nobody.intentions() == ()  # this Consul filters them, and does not say so

        updates = nobody.watch_instances("api")
        first = await asyncio.wait_for(anext(updates), 10)
        assert first.instances == ()  # Consul filters, it does not refuse
        nobody.use_token(management)
        async with asyncio.timeout(10):
            async for update in updates:
                if update.instances:
                    break
        nobody.use_token("11111111-1111-1111-1111-111111111111")
        with pytest.raises(ConsulForbiddenError, match="unknown to Consul"):
            await nobody.services()
        async with asyncio.timeout(10):
            async for update in updates:
                if update.stale:
                    break
        assert update.instances  # the last good set
        assert "token is unknown" in update.error

    rules = 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }'
    reader = await make_token(consul.http_addr, management, rules)
    async with ConsulServiceRegistry(consul.http_addr, token=reader) as no_kv:
        assert [one.id for one in await no_kv.instances("api")] == ["api-1"]
        with pytest.raises(ConsulForbiddenError, match='key "a/b" policy "read"'):
            await no_kv.kv.get("a/b")
    without_nodes = await make_token(consul.http_addr, management, 'service_prefix "" { policy = "read" }')
    async with ConsulServiceRegistry(consul.http_addr, token=without_nodes) as blind:
        update = await asyncio.wait_for(anext(blind.watch_instances("api")), 10)
        assert (update.instances, update.known) == ((), True)  # listed, but its nodes may not be read


async def test_https_with_a_ca_a_server_name_and_client_certificates(
    make_consul: MakeConsul, consul_binary: Path, tmp_path: Path
) -> None:
    pki = tmp_path / "pki"
    pki.mkdir()
    for arguments in (["ca"], ["cert", "-server"], ["cert", "-client"]):
        command = [str(consul_binary), "tls", arguments[0], "create", *arguments[1:]]
        await asyncio.to_thread(subprocess.run, command, cwd=pki, check=True, capture_output=True)
    ca = str(pki / "consul-agent-ca.pem")
    consul = make_consul(
        ca_file=ca,
        cert_file=str(pki / "dc1-server-consul-0.pem"),
        key_file=str(pki / "dc1-server-consul-0-key.pem"),
        verify_incoming=True,
    )
    (port,) = free_ports(1)
    consul._ports["https"] = port
    await consul.start()
    address = f"https://127.0.0.1:{port}"
    client = {
        "client_cert": str(pki / "dc1-client-consul-0.pem"),
        "client_key": str(pki / "dc1-client-consul-0-key.pem"),
    }

    name = "server.dc1.consul"
    async with ConsulServiceRegistry(address, tls=TLSFiles(cacert=ca, server_name=name, **client)) as registry:
        assert await registry.leader() == consul.rpc_addr
        await registry.kv.put("secure", "yes", cas=0)
    environ = {
        "CONSUL_HTTP_ADDR": f"127.0.0.1:{port}",
        "CONSUL_HTTP_SSL": "true",
        "CONSUL_HTTP_SSL_VERIFY": "false",
        "CONSUL_CLIENT_CERT": client["client_cert"],
        "CONSUL_CLIENT_KEY": client["client_key"],
    }
    async with ConsulServiceRegistry.from_env(environ) as registry:
        assert await registry.kv.level() == ("secure",)

    for tls, said in (
        (TLSFiles(server_name=name, **client), "CONSUL_CACERT"),  # an unknown CA
        (TLSFiles(cacert=ca, server_name="other.example", **client), "certificate"),
        (TLSFiles(cacert=ca, server_name=name), "cannot be reached"),  # no client certificate
    ):
        async with ConsulServiceRegistry(address, tls=tls, timeout=5) as registry:
            with pytest.raises(ConsulUnreachableError, match=said):
                await registry.leader()
    async with ConsulServiceRegistry(f"127.0.0.1:{port}", timeout=5) as plain:
        with pytest.raises(RegistryError):  # http where https is spoken
            await plain.leader()


async def test_a_unix_socket(make_consul: MakeConsul, tmp_path: Path, eventually: Eventually) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="hp") as short:  # a socket's path is at most 107 bytes
        socket = Path(short) / "s"
        consul = make_consul(addresses={"http": f"127.0.0.1 unix://{socket}"})
        await consul.start()
        async with ConsulServiceRegistry(f"unix://{socket}") as registry:
            assert await registry.leader() == consul.rpc_addr
            await registry.register(ONE)
            update = await asyncio.wait_for(anext(registry.watch_instances("api")), 10)
            assert update.instances[0].id == "api-1"
    async with ConsulServiceRegistry(f"unix://{tmp_path}/none") as registry:
        with pytest.raises(ConsulUnreachableError, match="unix://"):
            await registry.leader()


@asynccontextmanager
async def something_else(answer: bytes | None) -> AsyncIterator[str]:
    """A server that is no Consul: sends ``answer`` to whatever it reads, or hangs up when it is None."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            if answer is not None:
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


def http(status: str, body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, ConsulUnreachableError),
        (b"", ConsulUnreachableError),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ConsulUnreachableError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", ConsulUnreachableError),
        (http("200 OK", b"<html>Welcome to nginx</html>"), NotConsulError),
        (http("200 OK", b"\xff\xfe\x00"), MalformedResponseError),
        (http("200 OK", b"[1, 2]"), MalformedResponseError),
        (http("502 Bad Gateway", b"<html>\xff</html>"), NotConsulError),
        (http("301 Moved", b"", "Location: http://127.0.0.1:1/\r\n"), ConsulResponseError),
        (http("429 Too Many Requests", b"Your IP is issuing too many"), TooManyConnectionsError),
        (http("400 Bad Request", b"Client sent an HTTP request to an HTTPS server."), ConsulResponseError),
        (http("200 OK", b"{}", "Content-Encoding: gzip\r\n"), ConsulUnreachableError),
    ],
)
async def test_something_that_is_no_consul_is_one_of_our_errors(
    answer: bytes | None, kind: type[RegistryError]
) -> None:
    async with something_else(answer) as address, ConsulServiceRegistry(address, timeout=5) as registry:
        with pytest.raises(RegistryError) as caught:
            await registry.services()
        assert type(caught.value) is kind
        assert "expected" in str(caught.value) or "429" not in str(caught.value)


async def test_headers_that_lie_or_are_missing_do_not_make_a_watch_spin() -> None:
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"/v1/status/leader" in head:  # the heartbeat
                    writer.write(http("200 OK", b'"127.0.0.1:8300"'))
                    continue
                asked += 1
                writer.write(http("200 OK", b"{}", "X-Consul-Index: banana\r\nX-Consul-LastContact: -1\r\n"))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with ConsulServiceRegistry(address, rules=WatchRules(interval=0.25)) as registry:
        updates = registry.watch_services()
        assert (await asyncio.wait_for(anext(updates), 5)).services == ()
        with pytest.raises(TimeoutError):  # nothing else to publish, for a second
            await asyncio.wait_for(anext(updates), 1.0)
        await updates.aclose()
    server.close()
    assert 1 <= asked <= 8


async def test_nobody_there() -> None:
    (port,) = free_ports(1)
    async with ConsulServiceRegistry(f"127.0.0.1:{port}") as registry:
        with pytest.raises(ConsulUnreachableError, match="refused") as caught:
            await registry.leader()
        assert caught.value.address == f"127.0.0.1:{port}"
        status = await registry.probe()
        assert "refused" in status.error
    async with ConsulServiceRegistry("no-such-host.invalid:8500") as registry:
        with pytest.raises(ConsulUnreachableError, match="no-such-host"):
            await registry.leader()
    closed = ConsulServiceRegistry(f"127.0.0.1:{port}")
    await closed.close()
    with pytest.raises(RegistryClosedError, match="closed"):
        await closed.leader()
