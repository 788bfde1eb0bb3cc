"""Consul behind a reverse proxy: its pages are not Consul's answers, and what it strips is told."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry, NotConsulError, Subscription, WatchRules
from tests.integration.consuls.servers import Proxy, serving

pytestmark = pytest.mark.integration

ONE = ServiceDefinition("api", "api-1", "127.0.0.1", 1)
QUICK = WatchRules(first_backoff=0.1, max_backoff=0.3, first_wait=0.5)
LOGIN = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>…</body></html>"


async def until(updates: Subscription[Any], holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(40):
        async for update in updates:
            if holds(update):
                return update
    raise AssertionError("the watch ended")


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (lambda: web.Response(text=LOGIN, content_type="text/html"), "status 200 and an HTML page .'Sign in'"),
        (lambda: web.Response(status=404, text="no such route"), "status 404 and a 404 without Consul's marks"),
        (lambda: web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html"), "status 502"),
    ],
)
async def test_watch_5_a_page_of_the_proxy_is_no_answer_and_changes_nothing_that_was_known(
    consul: ConsulAgent, page: Callable[[], web.Response], says: str
) -> None:
    proxy = Proxy(consul.http_addr)
    async with serving(proxy) as address, ConsulServiceRegistry(address, rules=QUICK) as registry:
        await registry.register(ONE)
        await registry.kv.put("a", "1", cas=0)
        instances, key = registry.watch_instances("api"), registry.kv.watch("a")
        await until(instances, lambda update: bool(update.instances))
        await until(key, lambda update: update.entry is not None)
        proxy.before = lambda _: page()
        lost = await until(instances, lambda update: update.stale)
        assert [one.id for one in lost.instances] == ["api-1"]
        assert "not Consul: GET /v1/" in lost.error
        assert (await until(key, lambda update: update.stale)).entry is not None
        for ask in (registry.kv.get("a"), registry.services(), registry.deregister("api-1")):
            with pytest.raises(NotConsulError, match=says):
                await ask
        proxy.before = lambda _: None
        assert [one.id for one in (await until(instances, lambda update: not update.stale)).instances] == ["api-1"]
        assert await registry.kv.get("nothing") is None  # and Consul's own 404 is one


async def test_watch_3_a_proxy_that_strips_the_index_slows_a_watch_down_with_a_note(consul: ConsulAgent) -> None:
    proxy = Proxy(consul.http_addr, strip=("X-Consul-Index",))
    async with serving(proxy) as address, ConsulServiceRegistry(address, rules=QUICK) as registry:
        updates = registry.watch_instances("api")
        first = await until(updates, lambda _: True)
        assert first.note == "a proxy strips X-Consul-Index: asked every 5 s only"
        await registry.register(ONE)
        assert [one.id for one in (await until(updates, lambda update: bool(update.instances))).instances] == ["api-1"]
        assert proxy.requests.count("/v1/health/service/api") <= 4
        assert await registry.kv.get("nothing") is None  # its other marks are enough


async def test_a_user_and_a_password_for_the_proxy_go_with_every_request(consul: ConsulAgent) -> None:
    proxy = Proxy(consul.http_addr)
    expected = "Basic " + base64.b64encode("ops:pä ss".encode()).decode()

    def guard(request: web.Request) -> web.Response | None:
        return None if request.headers.get("Authorization") == expected else web.Response(status=401, text="who?")

    proxy.before = guard
    async with serving(proxy) as address:
        for registry in (
            ConsulServiceRegistry(address, http_auth="ops:pä ss"),
            ConsulServiceRegistry(f"http://ops:p%C3%A4%20ss@{address}"),
            ConsulServiceRegistry.from_env({"CONSUL_HTTP_ADDR": address, "CONSUL_HTTP_AUTH": "ops:pä ss"}),
        ):
            async with registry:
                assert await registry.leader() == consul.rpc_addr
                assert registry.address == address


async def test_a_namespace_of_an_open_source_consul_is_told_in_clear_words(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr, namespace="team") as registry:
        with pytest.raises(Exception, match=r"open source and has no namespaces.*CONSUL_NAMESPACE"):
            await registry.services()
