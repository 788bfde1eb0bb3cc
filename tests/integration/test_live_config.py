"""Settings in Consul KV that a running service follows, on a real Consul."""

from __future__ import annotations

from typing import Annotated

import pytest
from msgspec import Meta, Struct

from hp_tui.balancer import LoadBalancedGRPCClient
from hp_tui.heartpulse.live_settings import key_of
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.registry import ConsulServiceRegistry, LiveConfig
from tests.integration.fleet_processes import FleetProcesses, passing

KEY = "config/example.json"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=10)] = 3


@pytest.fixture
async def registry(consul):
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        yield registry


async def put(registry: ConsulServiceRegistry, value: bytes) -> int:
    entry = await registry.kv.get(KEY)
    return (await registry.kv.put(KEY, value, cas=entry.modify_index if entry else 0)).modify_index


async def test_the_default_holds_until_a_value_is_there_and_again_when_it_is_deleted(registry, eventually):
    async with LiveConfig(registry.kv, KEY, Settings, Settings()) as config:
        assert config.value.limit == 3
        index = await put(registry, b'{"limit": 5}')
        await eventually(lambda: config.value.limit == 5)
        assert config.index == index
        await registry.kv.delete(KEY, cas=index)
        await eventually(lambda: config.value.limit == 3)
        assert config.index == 0


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b'{"limit": 11}', "Expected `int` <= 10 - at `$.limit`"),
        (b'{"limit": "five"}', "Expected `int`, got `str` - at `$.limit`"),
        (b'{"limits": 5}', "unknown field `limits`"),
        (b"{", "Input data was truncated"),
        (b"", "Input data was truncated"),
    ],
)
async def test_a_bad_edit_keeps_the_last_good_value_and_is_named(registry, eventually, bad, says):
    async with LiveConfig(registry.kv, KEY, Settings, Settings()) as config:
        good = await put(registry, b'{"limit": 5}')
        await eventually(lambda: config.value.limit == 5)
        index = await put(registry, bad)
        await eventually(lambda: config.error)
        assert says in config.error
        assert f"{KEY} at index {index} is not used" in config.error
        assert (config.value.limit, config.index) == (5, good)
        await put(registry, b'{"limit": 6}')
        await eventually(lambda: config.value.limit == 6)
        assert config.error == ""


async def test_without_consul_the_last_value_stays(consul, registry, eventually):
    await put(registry, b'{"limit": 5}')
    async with LiveConfig(registry.kv, KEY, Settings, Settings()) as config:
        await eventually(lambda: config.value.limit == 5)
        await consul.stop()
        assert config.value.limit == 5
        await consul.start()
        await put(registry, b'{"limit": 7}')
        await eventually(lambda: config.value.limit == 7, 30)


async def test_a_closed_registry_ends_the_following_and_keeps_the_value(consul, eventually):
    registry = ConsulServiceRegistry(consul.http_addr)
    async with LiveConfig(registry.kv, KEY, Settings, Settings()) as config:
        await put(registry, b'{"limit": 5}')
        await eventually(lambda: config.value.limit == 5)
        await registry.close()
        assert config.value.limit == 5


async def test_an_edit_changes_the_critics_next_answer_and_a_bad_one_does_not(consul, registry, tmp_path, eventually):
    key = key_of("critic-agent")
    async with FleetProcesses(tmp_path) as fleet:
        service = await fleet.start("critic-agent", consul.http_addr)
        await passing(registry, "critic-agent", eventually)
        async with LoadBalancedGRPCClient("critic-agent", registry) as client:

            async def rules() -> set[str]:
                request = CritiqueRequest(text="three short words")
                reply = await client.call(CriticAgentStub, "Critique", request, timeout=20)
                return {remark.rule for remark in reply.remarks}

            async def lenient() -> bool:
                return "too-short" not in await rules()

            assert "too-short" in await rules()
            index = (await registry.kv.put(key, b'{"min_words": 2}', cas=0)).modify_index
            await eventually(lenient)
            await registry.kv.put(key, b'{"min_words": "many"}', cas=index)
            await eventually(lambda: "is not used" in service.log)
            assert "too-short" not in await rules(), "the last good value stays"
