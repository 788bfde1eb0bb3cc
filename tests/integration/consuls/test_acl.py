"""A Consul that denies by default: what the token may not see is unknown, never empty."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from hp_tui.balancer import LoadBalancedGRPCClient
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.catalog import InstancesUpdate, ServicesUpdate
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.model.visibility import Visibility
from hp_tui.registry import ConsulForbiddenError, ConsulServiceRegistry, KVOp, Subscription, WatchRules
from tests.integration.consuls.acl_tokens import CONFIG, NO_NODES, NO_SERVICES, READ_ALL, start_with_acls
from tests.integration.grpc_servers import EchoServer, EchoStub, who

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
MakeConsul = Callable[..., ConsulAgent]
QUICK = WatchRules(first_backoff=0.1, max_backoff=0.5, first_wait=0.5)


def definition(port: int = 1) -> ServiceDefinition:
    check = CheckDefinition("ttl", ttl=600, initial_status="passing")
    return ServiceDefinition("echo", f"echo-{port}", "127.0.0.1", port, checks=(check,))


async def until(updates: Subscription[Any], holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(40):
        async for update in updates:
            if holds(update):
                return update
    raise AssertionError("the watch ended")


@pytest.mark.parametrize(("left", "right"), [(NO_NODES, "node:read"), (NO_SERVICES, "service:read")])
async def test_watch_5_rights_that_are_lost_keep_instances_and_a_clients_endpoints(
    make_consul: MakeConsul, eventually: Eventually, left: str, right: str
) -> None:
    consul = make_consul(**CONFIG)
    tokens = await start_with_acls(consul, eventually)
    server = await EchoServer("one").start()
    token = await tokens.make(READ_ALL)
    async with (
        ConsulServiceRegistry(consul.http_addr, token=tokens.management) as owner,
        ConsulServiceRegistry(consul.http_addr, token=token, rules=QUICK, wait=2.0) as reader,
        LoadBalancedGRPCClient("echo", reader) as client,
    ):
        await owner.register(definition(server.port))
        instances, services = reader.watch_instances("echo"), reader.watch_services()
        await until(instances, lambda update: bool(update.instances))
        await until(services, lambda update: len(update.services) == 2)
        stub: Any = client.stub(EchoStub)
        assert who(await stub.Unary(b"x", timeout=20)) == "one"

        await tokens.edit(token, left)
        lost = await until(instances, lambda update: update.stale)
        assert isinstance(lost, InstancesUpdate)
        assert lost.error == f"rights lost: {right}; this is the last good answer"
        assert (lost.visibility, [one.id for one in lost.instances]) == (
            Visibility.FILTERED,
            [f"echo-{server.port}"],
        )
        if right == "service:read":
            listed = await until(services, lambda update: update.stale)
            assert isinstance(listed, ServicesUpdate)
            assert [one.name for one in listed.services] == ["consul", "echo"]
        assert who(await stub.Unary(b"x", timeout=20)) == "one"
        assert client.snapshot().stale
        assert [view.endpoint.instance_id for view in client.snapshot().endpoints] == [f"echo-{server.port}"]

        await tokens.edit(token, READ_ALL)
        back = await until(instances, lambda update: not update.stale)
        assert back.visibility is Visibility.WHOLE
        await owner.deregister(f"echo-{server.port}")  # and what is really gone is gone
        assert (await until(instances, lambda update: not update.instances)).stale is False
    await server.stop()


async def test_watch_5_a_token_that_never_saw_them_knows_that_it_does_not(
    make_consul: MakeConsul, eventually: Eventually
) -> None:
    consul = make_consul(**CONFIG)
    tokens = await start_with_acls(consul, eventually)
    async with (
        ConsulServiceRegistry(consul.http_addr, token=tokens.management) as owner,
        ConsulServiceRegistry(consul.http_addr, rules=QUICK) as nobody,
    ):
        await owner.register(definition())
        services = await until(nobody.watch_services(), lambda _: True)
        assert (services.services, services.visibility) == ((), Visibility.FILTERED)
        instances = await until(nobody.watch_instances("echo"), lambda _: True)
        assert (instances.instances, instances.visibility, instances.stale) == ((), Visibility.FILTERED, True)
        assert "rights missing" in instances.error
        whole = await until(owner.watch_instances("nothing-here"), lambda _: True)
        assert (whole.instances, whole.visibility, whole.stale) == ((), Visibility.WHOLE, False)
        nobody.use_token("11111111-1111-1111-1111-111111111111")
        refused = await until(nobody.watch_services(), lambda update: update.stale)
        assert refused.visibility is Visibility.DENIED


async def test_a_narrow_token_still_sees_its_own_service_come_and_go(
    make_consul: MakeConsul, eventually: Eventually
) -> None:
    consul = make_consul(**CONFIG)
    tokens = await start_with_acls(consul, eventually)
    narrow = await tokens.make(
        'service "echo" { policy = "read" } service "other" { policy = "read" } node_prefix "" { policy = "read" }'
    )
    async with (
        ConsulServiceRegistry(consul.http_addr, token=tokens.management) as owner,
        ConsulServiceRegistry(consul.http_addr, token=narrow, rules=QUICK) as reader,
    ):
        await owner.register(definition())
        await owner.register(replace(definition(), name="other", id="other"))
        updates = reader.watch_instances("echo")
        await until(updates, lambda update: bool(update.instances))
        await owner.deregister("echo-1")
        gone = await until(updates, lambda update: not update.instances)
        assert not gone.stale


async def test_is_withdrawn_with_service_write_alone(make_consul: MakeConsul, eventually: Eventually) -> None:
    consul = make_consul(**CONFIG)
    tokens = await start_with_acls(consul, eventually)
    token = await tokens.make('service "echo" { policy = "write" }')
    async with ConsulServiceRegistry(consul.http_addr, token=token) as registry:
        async with registry.keep_registered(definition(), interval=1.0) as registration:
            await registration.wait_registered(20)
            assert await registry.is_withdrawn("echo", "echo-1") is False
            await registry.set_maintenance("echo-1", True)
            assert await registry.is_withdrawn("echo", "echo-1") is True
            await registry.set_maintenance("echo-1", False)
        assert await registry.is_withdrawn("echo", "echo-1") is True


async def test_kv_2_what_a_token_may_not_write_is_refused_alone(
    make_consul: MakeConsul, eventually: Eventually
) -> None:
    consul = make_consul(**CONFIG)
    tokens = await start_with_acls(consul, eventually)
    token = await tokens.make('key_prefix "mine/" { policy = "write" }')
    async with ConsulServiceRegistry(consul.http_addr, token=token) as registry:
        ops = [KVOp("set", key, b"x") for key in ("mine/1", "theirs/1", "mine/2", "theirs/2")]
        result = await registry.kv.batch(ops)
        assert result.done == ("mine/1", "mine/2")
        assert [error.key for error in result.errors] == ["theirs/1", "theirs/2"]
        assert all("Permission denied" in error.what for error in result.errors)
        with pytest.raises(ConsulForbiddenError, match='key "theirs/1" policy "write"'):
            await registry.kv.txn(ops)


async def test_a_token_file_is_read_again_when_it_changes(
    make_consul: MakeConsul, eventually: Eventually, tmp_path: Path
) -> None:
    consul = make_consul(**CONFIG)
    tokens = await start_with_acls(consul, eventually)
    file = tmp_path / "token"
    file.write_text(f"{await tokens.make(READ_ALL)}\n")
    environ = {
        "CONSUL_HTTP_ADDR": consul.http_addr,
        "CONSUL_HTTP_TOKEN_FILE": str(file),
        "CONSUL_HTTP_TOKEN": "11111111-1111-1111-1111-111111111111",  # the file comes before it
    }
    async with ConsulServiceRegistry.from_env(environ) as registry:
        await eventually(registry.services)  # the server has registered itself, and this token sees it
        with pytest.raises(ConsulForbiddenError):
            await registry.kv.put("a", "1", cas=0)
        file.write_text(tokens.management)
        await registry.kv.put("a", "1", cas=0)
        file.unlink()  # as while somebody replaces it: the last one goes on
        assert (await registry.kv.get("a")) is not None
