"""Our own handling of real Consul processes."""

from __future__ import annotations

import os
import signal

import aiohttp

from hp_tui.demo.consul_agent import ConsulAgent


async def read(agent: ConsulAgent, path: str):
    async with aiohttp.ClientSession() as http, http.get(f"http://{agent.http_addr}/v1/{path}") as answer:
        return await answer.json()


async def test_the_private_consul_runs_the_projects_configuration(consul):
    about = await read(consul, "agent/self")
    assert about["Config"]["Datacenter"] == "heart-pulse-dc1"
    assert about["DebugConfig"]["ConnectEnabled"] is True
    async with aiohttp.ClientSession() as http, http.get(f"http://{consul.http_addr}/ui/") as page:
        assert page.status == 200


async def test_restart_keeps_state_and_wipe_loses_it(consul):
    async with aiohttp.ClientSession() as http:
        await http.put(f"http://{consul.http_addr}/v1/kv/a", data=b"1")
    await consul.restart()
    assert (await read(consul, "kv/a"))[0]["Key"] == "a"
    await consul.restart(wipe=True)
    async with aiohttp.ClientSession() as http, http.get(f"http://{consul.http_addr}/v1/kv/a") as answer:
        assert answer.status == 404


async def test_a_killed_agent_is_gone(consul):
    pid = consul.pid
    os.kill(pid, signal.SIGKILL)
    await consul.stop()
    assert not consul.running


async def test_three_servers_elect_one_leader(consul_cluster):
    leaders = {await read(server, "status/leader") for server in consul_cluster.servers}
    assert len(leaders) == 1
    assert leaders <= {server.rpc_addr for server in consul_cluster.servers}


async def test_consul_keeps_metrics_for_prometheus(consul):
    url = f"http://{consul.http_addr}/v1/agent/metrics?format=prometheus"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        assert "consul_" in await answer.text()
